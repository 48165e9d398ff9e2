"""What leads from one release to another: both restricted databases, joined in full per kind of entity."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from assets.merge import Merge
from assets.register.ledger import former_ids
from assets.release.candidate import Candidate
from assets.release.city import SQL
from expectations.contracts.model import Table
from expectations.contracts.tables import TABLES
from resources.duck import connect, identifier, quote
from resources.keys import attach_encrypted, previous_key, restricted_key
from resources.models import Sql, run_model
from resources.settings import Settings

ENTITIES = {"resident": TABLES["residents"], "house": TABLES["houses"], "vehicle": TABLES["vehicles"]}
LINKS = {"resident": TABLES["occupancies"], "vehicle": TABLES["vehicle_holdings"]}
"""Whose rows change with an entity: the table's name then stands among the entity's changed columns."""
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


def build_changes(con: duckdb.DuckDBPyConnection, candidate: Candidate) -> str:
    """The relation behind ``changes``; needs ``previous`` attached and the entities, links and ``id_ledger`` of this
    release stored."""
    _compare(con, "previous", "restricted")
    named = f"{quote(candidate.release_id)} AS release_id"
    timed = f"TIMESTAMPTZ {quote(candidate.created_at.isoformat())} AS changed_at"
    return f"(SELECT {named}, *, {timed} FROM release_compared)"


@dataclass(frozen=True)
class Change:
    """One entity that is different in the later release; as a row of ``changes``."""

    entity_type: str
    entity_id: str
    change: str
    other_id: str | None
    changed_columns: list[str] | None


@dataclass(frozen=True)
class Difference:
    """What leads from release ``old`` to release ``new``. ``counts``: entity type → change → entities."""

    old: str
    new: str
    counts: dict[str, dict[str, int]]
    changes: list[Change]

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {"old": self.old, "new": self.new, "counts": self.counts, "changes": [vars(c) for c in self.changes]}


def difference(settings: Settings, old: Path, new: Path, *, most: int | None = None) -> Difference:
    """Compare two release folders, in either order of time; the first ``most`` changes are listed, all are counted.

    Between a release and the one before it this is its table ``changes``. Names of columns are told, never values.
    Raises :class:`resources.keys.KeyProblem` where the key in force (or, for a release from before its change,
    REGISTER_KEY_PREVIOUS) does not open one of the two.
    """
    with connect(settings) as con:
        attach_encrypted(con, old / "restricted.duckdb", "older", previous_key(settings))
        attach_encrypted(con, new / "restricted.duckdb", "newer", restricted_key(settings))
        _compare(con, "older", "newer")
        counts: dict[str, dict[str, int]] = {}
        for kind, change, n in con.execute(
            "SELECT entity_type, change, count(*) FROM release_compared GROUP BY ALL ORDER BY ALL"
        ).fetchall():
            counts.setdefault(kind, {})[change] = n
        rows = con.execute(
            "SELECT entity_type, entity_id, change, other_id, changed_columns FROM release_compared "
            f"ORDER BY ALL LIMIT {most if most is not None else 'ALL'}"
        ).fetchall()
    return Difference(old.name, new.name, counts, [Change(*row) for row in rows])


def _compare(con: duckdb.DuckDBPyConnection, old: str, new: str) -> None:
    """``release_compared`` from two attached restricted databases; see ``sql/changes.sql``."""
    parts = [_compared(con, kind, old, new) for kind in ENTITIES]
    con.execute("CREATE OR REPLACE TEMP TABLE differing AS " + " UNION ALL ".join(parts))
    former_ids(con, f"{new}.id_ledger")
    run_model(con, SQL / "changes.sql", ledger=Sql(f"{new}.id_ledger"))


def _compared(con: duckdb.DuckDBPyConnection, entity_type: str, old: str, new: str) -> str:
    """Entities of one kind that are only in one of the two databases, or differ, with the names of the columns."""
    table = ENTITIES[entity_type]
    key = table.key[0]
    names = _common_columns(con, table, old)
    if key not in names:  # the first night
        return (
            f"SELECT '{entity_type}' AS entity_type, {key} AS entity_id, 'created' AS change, "
            f"NULL::VARCHAR[] AS changed_columns FROM {new}.{table.name}"
        )
    marks = [
        f"CASE WHEN n.{identifier(c)} IS DISTINCT FROM p.{identifier(c)} THEN {quote(c)} END"
        for c in names
        if c not in NOT_A_CHANGE | {key}
    ]
    links = LINKS.get(entity_type)
    if links:
        marks.append(f"CASE WHEN l.{key} IS NOT NULL THEN {quote(links.name)} END")
    relinked = f"LEFT JOIN ({_relinked(con, links, key, old, new)}) l ON l.{key} = n.{key}" if links else ""
    return f"""SELECT '{entity_type}' AS entity_type, * FROM (
        SELECT coalesce(n.{key}, p.{key}) AS entity_id,
            CASE WHEN p.{key} IS NULL THEN 'created' WHEN n.{key} IS NULL THEN 'retired' ELSE 'updated' END AS change,
            CASE WHEN p.{key} IS NOT NULL AND n.{key} IS NOT NULL
                THEN list_filter([{", ".join(marks)}], lambda x: x IS NOT NULL) END AS changed_columns
        FROM {new}.{table.name} n
        FULL JOIN {old}.{table.name} p ON p.{key} = n.{key}
        {relinked}
    ) WHERE change <> 'updated' OR len(changed_columns) > 0"""


def _relinked(con: duckdb.DuckDBPyConnection, links: Table, key: str, old: str, new: str) -> str:
    """The entities whose links are not the same rows in both databases."""
    names = ", ".join(identifier(c) for c in _common_columns(con, links, old))
    sides = [f"SELECT {names} FROM {database}.{links.name}" for database in (old, new)]
    only = " UNION ALL ".join(f"(({a}) EXCEPT ALL ({b}))" for a, b in (sides, reversed(sides)))
    return f"SELECT DISTINCT {key} FROM ({only}) only_in_one"


def _common_columns(con: duckdb.DuckDBPyConnection, table: Table, old: str) -> list[str]:
    # a column that the old release did not have yet is no change of its entities
    rows = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND table_name = ?", [old, table.name]
    ).fetchall()
    return [c.name for c in table.columns if (c.name,) in rows]
