"""Who lives where now: once per community, and counted once in a district."""

from __future__ import annotations

import duckdb
from registers import Nights, Size

BY_DISTRICT = """SELECT c.district, r.birth_year // 10 * 10 AS born, count(DISTINCT resident_id) AS residents
    FROM residents r JOIN occupancies o USING (resident_id) JOIN houses h USING (house_id)
    JOIN communities c USING (community_id) WHERE o.is_current GROUP BY ALL ORDER BY ALL"""
QUICKLY = """SELECT district, birth_year // 10 * 10 AS born, count(*) AS residents FROM inhabitants
    WHERE first_in_district GROUP BY ALL ORDER BY ALL"""
MOVED = (
    "UPDATE communities SET district = CASE community_id WHEN cid(0) THEN NULL WHEN cid(1) THEN '瑶海区' "
    "ELSE '蜀山区' END",
    # everybody has a second house: the next one, of another community; one in three a third, the house after that;
    # some have left a house
    "INSERT INTO occupancies SELECT resident_id, 'h_' || (substr(house_id, 3)::INT + 1) % {houses}, 'tenant', NULL, "
    "valid_from, NULL, true FROM occupancies WHERE role = 'owner'",
    "INSERT INTO occupancies SELECT resident_id, 'h_' || (substr(house_id, 3)::INT + 2) % {houses}, 'other', NULL, "
    "valid_from, NULL, true FROM occupancies WHERE role = 'owner' AND substr(resident_id, 3)::INT % 3 = 0",
    "UPDATE occupancies SET valid_to = DATE '2026-01-01', is_current = false "
    "WHERE role = 'owner' AND substr(resident_id, 3)::INT % 5 = 0",
)


def rows(nights: Nights, *queries: str) -> list[list[tuple[object, ...]]]:
    with duckdb.connect(str(nights.settings.current / "curated.duckdb"), read_only=True) as con:
        return [con.execute(q).fetchall() for q in queries]


def test_who_lives_in_several_houses_counts_once(nights: Nights) -> None:
    """What the rows say by their joins, said without; districts of two communities and without a name."""
    nights.size = Size(communities=4)
    recount = (
        "UPDATE houses SET resident_count = (SELECT count(DISTINCT resident_id) FROM occupancies o "
        "WHERE o.is_current AND o.house_id = houses.house_id)",
        "UPDATE communities SET resident_count = (SELECT count(DISTINCT resident_id) FROM occupancies o "
        "JOIN houses h USING (house_id) WHERE o.is_current AND h.community_id = communities.community_id)",
    )
    nights.publish(*(edit.format(houses=nights.size.houses) for edit in MOVED), *recount)
    listed, expected, slow, quick = rows(
        nights,
        "SELECT community_id, resident_id FROM inhabitants ORDER BY ALL",
        "SELECT DISTINCT community_id, resident_id FROM occupancies JOIN houses USING (house_id) WHERE is_current "
        "ORDER BY ALL",
        BY_DISTRICT,
        QUICKLY,
    )
    assert listed == expected and len(listed) > nights.size.residents
    assert quick == slow and len({district for district, *_ in quick}) == 3
    assert sum(n for *_, n in quick) < len(listed)  # some live twice in the same district
