-- The passes of a day by community, and how many are of nobody the register knows.
SELECT community_id, event_date, count(*) AS passes, count(*) FILTER (WHERE NOT is_registered) AS unregistered
FROM passes
GROUP BY community_id, event_date
ORDER BY community_id
