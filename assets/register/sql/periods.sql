-- Makes:  periods (vehicle_id, resident_id, house_id, community_id, role, relation_to_head, valid_from, valid_to,
--         closed): every period of a link that was ever delivered. An occupancy has no vehicle and no community.
-- Reads:  delivered (tonight's links), before (the periods of the last release, empty on the first night),
--         moves (entity_id, other_id: ids merged tonight).
-- Holds:  a link delivered tonight has exactly one open period: the one it had, else a new one. valid_from is as sent,
--         else kept, else the day of the first delivery that had it, but no later than an end that was sent (a tenancy
--         first heard of after it was over). An open period whose link is no longer delivered
--         is closed on the day of this merge. (link, valid_from) is unique; the open period wins, then the latest end.
CREATE TEMP TABLE earlier AS
SELECT
    coalesce(v.other_id, b.vehicle_id) AS vehicle_id,
    coalesce(r.other_id, b.resident_id) AS resident_id,
    coalesce(h.other_id, b.house_id) AS house_id,
    b.community_id, b.role, b.relation_to_head, b.valid_from, b.valid_to, b.closed
FROM before b
LEFT JOIN moves v ON v.entity_id = b.vehicle_id
LEFT JOIN moves r ON r.entity_id = b.resident_id
LEFT JOIN moves h ON h.entity_id = b.house_id;

CREATE TEMP TABLE open_before AS
SELECT vehicle_id, resident_id, house_id, community_id, role, min(valid_from) AS valid_from
FROM earlier
WHERE NOT closed
GROUP BY vehicle_id, resident_id, house_id, community_id, role;

CREATE TEMP TABLE open_now AS
SELECT
    d.vehicle_id, d.resident_id, d.house_id, d.community_id, d.role, d.relation_to_head,
    coalesce(d.valid_from, least(coalesce(o.valid_from, d.first_on), d.valid_to)) AS valid_from,
    d.valid_to, false AS closed
FROM delivered d
LEFT JOIN open_before o ON o.role = d.role
    AND o.vehicle_id IS NOT DISTINCT FROM d.vehicle_id AND o.resident_id IS NOT DISTINCT FROM d.resident_id
    AND o.house_id IS NOT DISTINCT FROM d.house_id AND o.community_id IS NOT DISTINCT FROM d.community_id;

CREATE TEMP TABLE ended AS
SELECT
    e.vehicle_id, e.resident_id, e.house_id, e.community_id, e.role,
    max(e.relation_to_head) AS relation_to_head, e.valid_from, max(e.valid_to) AS valid_to
FROM (
    SELECT * REPLACE (CASE WHEN closed THEN valid_to ELSE least(valid_to, $as_of) END AS valid_to)
    FROM earlier
) e
LEFT JOIN open_now d ON d.role = e.role
    AND d.vehicle_id IS NOT DISTINCT FROM e.vehicle_id AND d.resident_id IS NOT DISTINCT FROM e.resident_id
    AND d.house_id IS NOT DISTINCT FROM e.house_id AND d.community_id IS NOT DISTINCT FROM e.community_id
WHERE d.role IS NULL OR (e.closed AND e.valid_from <> d.valid_from)
GROUP BY e.vehicle_id, e.resident_id, e.house_id, e.community_id, e.role, e.valid_from;

CREATE TEMP TABLE periods AS
SELECT vehicle_id, resident_id, house_id, community_id, role, relation_to_head, valid_from, valid_to, closed
FROM open_now
UNION ALL
SELECT vehicle_id, resident_id, house_id, community_id, role, relation_to_head, valid_from, valid_to, true
FROM ended;

DROP TABLE earlier;
DROP TABLE open_before;
DROP TABLE open_now;
DROP TABLE ended;
