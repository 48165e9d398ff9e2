-- Makes:  id_numbers (id_class, id_number, id_no, verified); nodes (node, exclusive): every record with the number of its
--         ID number, for clusters.sql.
-- Reads:  residents_in.
-- Holds:  a number is known by its smallest record, and an 18-character one is the same number whatever its type says.
--         verified: how many records sent it verified.
CREATE TEMP TABLE id_numbers AS
SELECT
    CASE WHEN length(id_number) = 18 THEN 'resident_id' ELSE coalesce(id_type, 'other') END AS id_class,
    id_number,
    min(rid) AS id_no,
    count(*) FILTER (WHERE id_verified) AS verified
FROM residents_in
WHERE id_number IS NOT NULL
GROUP BY 1, 2;

CREATE TEMP TABLE nodes AS
SELECT r.rid AS node, i.id_no AS exclusive
FROM residents_in r
LEFT JOIN id_numbers i ON i.id_number = r.id_number
    AND i.id_class = CASE WHEN length(r.id_number) = 18 THEN 'resident_id' ELSE coalesce(r.id_type, 'other') END;
