-- Pairwise and B-cubed scores of $entity in $stratum, from the contingency of clusters and true entities.
-- Reads:  clustered (entity, cluster_id, true_id, valid_id).
-- Holds:  valid_id: only the records that have a valid ID number. weak: every pair that has a record of an entity some
--         record of which has none; so a weak record put to a stranger costs precision whoever the stranger is.
WITH records AS (
    SELECT cluster_id, true_id, $stratum <> 'weak' OR NOT bool_and(valid_id) OVER (PARTITION BY true_id) AS counted
    FROM clustered
    WHERE entity = $entity AND (valid_id OR $stratum <> 'valid_id')
),
cells AS (
    SELECT cluster_id, true_id, counted, count(*)::DOUBLE AS n FROM records GROUP BY cluster_id, true_id, counted
),
sized AS (
    SELECT n, counted, sum(n) OVER (PARTITION BY true_id) AS in_entity, sum(n) OVER (PARTITION BY cluster_id) AS in_cluster
    FROM cells
),
found AS (
    SELECT sum(n * (n - 1) - strong * (strong - 1)) / 2 AS found_pairs
    FROM (
        SELECT sum(n) AS n, coalesce(sum(n) FILTER (WHERE NOT counted), 0) AS strong FROM cells GROUP BY cluster_id
    )
),
totals AS (
    SELECT
        sum(n) AS records,
        sum(n * (n - 1)) / 2 AS right_pairs,
        any_value(found_pairs) AS found_pairs,
        sum(n * (in_entity - 1)) / 2 AS true_pairs,
        sum(n * n / in_cluster) / sum(n) AS b_precision,
        sum(n * n / in_entity) / sum(n) AS b_recall
    FROM sized, found
    WHERE counted
)
SELECT
    records::BIGINT AS records,
    true_pairs::BIGINT AS true_pairs,
    (found_pairs - right_pairs)::BIGINT AS wrong_pairs,
    (true_pairs - right_pairs)::BIGINT AS missed_pairs,
    CASE WHEN found_pairs > 0 THEN right_pairs / found_pairs ELSE 1 END AS precision,
    CASE WHEN true_pairs > 0 THEN right_pairs / true_pairs ELSE 1 END AS recall,
    CASE WHEN found_pairs + true_pairs > 0 THEN 2 * right_pairs / (found_pairs + true_pairs) ELSE 1 END AS f1,
    2 * b_precision * b_recall / (b_precision + b_recall) AS bcubed_f1
FROM totals
WHERE records > 0
