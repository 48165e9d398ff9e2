-- Makes:  view keys (kind, key, cluster) by which the id ledger knows a resident again; named_records, behind it.
-- Reads:  residents_in, resident_of (rid -> cluster), house_of (rid -> house_no), house_ids (cluster -> entity_id),
--         id_numbers.
-- Holds:  'nph', 'nbh' and 'rec' hold whole names only. 'row' and 'nh' are made only for records whose person has no ID number: they tell
--         who a record was about yesterday, and are no evidence that two records are one person.
CREATE TEMP TABLE named_records AS
SELECT
    r.rid, o.cluster, h.entity_id AS house_id, r.company, r.feed, r.name, r.phones, r.birth_date, r.record_key,
    r.record_hash, r.community_id, r.name IS NOT NULL AND NOT r.name_is_partial AS has_name,
    i.cluster IS NOT NULL AS has_id
FROM residents_in r
JOIN resident_of o ON o.rid = r.rid
LEFT JOIN (SELECT DISTINCT x.cluster FROM id_numbers n JOIN resident_of x ON x.rid = n.id_no) i
    ON i.cluster = o.cluster
LEFT JOIN house_of p ON p.rid = r.rid
LEFT JOIN house_ids h ON h.cluster = p.house_no;

CREATE TEMP VIEW keys AS
SELECT 'id' AS kind, concat_ws('|', i.id_class, i.id_number) AS key, o.cluster
FROM id_numbers i
JOIN resident_of o ON o.rid = i.id_no
UNION ALL
SELECT 'nph', concat_ws('|', name, phone, house_id), cluster
FROM (SELECT name, house_id, cluster, unnest(phones) AS phone FROM named_records WHERE has_name AND house_id IS NOT NULL)
UNION ALL
SELECT 'nbh', concat_ws('|', name, birth_date, house_id), cluster
FROM named_records WHERE has_name AND house_id IS NOT NULL AND birth_date IS NOT NULL
UNION ALL
SELECT 'rec', concat_ws('|', company, feed, record_key, name), cluster
FROM named_records WHERE record_key IS NOT NULL AND has_name
UNION ALL
SELECT 'row', concat_ws('|', company, feed, record_hash), cluster
FROM named_records WHERE NOT has_id
UNION ALL
SELECT 'nh', concat_ws('|', company, feed, coalesce(house_id, community_id), name), cluster
FROM named_records WHERE NOT has_id AND name IS NOT NULL;
