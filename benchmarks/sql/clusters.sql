-- Makes:  clustered (entity, cluster_id, true_id, valid_id): every record that was matched, the entity it was put to and
--         the true one.
-- Reads:  true_rows; sources (the released table); mentions (company, file, row_number, house_no: the house that
--         each record of any dataset names); base_records (company, dataset, file, row_number, valid_id,
--         is_snapshot: accepted records of the deliveries in effect); kept_events (company, file, row_number,
--         cluster_id: accepted events and the record each was folded into).
-- Holds:  an accepted record of a snapshot that the register lost is a cluster of its own, so losing records costs
--         recall. A house's records are all that name it: residents' and vehicles' too, each in its own way. (Of a delta, an earlier record that a later one corrects is rightly in no cluster.)
CREATE OR REPLACE TEMP TABLE clustered AS
WITH matched AS (
    SELECT s.dataset, s.company, s.file, s.row_number, s.entity_id
    FROM sources s
    WHERE s.entity_type || 's' = s.dataset AND s.dataset <> 'houses'
)
SELECT
    coalesce(m.dataset, b.dataset) AS entity,
    coalesce(m.entity_id, concat('lost ', b.company, '/', b.file, ':', b.row_number)) AS cluster_id,
    t.entity_id AS true_id,
    coalesce(v.valid_id, false) AS valid_id
FROM matched m
FULL JOIN (FROM base_records WHERE is_snapshot AND dataset <> 'houses') b
    ON b.company = m.company AND b.file = m.file AND b.row_number = m.row_number
LEFT JOIN base_records v ON v.company = coalesce(m.company, b.company) AND v.file = coalesce(m.file, b.file)
    AND v.row_number = coalesce(m.row_number, b.row_number)
JOIN true_rows t ON t.company = coalesce(m.company, b.company) AND t.file = coalesce(m.file, b.file)
    AND t.row_number = coalesce(m.row_number, b.row_number)
UNION ALL
SELECT
    'houses',
    coalesce(m.house_no::VARCHAR, concat('lost ', b.company, '/', b.file, ':', b.row_number)),
    t.house_id,
    false
FROM mentions m
FULL JOIN (FROM base_records WHERE is_snapshot) b
    ON b.company = m.company AND b.file = m.file AND b.row_number = m.row_number
JOIN true_rows t ON t.company = coalesce(m.company, b.company) AND t.file = coalesce(m.file, b.file)
    AND t.row_number = coalesce(m.row_number, b.row_number)
WHERE t.house_id IS NOT NULL
UNION ALL
SELECT 'access_events', e.cluster_id, t.entity_id, false
FROM kept_events e
JOIN true_rows t ON t.company = e.company AND t.file = e.file AND t.row_number = e.row_number;
