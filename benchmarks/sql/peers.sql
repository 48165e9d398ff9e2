-- Makes:  clustered (as clusters.sql does, of residents only) and blocked (as blocked.sql does) of one peer.
-- Reads:  peer_records, peer_clusters (id, c), peer_compared (l, r), true_rows, base_records.
CREATE OR REPLACE TEMP TABLE peer_known AS
SELECT p.id, k.c AS cluster_id, t.entity_id AS true_id, coalesce(b.valid_id, false) AS valid_id
FROM peer_records p
JOIN peer_clusters k ON k.id = p.id
JOIN true_rows t ON t.company = p.company AND t.file = p.file AND t.row_number = p.row_number
LEFT JOIN base_records b ON b.company = p.company AND b.file = p.file AND b.row_number = p.row_number;

CREATE OR REPLACE TEMP TABLE clustered AS
SELECT 'residents' AS entity, cluster_id, true_id, valid_id FROM peer_known;

CREATE OR REPLACE TEMP TABLE blocked AS
WITH known AS (SELECT *, NOT bool_and(valid_id) OVER (PARTITION BY true_id) AS weak FROM peer_known)
SELECT l.weak, c.l IS NOT NULL AS reached
FROM known l
JOIN known r ON r.true_id = l.true_id AND r.id > l.id
LEFT JOIN peer_compared c ON c.l = l.id AND c.r = r.id;
