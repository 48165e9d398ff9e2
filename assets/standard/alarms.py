"""What is wrong with a whole file: faults that single rows cannot show."""

from __future__ import annotations

import duckdb

from assets.standard.stage import STAGED
from expectations.contracts.model import Dataset
from resources.duck import quote

ENOUGH = 20
"""Rows below which a share says nothing about a file."""


def alarms(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> list[str]:
    """Alarms of a staged delivery, one sentence each, naming the file and what to do; sorted by file."""
    found: list[tuple[str, str]] = []
    for name in (f.name for f in dataset.fields if f.kind == "id_number"):
        found += _identity(con, name)
    if dataset.name == "residents":
        found += _sex(con)
    return [f"{file}: {said}" for file, said in sorted(found)]


def _identity(con: duckdb.DuckDBPyConnection, name: str) -> list[tuple[str, str]]:
    """More than half of the IDs rounded by a spreadsheet, or none but those with an X, which is no digit, left."""
    lost = ", ".join(quote(f"{code}:{name}") for code in ("id_damaged", "id_invalid", "value_masked"))
    rows = con.execute(
        f"""SELECT file, count(*) AS sent, count(*) FILTER (WHERE list_contains(warnings, 'id_damaged:{name}')),
            count(*) FILTER (WHERE length({name}) = 18) AS whole,
            count(*) FILTER (WHERE length({name}) = 18 AND right({name}, 1) = 'X') AS with_x
        FROM {STAGED} WHERE {name} IS NOT NULL OR list_has_any(warnings, [{lost}]) GROUP BY file"""
    ).fetchall()
    remedy = "format the column as text and export again"
    out = []
    for file, sent, damaged, whole, with_x in rows:
        if 2 * damaged > sent:
            out.append((file, f"{damaged} of {sent} ID numbers ({name}) were stored as numbers; {remedy}"))
        if sent >= ENOUGH and whole and whole == with_x:
            out.append((file, f"of {sent} ID numbers ({name}) only the {whole} that end in X are whole; {remedy}"))
    return out


def _sex(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    rows = con.execute(
        f"""SELECT file, count(*), count(*) FILTER (WHERE list_contains(warnings, 'sex_conflict:sex'))
        FROM {STAGED} WHERE sex__compared GROUP BY file"""
    ).fetchall()
    return [
        (file, f"sex contradicts the ID number in {against} of {n} records; check codes.sex of the feed")
        for file, n, against in rows
        if n >= ENOUGH and 2 * against > n
    ]
