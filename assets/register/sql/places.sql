-- Makes:  counted_houses and counted_communities: their residents, houses and vehicles.
-- Reads:  $houses (golden houses), $occupancies, $holdings.
-- Holds:  a resident of two houses of a community counts once there.
CREATE TEMP TABLE counted_houses AS
SELECT house_id, count(DISTINCT resident_id) AS resident_count
FROM $occupancies
WHERE is_current
GROUP BY house_id;

CREATE TEMP TABLE counted_communities AS
SELECT community_id, sum(houses)::BIGINT AS houses, sum(residents)::BIGINT AS residents, sum(vehicles)::BIGINT AS vehicles
FROM (
    SELECT community_id, count(*) AS houses, 0 AS residents, 0 AS vehicles FROM $houses GROUP BY community_id
    UNION ALL
    SELECT h.community_id, 0, count(DISTINCT o.resident_id), 0
    FROM $occupancies o
    JOIN $houses h ON h.house_id = o.house_id
    WHERE o.is_current
    GROUP BY h.community_id
    UNION ALL
    SELECT community_id, 0, 0, count(DISTINCT vehicle_id) FROM $holdings WHERE is_current GROUP BY community_id
)
GROUP BY community_id;
