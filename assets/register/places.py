"""Communities and houses, with the counts that need the links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assets.register.stage import Connection, Counts, model, scratch, stage_path, write_table
from resources.duck import quote
from resources.models import Sql

if TYPE_CHECKING:
    from assets.merge import Merge


def build_communities(merge: Merge, con: Connection) -> Counts:
    """The tables ``communities`` (every one in the configuration) and ``houses``, both with their counts. Needs the
    links stage. Returns the rows of both."""
    with scratch(con) as cur:
        _configured(cur, merge)
        houses = Sql(f"read_parquet({quote(stage_path(merge, 'houses'))})")
        tables = {t: Sql(f"read_parquet({quote(merge.tables / f'{f}.parquet')})") for t, f in _LINKS.items()}
        model(cur, "places", houses=houses, **tables)
        return {
            "houses": write_table(cur, merge, "houses", _HOUSES.format(houses=houses)),
            "communities": write_table(cur, merge, "communities", _COMMUNITIES),
        }


def _configured(con: Connection, merge: Merge) -> None:
    """``configured``: one row per community; where several companies manage one, the first by slug names it."""
    con.execute(
        "CREATE TEMP TABLE configured (community_id VARCHAR, name VARCHAR, company VARCHAR, region_code VARCHAR, "
        "district VARCHAR)"
    )
    rows = [
        (c.community_id, c.name, company.company, c.region_code, c.district)
        for company in merge.companies.values()
        for c in company.communities
    ]
    con.executemany("INSERT INTO configured VALUES (?, ?, ?, ?, ?)", rows)


_LINKS = {"occupancies": "occupancies", "holdings": "vehicle_holdings"}

_HOUSES = """
SELECT h.*, coalesce(n.resident_count, 0) AS resident_count
FROM {houses} h
LEFT JOIN counted_houses n ON n.house_id = h.house_id
"""

_COMMUNITIES = """
SELECT
    c.community_id,
    arg_min(c.name, c.company) AS name,
    string_agg(DISTINCT c.company, ',' ORDER BY c.company) AS company,
    arg_min(c.region_code, c.company) AS region_code,
    arg_min(c.district, c.company) AS district,
    coalesce(any_value(n.houses), 0) AS house_count,
    coalesce(any_value(n.residents), 0) AS resident_count,
    coalesce(any_value(n.vehicles), 0) AS vehicle_count
FROM configured c
LEFT JOIN counted_communities n ON n.community_id = c.community_id
GROUP BY c.community_id
"""
