"""Which records stand tonight: the files in provenance order, and what later deliveries of a delta feed corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assets.register.stage import Connection, Counts, accepted, count, leave, model, scratch
from resources.models import Sql

if TYPE_CHECKING:
    from assets.merge import Merge

_HOUSE = "concat(coalesce(r.building, ''), '|', coalesce(r.unit, ''), '|', coalesce(r.room, ''))"

NATURAL_KEYS = {
    "houses": _HOUSE,
    "residents": f"{_HOUSE}, coalesce(r.id_number, r.name)",
    "vehicles": f"{_HOUSE}, r.plate",
}
"""What a record is about when the company gives it no key of its own, besides its community."""


def read_inputs(merge: Merge, con: Connection) -> Counts:
    """Number the input files and mark the records that a later delivery corrected.

    Leaves ``files`` and ``standing`` below ``stage/``. Returns how many records stand and how many are superseded, by
    dataset: a superseded record is in no table, so it is counted here.
    """
    counts: Counts = {}
    with scratch(con) as cur:
        _feeds(cur, merge)
        parts = (
            f"SELECT DISTINCT {dataset!r} AS dataset, company, feed, delivery_id, file, delivered_on "
            f"FROM {accepted(merge, dataset)}"
            for dataset in NATURAL_KEYS
        )
        cur.execute("CREATE TEMP VIEW delivered AS " + " UNION ALL ".join(parts))
        model(cur, "files")
        cur.execute("CREATE TEMP TABLE standing (rid BIGINT, stands BOOLEAN, first_on DATE)")
        for dataset, natural in NATURAL_KEYS.items():
            records = accepted(merge, dataset)
            before = count(cur, "SELECT count(*) FROM standing WHERE NOT stands")
            if any(
                f.dataset == dataset and f.mode == "delta" for c in merge.companies.values() for f in c.feeds.values()
            ):
                model(cur, "standing", records=records, natural=Sql(natural))
            superseded = count(cur, "SELECT count(*) FROM standing WHERE NOT stands") - before
            counts[f"{dataset}_superseded"] = superseded
            counts[f"{dataset}_records"] = count(cur, f"SELECT count(*) FROM {records}") - superseded
        leave(cur, merge, "files", "standing")
    return counts


def _feeds(con: Connection, merge: Merge) -> None:
    """``feeds``: mode and trust of every feed in the configuration."""
    con.execute("CREATE TEMP TABLE feeds (company VARCHAR, feed VARCHAR, mode VARCHAR, trust INTEGER)")
    rows = [(c.company, name, f.mode, c.trust) for c in merge.companies.values() for name, f in c.feeds.items()]
    con.executemany("INSERT INTO feeds VALUES (?, ?, ?, ?)", rows)
