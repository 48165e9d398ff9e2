-- Makes:  reviewed (pair, verdict, "left", "right"): the verdicts whose records are delivered tonight.
-- Reads:  verdicts (pair, verdict, left_names, right_names), record_names (rid, name).
-- Holds:  one row per pair; on each side the first name that is delivered stands for it. A verdict of which a side is
--         gone waits: it holds again when a record of that name comes back.
CREATE OR REPLACE TEMP TABLE reviewed AS
WITH named AS (
    SELECT pair, verdict, 'left' AS side, unnest(left_names) AS name, generate_subscripts(left_names, 1) AS place
    FROM verdicts
    UNION ALL
    SELECT pair, verdict, 'right', unnest(right_names), generate_subscripts(right_names, 1)
    FROM verdicts
),
found AS (
    SELECT n.pair, n.verdict, n.side, arg_min(r.rid, n.place) AS rid
    FROM named n
    JOIN record_names r ON r.name = n.name
    GROUP BY n.pair, n.verdict, n.side
)
SELECT l.pair, l.verdict, l.rid AS "left", r.rid AS "right"
FROM found l
JOIN found r ON r.pair = l.pair
WHERE l.side = 'left' AND r.side = 'right' AND l.rid <> r.rid;
