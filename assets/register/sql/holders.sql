-- Makes:  holder_of (rid of a vehicle record -> resident_id), by the holder's ID number, else name, phone and house,
--         else name and house where exactly one resident of the house has that name.
-- Reads:  vehicles_in, residents_in, house_of, resident_of, resident_ids (cluster -> entity_id).
-- Holds:  at most one resident per record; never one whose ID number differs from the one sent for the holder; partial
--         names never match. A company's car has none.
CREATE TEMP TABLE owners AS
SELECT v.rid, v.owner_name, v.owner_id_number, v.owner_phone, h.house_no
FROM vehicles_in v
LEFT JOIN house_of h ON h.rid = v.rid
WHERE v.owner_id_number IS NOT NULL
    OR (v.owner_name IS NOT NULL AND NOT v.owner_name_is_partial AND h.house_no IS NOT NULL);

CREATE TEMP TABLE by_id AS
SELECT o.rid, min(c.cluster) AS cluster
FROM owners o
JOIN residents_in r ON r.id_number = o.owner_id_number
JOIN resident_of c ON c.rid = r.rid
GROUP BY o.rid
HAVING min(c.cluster) = max(c.cluster);

CREATE TEMP TABLE unnamed AS
SELECT o.* FROM owners o
LEFT JOIN by_id i ON i.rid = o.rid
JOIN vehicles_in v ON v.rid = o.rid
WHERE i.rid IS NULL AND o.house_no IS NOT NULL AND o.owner_name IS NOT NULL AND NOT v.owner_name_is_partial;

CREATE TEMP TABLE namesakes AS
SELECT o.rid, c.cluster, r.id_number, list_contains(r.phones, o.owner_phone) AS has_phone, o.owner_id_number
FROM unnamed o
JOIN house_of h ON h.house_no = o.house_no
JOIN residents_in r ON r.rid = h.rid AND r.name = o.owner_name AND NOT r.name_is_partial
JOIN resident_of c ON c.rid = r.rid;

CREATE TEMP TABLE identified AS
SELECT DISTINCT c.cluster, r.id_number
FROM (SELECT DISTINCT cluster FROM namesakes WHERE owner_id_number IS NOT NULL) n
JOIN resident_of c ON c.cluster = n.cluster
JOIN residents_in r ON r.rid = c.rid
WHERE r.id_number IS NOT NULL;

CREATE TEMP TABLE by_name AS
SELECT
    n.rid,
    CASE
        WHEN min(n.cluster) FILTER (WHERE n.has_phone) = max(n.cluster) FILTER (WHERE n.has_phone)
            THEN min(n.cluster) FILTER (WHERE n.has_phone)
        WHEN min(n.cluster) = max(n.cluster) THEN min(n.cluster)
    END AS cluster
FROM namesakes n
GROUP BY n.rid;

CREATE TEMP TABLE holder_of AS
SELECT f.rid, i.entity_id AS resident_id
FROM (
    SELECT rid, cluster FROM by_id
    UNION ALL
    SELECT b.rid, b.cluster
    FROM by_name b
    JOIN owners o ON o.rid = b.rid
    LEFT JOIN identified d ON d.cluster = b.cluster
    WHERE o.owner_id_number IS NULL OR d.id_number IS NULL
) f
JOIN resident_ids i ON i.cluster = f.cluster;
