"""Houses: every house that a record names, with its id and its golden record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assets.register.evidence import keep_key_evidence
from assets.register.golden import Survivor, completeness, golden
from assets.register.ledger import assign_ids
from assets.register.sources import keep_sources
from assets.register.stage import Connection, Counts, count, leave, model, open_records, scratch, stage_path, write
from expectations.policy import GOLDEN_FIELDS

if TYPE_CHECKING:
    from assets.merge import Merge

SURVIVORS = tuple(Survivor(c) for c in GOLDEN_FIELDS["houses"])

_FLOOR = "try_cast(left(h.room, length(h.room) - 2) AS INTEGER)"


def build_houses(merge: Merge, con: Connection) -> Counts:
    """Leave ``house_of`` (rid, house_no), the ids, and the golden ``houses`` still without their resident counts.

    A house is named by community, building, unit and room; the rules of an unknown unit are in ``sql/houses.sql``.
    Returns the number of houses and of mentions whose unit was found.
    """
    with scratch(con) as cur:
        open_records(cur, merge, "houses", "residents", "vehicles")
        model(cur, "houses")
        leave(cur, merge, "house_of")
        cur.execute(
            "CREATE TEMP TABLE clusters AS SELECT h.house_no AS cluster, m.records, h.first_on FROM houses h "
            "JOIN (SELECT house_no, count(*) AS records FROM house_of GROUP BY house_no) m ON m.house_no = h.house_no"
        )
        assign_ids(cur, merge, "house", made_of=("placed", "phaseless"))
        filled = completeness([s.column for s in SURVIVORS])
        cur.execute(
            "CREATE TEMP VIEW house_records AS "
            f"SELECT o.house_no AS cluster, len(r.warnings) = 0 AS verified, {filled} AS complete, r.* "
            "FROM houses_in r JOIN house_of o ON o.rid = r.rid"
        )
        golden(cur, "house_records", SURVIVORS, merge.policy.survivorship.houses)
        _members(cur)
        keep_sources(cur, merge, "house", SURVIVORS)
        keep_key_evidence(cur, merge, "house", "house_same")
        houses = write(cur, _HOUSES, stage_path(merge, "houses"))
        resolved = count(cur, "SELECT count(*) FROM resolved")
    return {"houses": houses, "houses_with_found_unit": resolved}


def _members(con: Connection) -> None:
    """``members``: a house is made from its own records; where no export lists it, from the records that name it."""
    con.execute(
        "CREATE TEMP TABLE members AS SELECT o.rid, o.house_no AS cluster, "
        "CASE WHEN coalesce(s.records, c.records) > 1 THEN 'house_key' ELSE 'single' END AS rule, 1.0 AS probability "
        "FROM house_of o JOIN clusters c ON c.cluster = o.house_no LEFT JOIN sizes s ON s.cluster = o.house_no "
        "LEFT JOIN survived v ON v.rid = o.rid WHERE s.cluster IS NULL OR v.rid IS NOT NULL"
    )


_HOUSES = f"""
SELECT
    i.entity_id AS house_id, h.community_id, h.building, h.unit,
    coalesce(g.floor, CASE
        WHEN regexp_matches(h.room, '^[0-9]{{3,}}$') AND {_FLOOR} BETWEEN 1 AND 120 THEN {_FLOOR}
    END) AS floor,
    h.room, g.use, g.tenure, g.status, g.area_m2,
    coalesce(s.records, c.records) AS source_count,
    e.first_seen,
    h.last_on AS last_seen
FROM houses h
JOIN clusters c ON c.cluster = h.house_no
JOIN ids i ON i.cluster = h.house_no
JOIN lives e ON e.entity_id = i.entity_id
LEFT JOIN golden g ON g.cluster = h.house_no
LEFT JOIN sizes s ON s.cluster = h.house_no
"""
