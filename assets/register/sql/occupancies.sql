-- Makes:  delivered, begun: who belongs to which house by tonight's records, one row per resident and house.
-- Reads:  residents_in, resident_of, house_of, resident_ids, house_ids.
-- Holds:  of several records of the pair one that is in force wins, then one that names the role, then by
--         survivorship ($preference). A role that no record names is 'family' where a relation to the head of the
--         household is given, else 'other'.
CREATE TEMP TABLE pairs AS
SELECT
    r.rid, c.cluster AS resident_no, h.house_no, r.role, r.relation_to_head, r.valid_from, r.valid_to, r.first_on,
    coalesce(r.valid_to >= $as_of, true) AS in_force,
    r.id_verified AS verified, r.updated_at, r.delivered_on, r.trust,
    (r.role IS NOT NULL)::INT + (r.relation_to_head IS NOT NULL)::INT + (r.valid_from IS NOT NULL)::INT AS complete
FROM residents_in r
JOIN resident_of c ON c.rid = r.rid
JOIN house_of h ON h.rid = r.rid;

CREATE TEMP TABLE several AS
SELECT resident_no, house_no FROM pairs GROUP BY resident_no, house_no HAVING count(*) > 1;

CREATE TEMP TABLE chosen AS
SELECT p.resident_no, p.house_no, p.role, p.relation_to_head, p.valid_from, p.valid_to, p.first_on
FROM pairs p
LEFT JOIN several s ON s.resident_no = p.resident_no AND s.house_no = p.house_no
WHERE s.house_no IS NULL
UNION ALL
SELECT
    resident_no, house_no,
    arg_min(role, place), arg_min(relation_to_head, place), arg_min(valid_from, place),
    CASE WHEN bool_or(valid_to IS NULL AND place = 1) THEN NULL ELSE arg_min(valid_to, place) END,
    min(first_on)
FROM (
    SELECT p.*, row_number() OVER (
        PARTITION BY p.resident_no, p.house_no ORDER BY p.in_force DESC, p.role IS NULL, $preference
    ) AS place
    FROM pairs p
    JOIN several s ON s.resident_no = p.resident_no AND s.house_no = p.house_no
)
GROUP BY resident_no, house_no;

CREATE TEMP TABLE delivered AS
SELECT
    NULL::VARCHAR AS vehicle_id,
    r.entity_id AS resident_id,
    h.entity_id AS house_id,
    NULL::VARCHAR AS community_id,
    coalesce(c.role, CASE WHEN c.relation_to_head <> 'not_related' THEN 'family' ELSE 'other' END) AS role,
    c.relation_to_head, c.valid_from, c.valid_to, c.first_on
FROM chosen c
JOIN resident_ids r ON r.cluster = c.resident_no
JOIN house_ids h ON h.cluster = c.house_no;

DROP TABLE pairs;
DROP TABLE several;
DROP TABLE chosen;
