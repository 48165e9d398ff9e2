"""Vehicles: one per plate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assets.register.evidence import keep_key_evidence
from assets.register.golden import Survivor, completeness, golden
from assets.register.ledger import assign_ids
from assets.register.sources import keep_sources
from assets.register.stage import Connection, Counts, leave, model, open_records, scratch, write_table

if TYPE_CHECKING:
    from assets.merge import Merge

SURVIVORS = tuple(
    Survivor(c) for c in ("plate", "plate_class", "energy", "vehicle_type", "body_colour", "brand", "vin")
)


def build_vehicles(merge: Merge, con: Connection) -> Counts:
    """The table ``vehicles``; leaves ``vehicle_of`` (rid, cluster) and the ids. Returns the number of vehicles."""
    with scratch(con) as cur:
        open_records(cur, merge, "vehicles")
        model(cur, "vehicles")
        leave(cur, merge, "vehicle_of")
        cur.execute(
            "CREATE TEMP TABLE clusters AS SELECT o.cluster, count(*) AS records, min(v.first_on) AS first_on, "
            "max(v.delivered_on) AS last_on FROM vehicles_in v JOIN vehicle_of o ON o.rid = v.rid GROUP BY o.cluster"
        )
        assign_ids(cur, merge, "vehicle")
        filled = completeness([s.column for s in SURVIVORS])
        cur.execute(
            f"CREATE TEMP VIEW vehicle_records AS SELECT o.cluster, false AS verified, {filled} AS complete, v.* "
            "FROM vehicles_in v JOIN vehicle_of o ON o.rid = v.rid"
        )
        golden(cur, "vehicle_records", SURVIVORS, merge.policy.survivorship.vehicles)
        cur.execute(
            "CREATE TEMP VIEW members AS SELECT o.rid, o.cluster, 1.0 AS probability, "
            "CASE WHEN c.records > 1 THEN 'plate' ELSE 'single' END AS rule "
            "FROM vehicle_of o JOIN clusters c ON c.cluster = o.cluster"
        )
        keep_sources(cur, merge, "vehicle", SURVIVORS)
        keep_key_evidence(cur, merge, "vehicle", "plate_same")
        return {"vehicles": write_table(cur, merge, "vehicles", _VEHICLES)}


_VEHICLES = """
SELECT i.entity_id AS vehicle_id, g.* EXCLUDE (cluster), c.records AS source_count, e.first_seen, c.last_on AS last_seen
FROM golden g
JOIN clusters c ON c.cluster = g.cluster
JOIN ids i ON i.cluster = g.cluster
JOIN lives e ON e.entity_id = i.entity_id
"""
