-- Pairwise and B-cubed scores of $entity in $stratum, from the contingency of clusters and true entities.
-- Reads:  clustered.
WITH cells AS (
    SELECT cluster_id, true_id, count(*)::DOUBLE AS n
    FROM clustered
    WHERE entity = $entity AND (valid_id OR $stratum <> 'valid_id')
    GROUP BY cluster_id, true_id
),
sized AS (
    SELECT n, sum(n) OVER (PARTITION BY cluster_id) AS in_cluster, sum(n) OVER (PARTITION BY true_id) AS in_entity
    FROM cells
),
totals AS (
    SELECT
        sum(n) AS records,
        sum(n * (n - 1)) / 2 AS right_pairs,
        sum(n * (in_cluster - 1)) / 2 AS found_pairs,
        sum(n * (in_entity - 1)) / 2 AS true_pairs,
        sum(n * n / in_cluster) / sum(n) AS b_precision,
        sum(n * n / in_entity) / sum(n) AS b_recall
    FROM sized
)
SELECT
    records::BIGINT AS records,
    true_pairs::BIGINT AS true_pairs,
    CASE WHEN found_pairs > 0 THEN right_pairs / found_pairs ELSE 1 END AS precision,
    CASE WHEN true_pairs > 0 THEN right_pairs / true_pairs ELSE 1 END AS recall,
    CASE WHEN found_pairs + true_pairs > 0 THEN 2 * right_pairs / (found_pairs + true_pairs) ELSE 1 END AS f1,
    2 * b_precision * b_recall / (b_precision + b_recall) AS bcubed_f1
FROM totals
WHERE records > 0
