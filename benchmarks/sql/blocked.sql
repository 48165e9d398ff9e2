-- Makes:  blocked (weak, reached), one row per true pair of residents' records: whether exact evidence put both into one
--         unit or their units were compared; weak as in pairs.sql.
-- Reads:  true_rows, base_records; $files, $units, $candidates (what the register's stages left).
CREATE OR REPLACE TEMP TABLE blocked AS
WITH known AS (
    SELECT u.unit, u.rid, t.entity_id,
        NOT bool_and(coalesce(b.valid_id, false)) OVER (PARTITION BY t.entity_id) AS weak
    FROM read_parquet($units) u
    JOIN read_parquet($files) f ON f.file_no = u.rid // 4294967296
    JOIN true_rows t ON t.company = f.company AND t.file = f.file AND t.row_number = u.rid % 4294967296
    LEFT JOIN base_records b ON b.company = t.company AND b.file = t.file AND b.row_number = t.row_number
)
SELECT l.weak, l.unit = r.unit OR c."left" IS NOT NULL AS reached
FROM known l
JOIN known r ON r.entity_id = l.entity_id AND r.rid > l.rid
LEFT JOIN read_parquet($candidates) c
    ON c."left" = least(l.unit, r.unit) AND c."right" = greatest(l.unit, r.unit);
