-- Makes:  reviewed (pair, verdict, "left", "right"): the verdicts whose records are delivered tonight.
-- Reads:  verdicts (pair, verdict, side, name, place: a row per name of each side), record_names (rid, name).
-- Holds:  one row per pair; on each side the first name that is delivered stands for it. A verdict of which a side is
--         gone waits: it holds again when a record of that name comes back.
CREATE OR REPLACE TEMP TABLE reviewed AS
WITH found AS (
    SELECT n.pair, n.verdict, n.side, arg_min(r.rid, n.place) AS rid
    FROM verdicts n
    JOIN record_names r ON r.name = n.name
    GROUP BY n.pair, n.verdict, n.side
)
SELECT l.pair, l.verdict, l.rid AS "left", r.rid AS "right"
FROM found l
JOIN found r ON r.pair = l.pair
WHERE l.side = 'left' AND r.side = 'right' AND l.rid <> r.rid;
