"""The id ledger: which id a cluster of records bears tonight, and what became of every id ever issued.

An id is assigned once and recognised by the keys of its records, in order of trust. The state of one entity type is
two files below ``state/``: ``entity_keys_<type>`` (kind, key, entity_id: every key an id ever held, one id per key)
and ``entities_<type>`` (entity_id, status, created_on, first_seen, merged_into).
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assets.register.stage import (
    Connection,
    Counts,
    RegisterError,
    count,
    model,
    scratch,
    stage_path,
    write,
    write_table,
)
from expectations.contracts.columns import ENTITY_TYPES
from resources.duck import quote
from resources.models import Sql

if TYPE_CHECKING:
    from assets.merge import Merge

RETIRED = "retired"
"""What :func:`current_id` answers for an id that was issued and has no records any more."""

STRONG = 3
"""Up to this trust, a key decides by itself which id a cluster bears, and two ids that it leads to are merged."""
SPLITS = 6
"""Up to this trust, losing a claim means that the new id was split from the one that kept the key."""
CONFLICT = 9
"""A lesser key between a cluster and an id whose keys of trust 1 differ."""


@dataclass(frozen=True)
class Kind:
    """One kind of key: how far it is trusted (1 belongs to one entity alone) and what a person calls it."""

    trust: int
    says: str


KINDS: dict[str, dict[str, Kind]] = {
    "resident": {
        "id": Kind(1, "ID number"),
        "nph": Kind(2, "name, phone and house"),
        "nbh": Kind(3, "name, birth date and house"),
        "rec": Kind(5, "record key"),
        "row": Kind(6, "unchanged row"),
        "nh": Kind(7, "name and house in the same export"),
    },
    "house": {
        "house": Kind(1, "house key"),
        "unitless": Kind(2, "building and room"),
        "rec": Kind(7, "record key"),
    },
    "vehicle": {"plate": Kind(1, "plate")},
}

_MOST_MERGES = 1000
"""An id that was merged on so many times in a row has gone in a circle."""

_KEYS = "kind VARCHAR, key VARCHAR, entity_id VARCHAR"
_ENTITIES = "entity_id VARCHAR, status VARCHAR, created_on DATE, first_seen DATE, merged_into VARCHAR"
_EVENTS = "entity_type, entity_id, event, other_id, cause, as_of, release_id"


def previous(con: Connection, merge: Merge, name: str, view: str, columns: str) -> None:
    """Make a view of a state file of the previous release; an empty one with these columns on the first night."""
    path = merge.previous_state / f"{name}.parquet" if merge.previous_state else None
    if path is not None and path.exists():
        con.execute(f"CREATE TEMP VIEW {view} AS FROM read_parquet({quote(path)})")
    elif path is not None:
        raise RegisterError(
            f"{path} is missing: the ledger of the previous release is incomplete; roll back to one with it"
        )
    else:
        con.execute(f"CREATE TEMP TABLE {view} ({columns})")


def assign_ids(con: Connection, merge: Merge, entity_type: str, made_of: Sequence[str] = ()) -> None:
    """Make ``ids`` (cluster, entity_id) and ``lives`` from ``clusters`` (cluster, records, first_on), ``files`` and the
    view ``keys`` (kind, key, cluster); leave the ids, tonight's events and the moves below ``stage/``, keys and
    entities in the state.

    The view is read once, and dropped with the tables that it is ``made_of``: a city has tens of millions of keys."""
    kinds = KINDS[entity_type]
    previous(con, merge, f"entity_keys_{entity_type}", "known_before", _KEYS)
    previous(con, merge, f"entities_{entity_type}", "entities_before", _ENTITIES)
    con.execute("CREATE TEMP TABLE trusts (kind VARCHAR, trust INTEGER, says VARCHAR)")
    con.executemany("INSERT INTO trusts VALUES (?, ?, ?)", [(name, k.trust, k.says) for name, k in kinds.items()])
    entities = Sql("entities_before")
    model(con, "ledger_claims", known=Sql("known_before"), conflict=CONFLICT)
    con.execute("DROP VIEW keys")
    for table in made_of:
        con.execute(f"DROP TABLE {table}")
    model(con, "ledger_keep", entities=entities, strong=STRONG)
    for level in sorted({k.trust for k in kinds.values() if k.trust > STRONG} | {CONFLICT}):
        model(con, "ledger_adopt", level=level)
    prefix = f"{entity_type[0]}_"
    model(con, "ledger_anchor", entities=entities, prefix=prefix)
    model(con, "ledger_absorb", entities=entities, splits=SPLITS)
    model(con, "ledger_assign", entities=entities, prefix=prefix, splits=SPLITS, as_of=merge.as_of)
    if count(con, "SELECT count(*) - count(DISTINCT entity_id) FROM ids"):
        raise RegisterError(f"{entity_type}: two clusters were given one id; the ledger is damaged, roll back")
    write(con, "FROM ids", stage_path(merge, f"{entity_type}_ids"))
    write(con, "SELECT entity_id, other_id FROM merged", stage_path(merge, f"{entity_type}_moves"))
    stamped = f"SELECT '{entity_type}' AS entity_type, entity_id, event, other_id, cause, {_stamp(merge)} FROM events"
    write(con, stamped, stage_path(merge, f"{entity_type}_events"))
    write(con, "FROM known", merge.state / f"entity_keys_{entity_type}.parquet")
    write(con, "FROM lives", merge.state / f"entities_{entity_type}.parquet")
    con.execute("DROP VIEW known")
    for table in ("matched", "merged", "kept", "events", "trusts"):
        con.execute(f"DROP TABLE {table}")


def _stamp(merge: Merge) -> str:
    return f"DATE '{merge.as_of}' AS as_of, {quote(merge.merge_id)} AS release_id"


def update_ledger(merge: Merge, con: Connection) -> Counts:
    """Add tonight's events to the ledger: ``state/id_ledger.parquet`` and the table of the same name.

    Until the release is named, tonight's events bear the merge id as ``release_id``. Returns the number of events by
    type and kind (``resident_created`` …), and of ledger rows.
    """
    with scratch(con) as cur:
        types = "entity_type VARCHAR, entity_id VARCHAR, event VARCHAR, other_id VARCHAR, cause VARCHAR"
        previous(cur, merge, "id_ledger", "ledger_before", f"{types}, as_of DATE, release_id VARCHAR")
        tonight = ", ".join(quote(stage_path(merge, f"{t}_events")) for t in ENTITY_TYPES)
        cur.execute(f"CREATE TEMP VIEW tonight AS FROM read_parquet([{tonight}])")
        rows = write_table(
            cur, merge, "id_ledger", f"SELECT {_EVENTS} FROM ledger_before UNION ALL SELECT {_EVENTS} FROM tonight"
        )
        table = merge.tables / "id_ledger.parquet"
        shutil.copyfile(table, merge.state / "id_ledger.parquet")
        counted = cur.execute(
            "SELECT entity_type || '_' || event, count(*) FROM tonight GROUP BY 1 ORDER BY 1"
        ).fetchall()
    return {"id_ledger": rows, **dict(counted)}


def former_ids(con: Connection, id_ledger: str) -> None:
    """Make ``former`` from the relation ``id_ledger``: every id that stands no more, and what stands for it today."""
    model(con, "former_ids", ledger=Sql(id_ledger), most=_MOST_MERGES)
    circles = con.execute(f"SELECT min(old_id) FROM former WHERE steps >= {_MOST_MERGES}").fetchone()
    if circles and circles[0]:
        raise RegisterError(f"the merges of {circles[0]} run in a circle; the id ledger is damaged, roll back")


def current_id(con: Connection, old_id: str) -> str | None:
    """The id that stands today for one that was issued some day, by a database's ``former_ids`` and ``id_ledger``.

    :data:`RETIRED` when the entity has no records any more, None when no such id was ever issued. (The macro of the
    same name in a release answers the same from what both databases hold.)
    """
    former = con.execute("SELECT current_id FROM former_ids WHERE old_id = ?", [old_id]).fetchone()
    if former:
        return former[0] or RETIRED
    issued = con.execute("SELECT 1 FROM id_ledger WHERE entity_id = ? LIMIT 1", [old_id]).fetchone()
    return old_id if issued else None
