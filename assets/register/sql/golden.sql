-- Makes:  golden (cluster, $columns …): the surviving values of every cluster; survived (rid, columns_kept): which of
--         them each record gave, one bit per column.
-- Reads:  $records (cluster, rid, trust, verified, complete, updated_at, delivered_on and the columns).
-- Holds:  each column has its order of preference (one of $ranks); the first record with a value wins, one whose value is
--         in doubt only where no other has any. Clusters of one record pass straight through: they are most.
CREATE TEMP TABLE sizes AS
SELECT cluster, count(*) AS records FROM $records GROUP BY cluster;

CREATE TEMP TABLE ranked AS
SELECT *, $places
FROM (
    SELECT r.*, $ranks
    FROM $records r
    JOIN sizes s ON s.cluster = r.cluster
    WHERE s.records > 1
);

CREATE TEMP TABLE picked AS
SELECT cluster, $picked
FROM ranked
GROUP BY cluster;

CREATE TEMP TABLE golden AS
SELECT r.cluster, $columns
FROM $records r
JOIN sizes s ON s.cluster = r.cluster
WHERE s.records = 1
UNION ALL
SELECT cluster, $columns FROM picked;

CREATE TEMP TABLE survived AS
SELECT r.rid, $given AS columns_kept
FROM $records r
JOIN sizes s ON s.cluster = r.cluster
WHERE s.records = 1
UNION ALL
SELECT r.rid, $given_first
FROM ranked r
JOIN picked p ON p.cluster = r.cluster;

DROP TABLE ranked;
DROP TABLE picked;
