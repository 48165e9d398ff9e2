-- Makes:  candidates (join_key_l, join_key_r, match_key): pairs of units worth a comparison; hot_keys, per kind of key.
-- Reads:  units.
-- Holds:  at least one of a pair is weak, each pair comes once, left < right. A key that more than $most_units units
--         share makes no pairs, so pairs grow with the units and not with their square; what that leaves out is counted.
CREATE OR REPLACE TEMP TABLE block_keys AS
WITH born AS (
    -- day and month in either order
    SELECT *, concat_ws('-', year(birth_date), least(month(birth_date), day(birth_date)),
        greatest(month(birth_date), day(birth_date))) AS born
    FROM units
),
keyed AS (
    SELECT unit, is_weak, 'house' AS kind, unnest(houses)::VARCHAR AS key FROM units
    UNION ALL
    SELECT unit, is_weak, 'phone', unnest(phones) FROM units
    UNION ALL
    SELECT unit, is_weak, 'phone mask and surname', concat_ws('|', unnest(phone_masks), surname) FROM units
    UNION ALL
    SELECT unit, is_weak, 'first 15 of the ID', coalesce(left(id_number, 15), id_start, left(id_typed, 15)) FROM units
    UNION ALL
    SELECT unit, is_weak, 'corrected ID', unnest(coalesce(id_repairs, [id_number])) FROM units
    UNION ALL
    SELECT unit, is_weak, 'other document', id_other FROM units
    UNION ALL
    SELECT unit, is_weak, 'end of the ID and birth date', right(coalesce(id_number, id_fits, id_typed), 4) || born
    FROM born
    WHERE born <> ''
    UNION ALL
    SELECT unit, is_weak, 'end of the ID and community',
        right(coalesce(id_number, id_fits, id_typed), 4) || unnest(communities)
    FROM units
    UNION ALL
    SELECT unit, is_weak, 'sound and birth date', sound || '|' || born FROM born WHERE born <> ''
    UNION ALL
    SELECT unit, is_weak, 'shape and birth date', shape || '|' || born FROM born WHERE born <> ''
    UNION ALL
    SELECT unit, is_weak, 'given name and birth date', given_sound || '|' || born FROM born WHERE born <> ''
    UNION ALL
    SELECT unit, is_weak, 'surname and birth date', surname || '|' || born FROM born WHERE born <> ''
    UNION ALL
    SELECT unit, is_weak, 'surname, birth date and community', surname || '|' || born || '|' || unnest(communities)
    FROM born
    WHERE born <> ''
    UNION ALL
    SELECT unit, is_weak, 'birth date and community', born || '|' || unnest(communities) FROM born WHERE born <> ''
    UNION ALL
    SELECT unit, is_weak, 'sound and community', sound || '|' || unnest(communities) FROM units
    UNION ALL
    SELECT unit, is_weak, 'car', unnest(cars) FROM units
    UNION ALL
    -- without a birth date, a name elsewhere needs somebody beside it
    SELECT unit, is_weak, 'sound and household', sound || '|' || unnest(kin)
    FROM units
    WHERE sound IN (SELECT sound FROM units WHERE is_weak AND birth_date IS NULL AND kin IS NOT NULL)
)
SELECT DISTINCT unit, is_weak, kind, key FROM keyed WHERE key IS NOT NULL;

CREATE OR REPLACE TEMP TABLE blocks AS
SELECT kind, key, count(*) AS units
FROM block_keys
GROUP BY kind, key
HAVING count(*) > 1 AND bool_or(is_weak);

CREATE OR REPLACE TEMP TABLE hot_keys AS
SELECT kind, count(*) AS blocks, count(*) FILTER (WHERE units > $most_units) AS hot, max(units) AS largest
FROM blocks
GROUP BY kind;

CREATE OR REPLACE TEMP TABLE candidates AS
SELECT DISTINCT least(w.unit, o.unit) AS join_key_l, greatest(w.unit, o.unit) AS join_key_r, '0' AS match_key
FROM block_keys w
JOIN blocks b ON b.kind = w.kind AND b.key = w.key AND b.units <= $most_units
JOIN block_keys o ON o.kind = w.kind AND o.key = w.key
WHERE w.is_weak AND w.unit <> o.unit;

DROP TABLE block_keys;
DROP TABLE blocks;
