"""Which rows break a rule: named by their key, or by file and row, never by a value of a person.

Looked up only when a rule is broken, so a good night pays nothing for it.
"""

from __future__ import annotations

import duckdb

MOST = 20
"""So many rows are named; the count of the rest is in ``observed``."""

_IN_FILES = frozenset({"company", "dataset", "delivery_id", "file", "row_number", "event_id", "day"})
_IN_TABLES = frozenset({"table", "column", "reason", "column_name", "measure"})
_PLACES = _IN_FILES | _IN_TABLES
"""Columns beside the ids that a row may be named by."""


def names_a_row(column: str) -> bool:
    """Whether a column of this name tells which row is meant and nothing about a person."""
    return column in _PLACES or (column.endswith("_id") and column != "release_id")


def examples_of(con: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    """Rows of a rule's own query, named by its columns that are ids or places. A query without any names none."""
    names = [name for name, *_ in con.execute(f"DESCRIBE {query}").fetchall() if names_a_row(name)]
    if not names:
        return ()
    said = "concat_ws(' ', " + ", ".join(f'"{n}"' for n in names) + ")"
    rows = con.execute(f"SELECT DISTINCT {said} AS said FROM ({query}) broken ORDER BY said LIMIT {MOST}").fetchall()
    return tuple(said for (said,) in rows if said)
