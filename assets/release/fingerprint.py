"""Whether two tables, or two releases, hold the same rows: a checksum that does not depend on their order."""

from __future__ import annotations

import hashlib
import json

import duckdb

from expectations.contracts.model import Table
from resources.duck import identifier

CLOCK_TABLES = frozenset({"releases", "checks", "changes", "loads"})
"""Tables that tell about the making of a release rather than the city; equal content may differ here."""

CLOCK_COLUMNS = {name: {"release_id"} for name in ("id_ledger", "former_ids", "accuracy")}
"""Columns that name releases, in tables that otherwise tell of the city."""


def row_count_and_checksum(con: duckdb.DuckDBPyConnection, table: Table, relation: str) -> tuple[int, str]:
    """Rows, and the sum of the rows' hashes (64 bits each): equal for equal rows in any order, duplicates included.

    ``relation`` has the table's full columns. Columns that carry the making of the release are left out. The hash is
    DuckDB's own, far cheaper than a digest of the row's text: another version of DuckDB may have another, and then
    equal rows look changed, once. It tells whether anything changed, not whether somebody changed it.
    """
    left_out = CLOCK_COLUMNS.get(table.name, set())
    columns = table.columns if table.where != "open" else table.open_columns
    parts = ", ".join(f"CAST({identifier(c.name)} AS {c.type})" for c in columns if c.name not in left_out)
    row = con.execute(f"SELECT count(*), coalesce(sum(hash({parts})), 0) FROM {relation}").fetchone()
    assert row is not None
    return int(row[0]), f"{int(row[1]):024x}"


def content_fingerprint(checksums: dict[str, str]) -> str:
    """One digest over the checksums of every table that describes the city."""
    content = {name: value for name, value in checksums.items() if name not in CLOCK_TABLES}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
