-- Makes:  view $view, the standing records of one dataset with their record number (rid).
-- Reads:  $records (accepted records), files, standing.
-- Holds:  a record that a later delivery of its delta feed corrected is not in it; first_on is the day of the first
--         delivery that had the record under its key.
CREATE OR REPLACE TEMP VIEW $view AS
SELECT
    f.file_no * 4294967296 + r.row_number AS rid,
    f.trust,
    coalesce(s.first_on, r.delivered_on) AS first_on,
    r.*
FROM $records r
JOIN files f ON f.delivery_id = r.delivery_id AND f.file = r.file
LEFT JOIN standing s ON s.rid = f.file_no * 4294967296 + r.row_number
WHERE coalesce(s.stands, true);
