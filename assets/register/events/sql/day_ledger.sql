-- The records of a day by file, from the passes written and the records folded; the caller compares them with what
-- was accepted.
-- Reads:  passes, event_files, $folded (the day's folded records).
SELECT company, delivery_id, file, sum(kept)::BIGINT AS kept, sum(folded)::BIGINT AS folded
FROM (
    SELECT f.company, f.delivery_id, f.file, count(*) AS kept, 0 AS folded
    FROM passes p
    JOIN event_files f ON f.ordinal = p.file_ordinal
    GROUP BY ALL
    UNION ALL
    SELECT company, delivery_id, file, 0, count(*)
    FROM read_parquet($folded)
    GROUP BY ALL
)
GROUP BY company, delivery_id, file
ORDER BY company, delivery_id, file
