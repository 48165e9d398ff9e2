-- The passes of a day, counted by gate and hour. Asia/Shanghai is whole hours from UTC, so hours are the same. They are
-- told apart by their number, and only the hour of a group is looked up in a calendar.
SELECT
    community_id,
    gate,
    date_trunc('hour', min(occurred_at)) AS hour,
    direction,
    subject_kind,
    count(*) AS events
FROM passes
GROUP BY community_id, gate, epoch_us(occurred_at) // 3600000000, direction, subject_kind
