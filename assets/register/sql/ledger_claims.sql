-- Makes:  matched (tonight's and the known keys, paired), claims (cluster, entity_id, trust).
-- Reads:  keys (kind, key, cluster), trusts (kind, trust), $known (kind, key, entity_id: one entity per key).
-- Holds:  a key that two clusters hold tonight proves nothing, so it neither claims nor is stored. Trust 1 is the key
--         that belongs to one entity alone (ID number, house key, plate); where cluster and entity have different
--         ones, a lesser key claims only with trust $conflict: maybe a correction, never a reason to merge.
CREATE TEMP TABLE tonight AS
SELECT kind, key, min(cluster) AS cluster
FROM keys
GROUP BY kind, key
HAVING min(cluster) = max(cluster);

CREATE TEMP TABLE matched AS
SELECT coalesce(t.kind, k.kind) AS kind, coalesce(t.key, k.key) AS key, t.cluster, k.entity_id
FROM tonight t
FULL JOIN $known k ON k.kind = t.kind AND k.key = t.key;

DROP TABLE tonight;

CREATE TEMP TABLE claims AS
WITH pairs AS (
    SELECT m.cluster, m.entity_id, min(t.trust) AS trust
    FROM matched m
    JOIN trusts t ON t.kind = m.kind
    WHERE m.cluster IS NOT NULL AND m.entity_id IS NOT NULL
    GROUP BY m.cluster, m.entity_id
),
proven AS (SELECT m.cluster, m.entity_id FROM matched m JOIN trusts t ON t.kind = m.kind WHERE t.trust = 1),
proven_clusters AS (SELECT DISTINCT cluster FROM proven WHERE cluster IS NOT NULL),
proven_entities AS (SELECT DISTINCT entity_id FROM proven WHERE entity_id IS NOT NULL)
SELECT
    p.cluster,
    p.entity_id,
    CASE WHEN p.trust > 1 AND c.cluster IS NOT NULL AND e.entity_id IS NOT NULL THEN $conflict ELSE p.trust END AS trust
FROM pairs p
LEFT JOIN proven_clusters c ON c.cluster = p.cluster
LEFT JOIN proven_entities e ON e.entity_id = p.entity_id;
