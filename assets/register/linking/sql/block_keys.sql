-- Makes:  block_keys (unit, is_weak, kind, key): what two units must share to be compared.
-- Reads:  $units; $among limits the keys, if it says anything.
-- Holds:  each key of a unit comes once.
CREATE OR REPLACE TEMP TABLE block_keys AS
WITH born AS (
    -- day and month in either order
    SELECT *, concat_ws('-', year(birth_date), least(month(birth_date), day(birth_date)),
        greatest(month(birth_date), day(birth_date))) AS born
    FROM $units
),
keyed AS (
    SELECT unit, is_weak, 'house' AS kind, unnest(houses)::VARCHAR AS key FROM $units
    UNION ALL
    SELECT unit, is_weak, 'phone', unnest(phones) FROM $units
    UNION ALL
    SELECT unit, is_weak, 'phone mask and surname', concat_ws('|', unnest(phone_masks), surname) FROM $units
    UNION ALL
    SELECT unit, is_weak, 'first 15 of the ID', coalesce(left(id_number, 15), id_start, left(id_typed, 15)) FROM $units
    UNION ALL
    SELECT unit, is_weak, 'corrected ID', unnest(coalesce(id_repairs, [id_number])) FROM $units
    UNION ALL
    SELECT unit, is_weak, 'other document', id_other FROM $units
    UNION ALL
    SELECT unit, is_weak, 'end of the ID and birth date', right(coalesce(id_number, id_fits, id_typed), 4) || born
    FROM born
    WHERE born <> ''
    UNION ALL
    SELECT unit, is_weak, 'end of the ID and community',
        right(coalesce(id_number, id_fits, id_typed), 4) || unnest(communities)
    FROM $units
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
    SELECT unit, is_weak, 'sound and community', sound || '|' || unnest(communities) FROM $units
    UNION ALL
    SELECT unit, is_weak, 'car', unnest(cars) FROM $units
    UNION ALL
    -- without a birth date, a name elsewhere needs somebody beside it
    SELECT unit, is_weak, 'sound and household', sound || '|' || unnest(kin)
    FROM $units
    WHERE sound IN (SELECT sound FROM $units WHERE is_weak AND birth_date IS NULL AND kin IS NOT NULL)
)
SELECT DISTINCT unit, is_weak, kind, key FROM keyed $among WHERE key IS NOT NULL;
