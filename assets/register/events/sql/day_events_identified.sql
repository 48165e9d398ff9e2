-- Whom the passes of a day are of, where that may be said, and the record each was taken from.
SELECT p.event_id, p.event_date, p.entity_type, p.entity_id, f.company, f.delivery_id, f.file, p.row_number
FROM passes p
JOIN event_files f ON f.ordinal = p.file_ordinal
WHERE p.entity_id IS NOT NULL
