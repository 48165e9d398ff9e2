-- Makes:  labels (node, label) of the free nodes that have a free neighbour, each its own label; neighbours.
-- Reads:  $nodes (node, exclusive), $edges (left, right, rule, probability).
-- Holds:  a free node is one without an exclusive value; neighbours holds each edge between free nodes both ways.
CREATE OR REPLACE TEMP TABLE sided AS
SELECT e."left", e."right", e.rule, e.probability, l.exclusive AS left_exclusive, r.exclusive AS right_exclusive
FROM $edges e
JOIN $nodes l ON l.node = e."left"
JOIN $nodes r ON r.node = e."right"
WHERE e."left" <> e."right";

CREATE OR REPLACE TEMP TABLE neighbours AS
SELECT DISTINCT node, neighbour
FROM (
    SELECT "left" AS node, "right" AS neighbour FROM sided WHERE left_exclusive IS NULL AND right_exclusive IS NULL
    UNION ALL
    SELECT "right", "left" FROM sided WHERE left_exclusive IS NULL AND right_exclusive IS NULL
);

CREATE OR REPLACE TEMP TABLE labels AS
SELECT node, least(node, min(neighbour)) AS label
FROM neighbours
GROUP BY node;
