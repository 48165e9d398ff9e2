-- Makes:  more rows of delivered: which resident or house each vehicle belongs to by tonight's records.
-- Reads:  vehicles_in, vehicle_of, house_of, holder_of, vehicle_ids, house_ids.
-- Holds:  one row per vehicle, community, house and resident; a row that knows less than another of the same vehicle
--         and community (no resident, or no house) is not repeated beside it. A role that nobody sent is 'other'.
CREATE TEMP TABLE stated AS
SELECT
    i.entity_id AS vehicle_id, o.resident_id, h.entity_id AS house_id, v.community_id,
    v.rid, v.role, v.valid_from, v.valid_to, v.first_on,
    false AS verified, v.updated_at, v.delivered_on, v.trust,
    (v.role IS NOT NULL)::INT + (v.valid_from IS NOT NULL)::INT + (v.owner_name IS NOT NULL)::INT AS complete
FROM vehicles_in v
JOIN vehicle_of c ON c.rid = v.rid
JOIN vehicle_ids i ON i.cluster = c.cluster
LEFT JOIN holder_of o ON o.rid = v.rid
LEFT JOIN house_of p ON p.rid = v.rid
LEFT JOIN house_ids h ON h.cluster = p.house_no;

CREATE TEMP TABLE folded AS
SELECT
    vehicle_id, resident_id, house_id, community_id,
    arg_min(role, place) AS role, arg_min(valid_from, place) AS valid_from,
    CASE WHEN bool_or(valid_to IS NULL AND place = 1) THEN NULL ELSE arg_min(valid_to, place) END AS valid_to,
    min(first_on) AS first_on
FROM (
    SELECT *, row_number() OVER (
        PARTITION BY vehicle_id, resident_id, house_id, community_id
        ORDER BY coalesce(valid_to >= $as_of, true) DESC, role IS NULL, $preference
    ) AS place
    FROM stated
)
GROUP BY vehicle_id, resident_id, house_id, community_id;

INSERT INTO delivered
SELECT
    f.vehicle_id, f.resident_id, f.house_id, f.community_id, coalesce(f.role, 'other') AS role, NULL,
    f.valid_from, f.valid_to, f.first_on
FROM folded f
WHERE NOT EXISTS (
    SELECT 1 FROM folded g
    WHERE g.vehicle_id = f.vehicle_id AND g.community_id = f.community_id
        AND ((f.resident_id IS NULL AND g.resident_id IS NOT NULL AND (f.house_id IS NULL OR g.house_id = f.house_id))
            OR (f.house_id IS NULL AND g.house_id IS NOT NULL
                AND (f.resident_id IS NULL OR g.resident_id = f.resident_id)))
);

DROP TABLE stated;
DROP TABLE folded;
