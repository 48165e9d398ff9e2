-- Makes:  the query whose rows are the passes of $day: one row per record kept, with whom it is attached to.
-- Reads:  event_records, folded_places, subjects.
-- Holds:  event_id is unique; a record of another day, read for the passes around midnight, is not here.
-- The folded are left out last: before, DuckDB would guess that few records remain, and hold them all in memory instead
-- of the subjects.
SELECT
    r.event_id,
    r.occurred_at,
    r.event_date,
    r.community_id,
    r.gate,
    r.direction,
    r.method,
    r.subject_kind,
    s.attach_key IS NOT NULL AS is_registered,
    s.entity_type,
    s.entity_id,
    r.file_ordinal,
    r.row_number
FROM event_records r
LEFT JOIN subjects s ON s.attach_key = r.attach_key
ANTI JOIN folded_places f ON f.place = r.place
WHERE r.event_date = $day
