-- Makes:  more rows of merged: living ids nobody kept, whose records (by record key or unchanged row) went to a cluster
--         that keeps another id.
-- Reads:  claims, kept, merged, $entities.
-- Holds:  never on a conflicting claim, so two different ID numbers never become one id.
INSERT INTO merged
SELECT c.entity_id, arg_min(k.entity_id, (c.trust, c.cluster)), min(c.trust)
FROM claims c
JOIN kept k ON k.cluster = c.cluster
JOIN $entities e ON e.entity_id = c.entity_id AND e.status = 'living'
LEFT JOIN kept o ON o.entity_id = c.entity_id
LEFT JOIN merged m ON m.entity_id = c.entity_id
WHERE c.trust <= $splits AND o.entity_id IS NULL AND m.entity_id IS NULL
GROUP BY c.entity_id;
