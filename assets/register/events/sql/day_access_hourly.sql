-- The passes of a day, counted by gate and hour. Asia/Shanghai is whole hours from UTC, so hours are the same.
SELECT community_id, gate, date_trunc('hour', occurred_at) AS hour, direction, subject_kind, count(*) AS events
FROM passes
GROUP BY ALL
