-- The records of $day that were folded, and the record kept instead of each (which may be of a neighbouring day).
-- Reads:  folded_places, event_files, event_records.
SELECT
    f.company,
    f.delivery_id,
    f.file,
    p.place % 1099511627776 AS row_number,
    k.delivery_id AS kept_delivery_id,
    k.file AS kept_file,
    p.kept_place % 1099511627776 AS kept_row_number
FROM folded_places p
SEMI JOIN (SELECT place FROM event_records WHERE event_date = $day) r ON r.place = p.place
JOIN event_files f ON f.ordinal = p.place // 1099511627776
JOIN event_files k ON k.ordinal = p.kept_place // 1099511627776
ORDER BY f.delivery_id, f.file, row_number
