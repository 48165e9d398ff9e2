-- Makes:  ids (cluster, entity_id) for every cluster, events of tonight, entities and known keys for the next night.
-- Reads:  clusters (cluster, records, first_on), newborn, claims, kept, merged, matched, trusts,
--         $entities (entity_id, status, created_on, first_seen), keys of tonight in matched.
-- Holds:  a new id is a digest of its type and of the provenance of the cluster's smallest record, salted with the
--         number of ids ever issued where that digest was issued before. A cluster that lost the id it claimed is born
--         by a split. An id is retired once; a merged id never comes back. An entity that has a key of trust 1 tonight
--         loses its older ones: they were corrected.
CREATE TEMP TABLE born AS
SELECT
    n.cluster,
    CASE WHEN e.entity_id IS NULL THEN n.entity_id
        ELSE $prefix || left(md5(n.provenance || '|' || (SELECT count(*) FROM $entities)), 16) END AS entity_id
FROM newborn n
LEFT JOIN kept k ON k.cluster = n.cluster
LEFT JOIN $entities e ON e.entity_id = n.entity_id
WHERE k.cluster IS NULL;

CREATE TEMP TABLE ids AS
SELECT cluster, entity_id FROM kept
UNION ALL
SELECT cluster, entity_id FROM born;

CREATE TEMP TABLE events AS
WITH lost AS (
    SELECT b.entity_id, arg_min(k.entity_id, (c.trust, k.entity_id)) AS other_id, min(c.trust) AS trust
    FROM born b
    JOIN claims c ON c.cluster = b.cluster AND c.trust <= $splits
    JOIN (
        SELECT entity_id, entity_id AS claimed FROM kept
        UNION ALL
        SELECT other_id, entity_id FROM merged
    ) k ON k.claimed = c.entity_id
    GROUP BY b.entity_id
)
SELECT
    b.entity_id,
    CASE WHEN l.entity_id IS NULL THEN 'created' ELSE 'split' END AS event,
    l.other_id,
    CASE WHEN l.entity_id IS NULL THEN 'records that no known id claims'
        ELSE 'shares a ' || t.says || ' with the other id, whose records another group holds' END AS cause
FROM born b
LEFT JOIN lost l ON l.entity_id = b.entity_id
LEFT JOIN (SELECT trust, min(says) AS says FROM trusts GROUP BY trust) t ON t.trust = l.trust
UNION ALL
SELECT m.entity_id, 'merged', m.other_id, 'records of both belong together; this one was found by its ' || t.says
FROM merged m
JOIN (SELECT trust, min(says) AS says FROM trusts GROUP BY trust) t ON t.trust = m.trust
UNION ALL
SELECT e.entity_id, 'restored', NULL, 'its records are delivered again'
FROM $entities e
JOIN kept k ON k.entity_id = e.entity_id
WHERE e.status = 'retired'
UNION ALL
SELECT e.entity_id, 'retired', NULL, 'no delivery in effect has a record of it'
FROM $entities e
LEFT JOIN kept k ON k.entity_id = e.entity_id
LEFT JOIN merged m ON m.entity_id = e.entity_id
WHERE e.status = 'living' AND k.entity_id IS NULL AND m.entity_id IS NULL;

CREATE TEMP TABLE lives AS
SELECT
    coalesce(e.entity_id, i.entity_id) AS entity_id,
    CASE WHEN i.entity_id IS NOT NULL THEN 'living' WHEN m.entity_id IS NOT NULL THEN 'merged'
        WHEN e.status = 'living' THEN 'retired' ELSE e.status END AS status,
    coalesce(e.created_on, $as_of) AS created_on,
    least(e.first_seen, c.first_on, inherited.first_seen) AS first_seen,
    coalesce(m.other_id, e.merged_into) AS merged_into
FROM $entities e
FULL JOIN ids i ON i.entity_id = e.entity_id
LEFT JOIN clusters c ON c.cluster = i.cluster
LEFT JOIN merged m ON m.entity_id = e.entity_id
LEFT JOIN (
    SELECT x.other_id, min(y.first_seen) AS first_seen
    FROM merged x
    JOIN $entities y ON y.entity_id = x.entity_id
    GROUP BY x.other_id
) inherited ON inherited.other_id = i.entity_id;

CREATE TEMP VIEW known AS
SELECT m.kind, m.key, i.entity_id
FROM matched m
JOIN ids i ON i.cluster = m.cluster
UNION ALL
SELECT m.kind, m.key, coalesce(g.other_id, m.entity_id)
FROM matched m
JOIN trusts t ON t.kind = m.kind
LEFT JOIN merged g ON g.entity_id = m.entity_id
LEFT JOIN (
    SELECT DISTINCT i.entity_id
    FROM matched x
    JOIN trusts y ON y.kind = x.kind AND y.trust = 1
    JOIN ids i ON i.cluster = x.cluster
) proven ON proven.entity_id = coalesce(g.other_id, m.entity_id)
WHERE m.cluster IS NULL AND (t.trust > 1 OR proven.entity_id IS NULL);

DROP TABLE newborn;
DROP TABLE born;
DROP TABLE won;
DROP TABLE claims;
