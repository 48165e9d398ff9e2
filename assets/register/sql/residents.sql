-- Makes:  edges of the residents' exact evidence, for clusters.sql.
-- Reads:  residents_in (standing records), house_of (rid -> house_no), nodes (node, exclusive).
-- Holds:  an edge joins two records with equal name and phone, or name and birth date, in the same house; one of them
--         has no ID number. Edges are stars around the smallest record without an ID number, so their number is linear
--         and every ID number that a key leads to is a neighbour of that record. Partial names are no evidence; nor is
--         a key that more than $most_records records share, or records with two birth dates.
CREATE TEMP TABLE edges AS
SELECT exclusive AS "left", node AS "right", 'id_number' AS rule, 1.0::DOUBLE AS probability
FROM nodes
WHERE exclusive IS NOT NULL AND node <> exclusive;

-- only names that occur twice in a house, once at least without an ID number, can make an edge
CREATE TEMP TABLE namesakes AS
SELECT n.name, h.house_no
FROM residents_in n
JOIN house_of h ON h.rid = n.rid
WHERE n.name IS NOT NULL AND NOT n.name_is_partial
GROUP BY n.name, h.house_no
HAVING count(*) > 1 AND count(*) > count(n.id_number);

CREATE TEMP TABLE candidates AS
SELECT r.rid, r.id_number IS NULL AS is_free, r.name, h.house_no, r.phones, r.birth_date
FROM residents_in r
JOIN house_of h ON h.rid = r.rid
JOIN namesakes n ON n.name = r.name AND n.house_no = h.house_no
WHERE NOT r.name_is_partial;

CREATE TEMP TABLE evidence AS
SELECT DISTINCT rid, is_free, name, house_no, rule, value, birth_date
FROM (
    SELECT rid, is_free, name, house_no, 'name_phone_house' AS rule, unnest(phones) AS value, birth_date
    FROM candidates
    UNION ALL
    SELECT rid, is_free, name, house_no, 'name_birth_house' AS rule, birth_date::VARCHAR AS value, birth_date
    FROM candidates
)
WHERE value IS NOT NULL;

CREATE TEMP TABLE shared AS
SELECT name, house_no, rule, value, min(rid) FILTER (WHERE is_free) AS hub, count(*) AS records
FROM evidence
GROUP BY name, house_no, rule, value
HAVING count(*) > 1 AND count(*) FILTER (WHERE is_free) > 0 AND count(DISTINCT birth_date) < 2;

INSERT INTO edges
SELECT s.hub, e.rid, e.rule, 1.0
FROM shared s
JOIN evidence e ON e.name = s.name AND e.house_no = s.house_no AND e.rule = s.rule AND e.value = s.value
WHERE e.rid <> s.hub AND s.records <= $most_records;
