"""Masks: what an analyst sees instead of a name, a phone, a plate, a birth date."""

from __future__ import annotations

import re
from dataclasses import replace

import duckdb
import pytest

from expectations.contracts.masks import MASKED_FORMS, MASKS, open_type, open_value
from expectations.contracts.model import Column, Sensitivity
from expectations.contracts.tables import TABLES

_COLUMN = Column("v", "VARCHAR", "", "", sensitivity=Sensitivity.DIRECT)


@pytest.mark.parametrize(
    ("mask", "value", "seen"),
    [
        ("name", "张三丰", "张*"),
        ("name", "O'Neill", "O*"),
        ("name", None, None),
        ("phone", "13812345678", "138****5678"),
        ("phone", "055162345678", "****78"),
        ("plate", "皖A12345", "皖A***45"),
        ("plate", "皖AD12345", "皖A***45"),
        ("plate", "123456使", "12***6使"),
    ],
)
def test_mask(mask: str, value: str | None, seen: str | None) -> None:
    with duckdb.connect() as con:
        query = f"SELECT {open_value(replace(_COLUMN, mask=mask))} FROM (SELECT CAST(? AS VARCHAR) AS v) t"
        assert con.execute(query, [value]).fetchone() == (seen,)
    assert seen is None or re.search(MASKED_FORMS[mask], seen)


def test_birth_year_is_a_number() -> None:
    column = TABLES["residents"].column("birth_date")
    with duckdb.connect() as con:
        found = con.execute(f"SELECT {open_value(column)} FROM (SELECT DATE '1990-02-03' AS birth_date) t").fetchone()
    assert (open_type(column), found) == ("INTEGER", (1990,))


def test_every_mask_of_the_contract_exists() -> None:
    assert {c.mask for t in TABLES.values() for c in t.columns if c.mask} <= set(MASKS)
