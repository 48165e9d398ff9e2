-- Makes:  rows of standing: for every record of a delta feed whose key came in more than one delivery, whether it
--         stands (is of the last of them) and the day of the first.
-- Reads:  $records (accepted records of one dataset), files; $natural is the dataset's natural key, for records
--         without a key of the company's own.
-- Holds:  keys never reach across feeds; two records of one delivery never correct each other.
INSERT INTO standing
WITH keyed AS (
    SELECT
        f.file_no * 4294967296 + r.row_number AS rid,
        f.delivery_no,
        r.delivered_on,
        r.company,
        r.feed,
        coalesce('k' || r.record_key, 'n' || concat_ws('|', r.community_id, $natural)) AS key
    FROM $records r
    JOIN files f ON f.delivery_id = r.delivery_id AND f.file = r.file
    WHERE f.mode = 'delta'
),
repeated AS (
    SELECT company, feed, key, max(delivery_no) AS last_no, min(delivered_on) AS first_on
    FROM keyed
    WHERE key IS NOT NULL
    GROUP BY company, feed, key
    HAVING min(delivery_no) < max(delivery_no)
)
SELECT k.rid, k.delivery_no = r.last_no AS stands, r.first_on
FROM keyed k
JOIN repeated r ON r.company = k.company AND r.feed = k.feed AND r.key = k.key;
