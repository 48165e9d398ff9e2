-- Makes:  $entity_type's sources (rid, entity_type, entity_id, match_rule, match_probability, columns_kept).
-- Reads:  members (rid, cluster, rule, probability), ids (cluster, entity_id), survived (rid, columns_kept).
-- Holds:  one row per record.
CREATE TEMP TABLE sources AS
SELECT m.rid, $entity_type AS entity_type, i.entity_id, m.rule AS match_rule, m.probability AS match_probability,
    coalesce(s.columns_kept, 0) AS columns_kept
FROM members m
JOIN ids i ON i.cluster = m.cluster
LEFT JOIN survived s ON s.rid = m.rid;
