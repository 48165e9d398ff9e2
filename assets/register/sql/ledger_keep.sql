-- Makes:  won (entity_id, cluster, trust), kept (cluster, entity_id), merged (entity_id, other_id, trust).
-- Reads:  claims, clusters (cluster, records), $entities (entity_id, status, created_on).
-- Holds:  a known id goes to one cluster: the one that proves it (trust 1), else the largest. A cluster keeps one id:
--         the oldest of the living, else of the retired; the others it won are merged into that one.
CREATE TEMP TABLE strong AS
SELECT s.cluster, s.entity_id, s.trust, count(*) OVER (PARTITION BY s.entity_id) AS claimants
FROM claims s
WHERE s.trust <= $strong;

CREATE TEMP TABLE won AS
SELECT entity_id, cluster, trust FROM strong WHERE claimants = 1
UNION ALL
SELECT s.entity_id, s.cluster, s.trust
FROM strong s
JOIN clusters c ON c.cluster = s.cluster
WHERE s.claimants > 1
QUALIFY row_number() OVER (
    PARTITION BY s.entity_id ORDER BY s.trust = 1 DESC, c.records DESC, s.trust, s.cluster
) = 1;

CREATE TEMP TABLE ranked AS
SELECT
    w.cluster, w.entity_id, w.trust,
    row_number() OVER (
        PARTITION BY w.cluster ORDER BY e.status = 'living' DESC, e.created_on, w.entity_id
    ) AS age
FROM won w
JOIN $entities e ON e.entity_id = w.entity_id;

CREATE TEMP TABLE kept AS
SELECT cluster, entity_id FROM ranked WHERE age = 1;

CREATE TEMP TABLE merged AS
SELECT r.entity_id, k.entity_id AS other_id, r.trust
FROM ranked r
JOIN kept k ON k.cluster = r.cluster
WHERE r.age > 1;

DROP TABLE strong;
DROP TABLE ranked;
