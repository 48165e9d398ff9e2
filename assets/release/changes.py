"""What a release changed against the one before: both restricted databases, joined in full per kind of entity."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from assets.merge import Merge
from assets.release.candidate import Candidate
from expectations.contracts.model import Table
from expectations.contracts.tables import TABLES
from resources.duck import identifier, quote
from resources.keys import attach_encrypted, previous_key

ENTITIES = {"resident": TABLES["residents"], "house": TABLES["houses"], "vehicle": TABLES["vehicles"]}
NOT_A_CHANGE = frozenset({"first_seen", "last_seen", "source_count"})
"""Columns that move every night without anything about the entity having changed."""


@contextmanager
def previous_attached(con: duckdb.DuckDBPyConnection, merge: Merge) -> Iterator[None]:
    """Attach the restricted database of the release before as ``previous``; on the first night an empty one."""
    try:
        if merge.previous:
            attach_encrypted(con, merge.previous / "restricted.duckdb", "previous", previous_key(merge.settings))
        else:
            con.execute("ATTACH ':memory:' AS previous")
        yield
    finally:
        con.execute("DETACH DATABASE IF EXISTS previous")


def build_changes(con: duckdb.DuckDBPyConnection, merge: Merge, candidate: Candidate) -> str:
    """The relation behind ``changes``; needs ``previous`` attached and the entities and ``id_ledger`` of this release
    stored.

    Born and gone are told by the two releases, their cause (merged, split) by tonight's entries of the id ledger.
    """
    parts = [_compared(con, entity_type, table) for entity_type, table in ENTITIES.items()]
    con.execute("CREATE OR REPLACE TEMP TABLE release_compared AS " + " UNION ALL ".join(parts))
    con.execute(
        """CREATE OR REPLACE TEMP TABLE release_changes AS
        WITH told AS (
            SELECT DISTINCT entity_type, entity_id, event, other_id FROM restricted.id_ledger
            WHERE release_id = $id AND event IN ('merged', 'split')
        ),
        all_changes AS (
            SELECT entity_type, entity_id, event AS change, other_id, NULL::VARCHAR[] AS changed_columns FROM told
            UNION ALL
            SELECT c.entity_type, c.entity_id, c.change, NULL, c.changed_columns
            FROM release_compared c
            LEFT JOIN told t ON t.entity_type = c.entity_type AND t.entity_id = c.entity_id
                AND (c.change, t.event) IN (('created', 'split'), ('retired', 'merged'))
            WHERE t.entity_id IS NULL
        )
        SELECT $id AS release_id, *, $at::TIMESTAMPTZ AS changed_at FROM all_changes""",
        {"id": candidate.release_id, "at": candidate.created_at},
    )
    return "release_changes"


def _compared(con: duckdb.DuckDBPyConnection, entity_type: str, table: Table) -> str:
    """Entities of one kind that are only in one of the two releases, or differ, with the names of the columns."""
    key = table.key[0]
    known = _previous_columns(con, table)
    if key not in known:  # the first night
        return (
            f"SELECT '{entity_type}' AS entity_type, {key} AS entity_id, 'created' AS change, "
            f"NULL::VARCHAR[] AS changed_columns FROM restricted.{table.name}"
        )
    names = [c.name for c in table.columns if c.name in known - NOT_A_CHANGE - {key}]
    marks = ", ".join(
        f"CASE WHEN n.{identifier(c)} IS DISTINCT FROM p.{identifier(c)} THEN {quote(c)} END" for c in names
    )
    return f"""SELECT '{entity_type}' AS entity_type, * FROM (
        SELECT coalesce(n.{key}, p.{key}) AS entity_id,
            CASE WHEN p.{key} IS NULL THEN 'created' WHEN n.{key} IS NULL THEN 'retired' ELSE 'updated' END AS change,
            CASE WHEN p.{key} IS NOT NULL AND n.{key} IS NOT NULL
                THEN list_filter([{marks}], lambda x: x IS NOT NULL) END AS changed_columns
        FROM restricted.{table.name} n
        FULL JOIN previous.{table.name} p ON p.{key} = n.{key}
    ) WHERE change <> 'updated' OR len(changed_columns) > 0"""


def _previous_columns(con: duckdb.DuckDBPyConnection, table: Table) -> set[str]:
    # a column that the release before did not have yet is no change of its entities
    rows = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = 'previous' AND table_name = ?", [table.name]
    ).fetchall()
    return {name for (name,) in rows}
