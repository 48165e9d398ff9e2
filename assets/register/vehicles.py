"""Vehicles: one per plate, and a plate that a camera misread goes to the car it was read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assets.register.golden import Survivor, completeness, golden
from assets.register.ledger import assign_ids
from assets.register.sources import keep_sources
from assets.register.stage import (
    Connection,
    Counts,
    count,
    leave,
    model,
    open_records,
    scratch,
    stage_path,
    take,
    write,
    write_table,
)
from expectations.policy import GOLDEN_FIELDS

if TYPE_CHECKING:
    from assets.merge import Merge

SURVIVORS = tuple(Survivor(c, "misread::INT" if c == "plate" else "0") for c in GOLDEN_FIELDS["vehicles"])

LETTERS, DIGITS = "OIBDZS", "018025"
"""What cameras take for each other in a serial: each letter with the digit below it."""
MOST_PLATES = 10
"""More cars than this with one phone, or with plates of one shape, say nothing of any of them."""

PLATES = "vehicle_plates"
"""Below ``stage/``: plate → vehicle_id, the misread plates too: by these a pass is known."""


def build_vehicles(merge: Merge, con: Connection) -> Counts:
    """The table ``vehicles``; leaves ``vehicle_of`` (rid, cluster), :data:`PLATES` and the ids. Needs the houses stage.

    Returns the number of vehicles, of plates taken for misread ones, and of pairs of plates left for a person.
    """
    with scratch(con) as cur:
        open_records(cur, merge, "vehicles")
        take(cur, merge, "house_of")
        model(cur, "vehicles")
        model(cur, "misreads", letters=LETTERS, digits=DIGITS, most_plates=MOST_PLATES)
        leave(cur, merge, "vehicle_of")
        cur.execute(
            "CREATE TEMP TABLE clusters AS SELECT o.cluster, count(*) AS records, min(v.first_on) AS first_on, "
            "max(v.delivered_on) AS last_on FROM vehicles_in v JOIN vehicle_of o ON o.rid = v.rid GROUP BY o.cluster"
        )
        assign_ids(cur, merge, "vehicle")
        filled = completeness([s.column for s in SURVIVORS])
        cur.execute(
            f"CREATE TEMP VIEW vehicle_records AS "
            f"SELECT o.cluster, o.misread, len(v.warnings) = 0 AS verified, {filled} AS complete, v.* "
            "FROM vehicles_in v JOIN vehicle_of o ON o.rid = v.rid"
        )
        golden(cur, "vehicle_records", SURVIVORS, merge.policy.survivorship.vehicles)
        cur.execute(
            "CREATE TEMP VIEW members AS SELECT o.rid, o.cluster, 1.0 AS probability, "
            "CASE WHEN o.misread THEN 'misread' "
            "WHEN p.records > 1 THEN 'plate' WHEN c.records > 1 THEN 'misread' ELSE 'single' END AS rule "
            "FROM vehicle_of o JOIN clusters c ON c.cluster = o.cluster JOIN plates p ON p.cluster = o.plate_no"
        )
        keep_sources(cur, merge, "vehicle", SURVIVORS)
        write(cur, _EVIDENCE, stage_path(merge, "vehicle_evidence"))
        write(cur, _PLATES, stage_path(merge, PLATES))
        misreads = "SELECT count(*) FROM misreads WHERE verdict = '{}'"
        return {
            "vehicles": write_table(cur, merge, "vehicles", _VEHICLES),
            "vehicle_misreads": count(cur, misreads.format("accepted")),
            "vehicle_pairs_grey": count(cur, misreads.format("grey")),
        }


_VEHICLES = """
SELECT i.entity_id AS vehicle_id, g.* EXCLUDE (cluster), c.records AS source_count, e.first_seen, c.last_on AS last_seen
FROM golden g
JOIN clusters c ON c.cluster = g.cluster
JOIN ids i ON i.cluster = g.cluster
JOIN lives e ON e.entity_id = i.entity_id
"""

_EVIDENCE = """
SELECT
    'vehicle' AS entity_type, l.entity_id, nullif(r.entity_id, l.entity_id) AS other_id, k."left", k."right", k.rule,
    k.probability, k.verdict, k.findings, NULL::VARCHAR AS pair, NULL::VARCHAR[] AS left_names,
    NULL::VARCHAR[] AS right_names
FROM (
    SELECT plate_no AS "left", rid AS "right", 'plate' AS rule, 1.0::DOUBLE AS probability, 'accepted' AS verdict,
        ['plate_same'] AS findings
    FROM vehicle_of WHERE rid <> plate_no
    UNION ALL
    SELECT "left", "right", 'misread', CASE verdict WHEN 'accepted' THEN 1.0 ELSE 0.5 END, verdict, findings
    FROM misreads
) k
JOIN vehicle_of a ON a.rid = k."left"
JOIN vehicle_of b ON b.rid = k."right"
JOIN ids l ON l.cluster = a.cluster
JOIN ids r ON r.cluster = b.cluster
"""

_PLATES = """
SELECT p.plate, i.entity_id AS vehicle_id
FROM plates p
JOIN vehicle_of o ON o.rid = p.cluster
JOIN ids i ON i.cluster = o.cluster
"""
