-- Makes:  actual, one row for every row of a loaded file: what the layers made of it.
-- Reads:  $accepted, $quarantined, $duplicates, $skipped (parts of the standard deliveries), $folded (the merge's folded
--         events).
CREATE OR REPLACE TEMP TABLE actual AS
SELECT
    a.company, a.file, a.row_number,
    CASE WHEN f.file IS NOT NULL THEN 'duplicate' WHEN len(a.warnings) > 0 THEN 'warning' ELSE 'accepted' END AS outcome,
    CASE WHEN f.file IS NULL THEN list_sort(coalesce(a.warnings, [])) ELSE [] END AS reasons,
    f.kept_company AS kept_company, f.kept_file, f.kept_row_number AS kept_row
FROM read_parquet($accepted, union_by_name = true) a
LEFT JOIN (
    SELECT f.*, k.company AS kept_company
    FROM read_parquet($folded) f
    JOIN (SELECT DISTINCT company, delivery_id FROM read_parquet($accepted, union_by_name = true)) k
        ON k.delivery_id = f.kept_delivery_id
) f ON f.delivery_id = a.delivery_id AND f.file = a.file AND f.row_number = a.row_number
UNION ALL
SELECT
    company, file, row_number, 'quarantined', list_sort(list_distinct(list_concat(reasons, coalesce(warnings, [])))),
    NULL, NULL, NULL
FROM read_parquet($quarantined)
UNION ALL
SELECT company, file, row_number, 'duplicate', [], company, duplicate_of_file, duplicate_of_row
FROM read_parquet($duplicates)
UNION ALL
SELECT company, file, row_number, row_kind, [], NULL, NULL, NULL
FROM read_parquet($skipped);
