-- Makes:  left_communities (entity_type, community_id, gone, before): how many of a community's residents, houses and
--         vehicles of the release before are not there any more.
-- Reads:  before (the open database of the release before), curated (this one's).
-- Holds:  who is merged into an id that is there has not gone. A resident is where a current occupancy is, a vehicle
--         where a current holding is.
CREATE OR REPLACE TEMP TABLE left_communities AS
WITH was AS (
    SELECT 'resident' AS entity_type, o.resident_id AS entity_id, h.community_id
    FROM before.occupancies o JOIN before.houses h ON h.house_id = o.house_id WHERE o.is_current
    UNION
    SELECT 'vehicle', vehicle_id, community_id FROM before.vehicle_holdings WHERE is_current
    UNION
    SELECT 'house', house_id, community_id FROM before.houses
),
is_now AS (
    SELECT 'resident' AS entity_type, resident_id AS entity_id, community_id FROM curated.inhabitants
    UNION
    SELECT 'vehicle', vehicle_id, community_id FROM curated.vehicle_holdings WHERE is_current
    UNION
    SELECT 'house', house_id, community_id FROM curated.houses
)
SELECT w.entity_type, w.community_id, count(*) FILTER (WHERE n.entity_id IS NULL) AS gone, count(*) AS before
FROM was w
LEFT JOIN curated.former_ids f ON f.old_id = w.entity_id
LEFT JOIN is_now n ON n.entity_type = w.entity_type AND n.community_id = w.community_id
    AND n.entity_id = coalesce(f.current_id, w.entity_id)
GROUP BY w.entity_type, w.community_id;
