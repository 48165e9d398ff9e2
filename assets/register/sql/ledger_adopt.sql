-- Makes:  more rows of kept, from claims of one weak trust ($level).
-- Reads:  claims, kept, won.
-- Holds:  only a cluster without an id and an id without a cluster, and only where each is the other's one candidate.
CREATE OR REPLACE TEMP TABLE candidates AS
SELECT c.cluster, c.entity_id
FROM claims c
LEFT JOIN kept k ON k.cluster = c.cluster
LEFT JOIN kept o ON o.entity_id = c.entity_id
LEFT JOIN won w ON w.entity_id = c.entity_id
WHERE c.trust = $level AND k.cluster IS NULL AND o.entity_id IS NULL AND w.entity_id IS NULL;

INSERT INTO kept
SELECT min(cluster), entity_id
FROM candidates
WHERE cluster IN (SELECT cluster FROM candidates GROUP BY cluster HAVING count(*) = 1)
    AND entity_id IN (SELECT entity_id FROM candidates GROUP BY entity_id HAVING count(*) = 1)
GROUP BY entity_id;

DROP TABLE candidates;
