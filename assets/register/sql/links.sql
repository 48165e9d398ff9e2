-- Makes:  view shown: the periods that a release shows, occupancies and holdings.
-- Reads:  periods, living (entity_id of every living entity).
-- Holds:  periods of retired residents, houses and vehicles stay in the state and come back with them. is_current says
--         whether an open period covers the day of the merge, both ends included. What is open was delivered tonight, so its entities live.
CREATE TEMP VIEW shown AS
SELECT * EXCLUDE (closed), valid_from <= $as_of AND coalesce(valid_to >= $as_of, true) AS is_current
FROM periods
WHERE NOT closed
UNION ALL
SELECT p.* EXCLUDE (closed), false
FROM periods p
LEFT JOIN living v ON v.entity_id = p.vehicle_id
LEFT JOIN living r ON r.entity_id = p.resident_id
LEFT JOIN living h ON h.entity_id = p.house_id
WHERE p.closed
    AND (p.vehicle_id IS NULL OR v.entity_id IS NOT NULL)
    AND (p.resident_id IS NULL OR r.entity_id IS NOT NULL)
    AND (p.house_id IS NULL OR h.entity_id IS NOT NULL);
