-- Makes:  $clusters (node, cluster, rule, probability).
-- Reads:  $nodes, labels, sided.
-- Holds:  every node is in exactly one cluster, named by its smallest node. All nodes with one exclusive value are in
--         one cluster, and no cluster holds two values. A connected group of free nodes joins the cluster of a value
--         exactly when its edges lead to that value only; a group that leads to two stays by itself. rule is the
--         most trusted edge ($trust) that holds the node, 'single' where there is none; probability is that edge's.
CREATE OR REPLACE TEMP TABLE grouped AS
SELECT n.node, n.exclusive, CASE WHEN n.exclusive IS NULL THEN coalesce(l.label, n.node) END AS label
FROM $nodes n
LEFT JOIN labels l ON l.node = n.node;

CREATE OR REPLACE TEMP TABLE adopted AS
SELECT g.label, min(a.exclusive) AS exclusive, min(a.exclusive) <> max(a.exclusive) AS is_ambiguous
FROM (
    SELECT "left" AS node, right_exclusive AS exclusive FROM sided WHERE left_exclusive IS NULL
    UNION ALL
    SELECT "right", left_exclusive FROM sided WHERE right_exclusive IS NULL
) a
JOIN grouped g ON g.node = a.node
WHERE a.exclusive IS NOT NULL
GROUP BY g.label;

CREATE OR REPLACE TEMP TABLE joined AS
SELECT g.node, coalesce(g.exclusive, a.exclusive) AS exclusive, g.label
FROM grouped g
LEFT JOIN adopted a ON a.label = g.label AND NOT a.is_ambiguous;

CREATE OR REPLACE TEMP TABLE anchors AS
SELECT exclusive, min(node) AS cluster FROM joined WHERE exclusive IS NOT NULL GROUP BY exclusive;

CREATE OR REPLACE TEMP TABLE membership AS
SELECT j.node, coalesce(a.cluster, j.label) AS cluster
FROM joined j
LEFT JOIN anchors a ON a.exclusive = j.exclusive;

CREATE OR REPLACE TEMP TABLE held AS
SELECT e.node, arg_min(e.rule, $trust) AS rule, max(e.probability) AS probability
FROM (
    SELECT s."left" AS node, s."right" AS other, s.rule, s.probability FROM sided s
    UNION ALL
    SELECT s."right", s."left", s.rule, s.probability FROM sided s
) e
JOIN membership m ON m.node = e.node
JOIN membership o ON o.node = e.other
WHERE o.cluster = m.cluster
GROUP BY e.node;

CREATE OR REPLACE TEMP TABLE $clusters AS
SELECT m.node, m.cluster, coalesce(h.rule, 'single') AS rule, coalesce(h.probability, 1.0)::DOUBLE AS probability
FROM membership m
LEFT JOIN held h ON h.node = m.node;

DROP TABLE sided;
DROP TABLE neighbours;
DROP TABLE labels;
DROP TABLE grouped;
DROP TABLE adopted;
DROP TABLE joined;
DROP TABLE anchors;
DROP TABLE membership;
DROP TABLE held;
