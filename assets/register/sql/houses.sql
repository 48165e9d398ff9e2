-- Makes:  houses (house_no and key of every house), house_of (rid -> house_no), keys (for the id ledger).
-- Reads:  houses_in, residents_in, vehicles_in (standing records).
-- Holds:  every record with a building and a room names exactly one house. A mention without a unit means the one
--         house of that building and room if exactly one unit has it; else it is a house of its own, unit unknown.
--         Likewise a building without its phase or area (1) means the one phased building of that number (1期-1), if
--         there is exactly one and no file tells the two apart by naming both.
--         house_no is the smallest record number among the mentions.
CREATE TEMP TABLE sent AS
SELECT rid, community_id, building, coalesce(unit, '') AS unit, room, first_on, delivered_on
FROM houses_in WHERE building IS NOT NULL AND room IS NOT NULL
UNION ALL
SELECT rid, community_id, building, coalesce(unit, '') AS unit, room, first_on, delivered_on
FROM residents_in WHERE building IS NOT NULL AND room IS NOT NULL
UNION ALL
SELECT rid, community_id, building, coalesce(unit, '') AS unit, room, first_on, delivered_on
FROM vehicles_in WHERE building IS NOT NULL AND room IS NOT NULL;

CREATE TEMP TABLE phaseless AS
WITH buildings AS (
    SELECT DISTINCT
        community_id, building, rid // 4294967296 AS file_no, contains(building, '-') AS phased,
        CASE WHEN contains(building, '-') THEN split_part(building, '-', 2) ELSE building END AS number
    FROM sent
), told_apart AS (
    SELECT DISTINCT community_id, number
    FROM (SELECT community_id, number FROM buildings GROUP BY community_id, number, file_no HAVING bool_or(phased)
        AND NOT bool_and(phased))
)
SELECT community_id, number AS building, min(building) AS true_building
FROM (SELECT DISTINCT community_id, building, number FROM buildings WHERE phased)
ANTI JOIN told_apart USING (community_id, number)
GROUP BY community_id, number
HAVING count(*) = 1;

CREATE TEMP TABLE mentions AS
SELECT s.* REPLACE (coalesce(p.true_building, s.building) AS building)
FROM sent s
LEFT JOIN phaseless p ON p.community_id = s.community_id AND p.building = s.building;

DROP TABLE sent;

CREATE TEMP TABLE named AS
SELECT
    community_id, building, unit, room,
    min(rid) AS named_no, min(first_on) AS first_on, max(delivered_on) AS last_on
FROM mentions
GROUP BY community_id, building, unit, room;

CREATE TEMP TABLE resolved AS
SELECT u.named_no AS unitless_no, k.named_no AS target_no, k.unit, least(k.named_no, u.named_no) AS house_no
FROM named u
JOIN (
    SELECT community_id, building, room, min(unit) AS unit, min(named_no) AS named_no
    FROM named
    WHERE unit <> ''
    GROUP BY community_id, building, room
    HAVING count(*) = 1
) k ON k.community_id = u.community_id AND k.building = u.building AND k.room = u.room
WHERE u.unit = '';

CREATE TEMP TABLE placed AS
SELECT
    n.community_id, n.building, n.unit, n.room,
    coalesce(u.unit, n.unit) AS true_unit,
    coalesce(u.house_no, t.house_no, n.named_no) AS house_no,
    n.first_on, n.last_on
FROM named n
LEFT JOIN resolved u ON u.unitless_no = n.named_no
LEFT JOIN resolved t ON t.target_no = n.named_no;

CREATE TEMP TABLE houses AS
SELECT
    house_no,
    any_value(community_id) AS community_id,
    any_value(building) AS building,
    nullif(any_value(true_unit), '') AS unit,
    any_value(room) AS room,
    min(first_on) AS first_on,
    max(last_on) AS last_on
FROM placed
GROUP BY house_no;

CREATE TEMP TABLE house_of AS
SELECT m.rid, p.house_no
FROM mentions m
JOIN placed p ON p.community_id = m.community_id AND p.building = m.building AND p.unit = m.unit AND p.room = m.room;

DROP TABLE mentions;

CREATE TEMP VIEW keys AS
SELECT
    CASE WHEN unit = '' THEN 'unitless' ELSE 'house' END AS kind,
    concat_ws('|', community_id, building, unit, room) AS key,
    house_no AS cluster
FROM placed
UNION ALL
SELECT
    CASE WHEN l.unit = '' THEN 'unitless' ELSE 'house' END,
    concat_ws('|', l.community_id, p.building, l.unit, l.room),
    l.house_no
FROM placed l
JOIN phaseless p ON p.community_id = l.community_id AND p.true_building = l.building
UNION ALL
SELECT 'rec', concat_ws('|', r.company, r.feed, r.record_key, r.community_id), h.house_no
FROM houses_in r
JOIN house_of h ON h.rid = r.rid
WHERE r.record_key IS NOT NULL;

DROP TABLE named;
