-- The passes of a day, without whom they are of.
SELECT event_id, occurred_at, event_date, community_id, gate, direction, method, subject_kind, is_registered
FROM passes
