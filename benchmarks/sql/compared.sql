-- Makes:  compared, one row for every true row of a file that should load, and every actual row that is not true:
--         expected and actual outcome with their reasons, and whether it is right.
-- Reads:  actual, true_rows (rows of the truth), true_files (files of the truth).
-- Holds:  of the rows that tell of one pass any one may be kept: a row that was expected to be kept is right as a
--         duplicate of its pass, and one expected to be a duplicate is right if it is the only one kept.
CREATE OR REPLACE TEMP TABLE kept_passes AS
SELECT t.entity_id, count(*) AS kept
FROM true_rows t
JOIN actual a USING (company, file, row_number)
WHERE t.dataset = 'access_events' AND a.outcome IN ('accepted', 'warning') AND t.entity_id IS NOT NULL
GROUP BY t.entity_id;

CREATE OR REPLACE TEMP TABLE compared AS
SELECT
    coalesce(t.company, a.company) AS company,
    t.dataset,
    coalesce(t.file, a.file) AS file,
    coalesce(t.row_number, a.row_number) AS row_number,
    CASE WHEN len(t.mess) > 0 THEN t.mess ELSE ['none'] END AS mess,
    coalesce(t.outcome, 'no such row') AS expected,
    coalesce(t.reasons, []) AS expected_reasons,
    coalesce(a.outcome, 'missing') AS actual,
    coalesce(a.reasons, []) AS actual_reasons,
    coalesce(
        CASE
            WHEN t.outcome = 'duplicate' AND a.outcome = 'duplicate' THEN k.entity_id = t.entity_id
            WHEN t.dataset = 'access_events' AND t.outcome = 'duplicate' AND a.outcome IN ('accepted', 'warning')
                THEN p.kept = 1
            WHEN t.dataset = 'access_events' AND t.outcome IN ('accepted', 'warning') AND a.outcome = 'duplicate'
                THEN p.kept = 1 AND k.entity_id = t.entity_id
            ELSE t.outcome = a.outcome AND t.reasons = a.reasons
        END,
        false
    ) AS is_right
FROM (
    SELECT r.*
    FROM true_rows r
    SEMI JOIN (FROM true_files WHERE outcome = 'loaded') l ON l.company = r.company
        AND l.file = CASE WHEN contains(l.file, '!') THEN r.file ELSE split_part(r.file, '!', 1) END
) t
FULL JOIN actual a ON a.company = t.company AND a.file = t.file AND a.row_number = t.row_number
LEFT JOIN true_rows k ON k.company = a.kept_company AND k.file = a.kept_file AND k.row_number = a.kept_row
LEFT JOIN kept_passes p ON p.entity_id = t.entity_id;
