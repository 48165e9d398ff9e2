-- Makes:  newborn (cluster, provenance, entity_id: the id a new entity would get) of the clusters without an id, and
--         more rows of kept: where that very id is known and nobody else has it, the cluster begins with the record
--         the id was issued for.
-- Reads:  clusters, files, kept, merged, $entities.
-- Holds:  records that nothing tells apart (two rows with one name and no more) keep their ids on unchanged input.
CREATE TEMP TABLE newborn AS
SELECT
    c.cluster,
    concat_ws('|', $prefix, f.delivery_id, f.file, c.cluster % 4294967296) AS provenance,
    $prefix || left(md5(concat_ws('|', $prefix, f.delivery_id, f.file, c.cluster % 4294967296)), 16) AS entity_id
FROM clusters c
JOIN files f ON f.file_no = c.cluster // 4294967296
LEFT JOIN kept k ON k.cluster = c.cluster
WHERE k.cluster IS NULL;

INSERT INTO kept
SELECT n.cluster, n.entity_id
FROM newborn n
JOIN $entities e ON e.entity_id = n.entity_id AND e.status <> 'merged'
LEFT JOIN kept k ON k.entity_id = n.entity_id
LEFT JOIN merged m ON m.entity_id = n.entity_id
WHERE k.entity_id IS NULL AND m.entity_id IS NULL;
