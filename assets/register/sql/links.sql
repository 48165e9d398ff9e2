-- Makes:  occupancies, holdings: the periods that a release shows.
-- Reads:  periods, living (entity_id of every living entity).
-- Holds:  periods of retired residents, houses and vehicles stay in the state and come back with them. is_current says
--         whether the period covers the day of the merge, both ends included; a closed one never does.
CREATE TEMP TABLE shown AS
SELECT p.*, NOT p.closed AND p.valid_from <= $as_of AND coalesce(p.valid_to >= $as_of, true) AS is_current
FROM periods p
LEFT JOIN living v ON v.entity_id = p.vehicle_id
LEFT JOIN living r ON r.entity_id = p.resident_id
LEFT JOIN living h ON h.entity_id = p.house_id
WHERE (p.vehicle_id IS NULL OR v.entity_id IS NOT NULL)
    AND (p.resident_id IS NULL OR r.entity_id IS NOT NULL)
    AND (p.house_id IS NULL OR h.entity_id IS NOT NULL);
