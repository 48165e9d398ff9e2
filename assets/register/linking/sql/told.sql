-- Makes:  told, what each record says of its person as evidence, with the unit (exact cluster) it belongs to.
-- Reads:  clustered (node -> cluster), nodes (node, exclusive), residents_in, house_of (rid -> house_no).
-- Holds:  one row per record; unknown sex is no evidence, nor is a name that is blank. is_alone: no other record is in
--         the unit. Most are alone, and what they say needs no gathering.
CREATE OR REPLACE TEMP TABLE told AS
SELECT
    c.cluster AS unit, r.rid, m.cluster IS NULL AS is_alone, n.exclusive, r.name, r.name_is_partial,
    nullif(r.sex, 'unknown') AS sex, r.birth_date,
    CASE WHEN n.exclusive IS NOT NULL THEN r.id_number END AS id_number, upper(r.id_weak) AS id_weak, r.phones,
    CASE WHEN regexp_matches(r.phone_weak, '^[0-9]{3}[*]+[0-9]{4}$$')
        THEN left(r.phone_weak, 3) || '****' || right(r.phone_weak, 4) END AS phone_mask,
    r.community_id, CASE WHEN r.building IS NOT NULL THEN concat_ws('|', r.community_id, r.building) END AS building,
    h.house_no
FROM residents_in r
JOIN clustered c ON c.node = r.rid
JOIN nodes n ON n.node = r.rid
LEFT JOIN (SELECT cluster FROM clustered GROUP BY cluster HAVING count(*) > 1) m ON m.cluster = c.cluster
LEFT JOIN house_of h ON h.rid = r.rid;
