"""Which rows break a rule: named by their key, or by file and row, never by a value of a person.

Looked up only when a rule is broken, so a good night pays nothing for it.
"""

from __future__ import annotations

import duckdb

from expectations.contracts.model import Sensitivity, Table

MOST = 20
"""So many rows are named; the count of the rest is in ``observed``."""

_PLACES = ("delivery_id", "file", "row_number", "event_id", "day", "reason", "measure")
"""Columns beside the ids that a rule's query may name its rows by."""


def examples(con: duckdb.DuckDBPyConnection, table: Table, relation: str, condition: str) -> tuple[str, ...]:
    """Rows of ``relation`` (the table, whole or in part) where ``condition`` holds, in order.

    A row is named by the columns of the table's key, else of its order, that tell nothing about a person.
    """
    names = [n for n in table.key or table.order_by if table.column(n).sensitivity is Sensitivity.NONE]
    return _named(con, f"SELECT * FROM {relation} WHERE {condition}", names)


def examples_of(con: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    """Rows of a rule's own query, named by its columns that are ids or places. A query without any names none."""
    columns = [name for name, *_ in con.execute(f"DESCRIBE {query}").fetchall()]
    return _named(con, query, [c for c in columns if c in _PLACES or (c.endswith("_id") and c != "release_id")])


def _named(con: duckdb.DuckDBPyConnection, query: str, names: list[str]) -> tuple[str, ...]:
    if not names:
        return ()
    said = "concat_ws(' ', " + ", ".join(f'"{n}"' for n in names) + ")"
    rows = con.execute(f"SELECT DISTINCT {said} AS said FROM ({query}) broken ORDER BY said LIMIT {MOST}").fetchall()
    return tuple(said for (said,) in rows if said)
