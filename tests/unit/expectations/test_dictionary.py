"""The page in the docs and the contract say the same."""

from __future__ import annotations

from pathlib import Path

from expectations.contracts.tables import TABLES
from expectations.dictionary import columns_of, markdown

PAGE = Path(__file__).parents[3] / "docs" / "data-dictionary.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), "run: python -m expectations.dictionary"


def test_a_masked_column_is_indirect_under_its_open_name() -> None:
    entry = next(e for e in columns_of(TABLES["residents"], is_open=True) if e.column == "name_masked")
    assert (entry.type, entry.sensitivity) == ("VARCHAR", "indirect")
    assert all(e.sensitivity in ("none", "indirect") for t in TABLES.values() for e in columns_of(t, is_open=True))
