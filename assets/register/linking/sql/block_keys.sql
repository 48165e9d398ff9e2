-- Makes:  $made (unit, kind, key): what two units must share to be compared.
-- Reads:  $units, of which the keys are; units, all there are; $among limits the keys, if it says anything.
-- Holds:  each key of a unit comes once, since its lists have no repeats.
CREATE OR REPLACE TEMP TABLE $made AS
WITH born AS (
    -- day and month in either order
    SELECT *, concat_ws('-', year(birth_date), least(month(birth_date), day(birth_date)),
        greatest(month(birth_date), day(birth_date))) AS born
    FROM $units
),
keyed AS (
    SELECT unit, 'house' AS kind, unnest(houses)::VARCHAR AS key FROM $units
    UNION ALL
    SELECT unit, 'phone', unnest(phones) FROM $units
    UNION ALL
    SELECT unit, 'phone mask and surname', concat_ws('|', unnest(phone_masks), surname) FROM $units
    UNION ALL
    SELECT unit, 'first 15 of the ID', coalesce(left(id_number, 15), id_start, left(id_typed, 15)) FROM $units
    UNION ALL
    SELECT unit, 'corrected ID', unnest(coalesce(id_repairs, [id_number])) FROM $units
    UNION ALL
    SELECT unit, 'other document', id_other FROM $units
    UNION ALL
    SELECT unit, 'end of the ID and birth date', right(coalesce(id_number, id_fits, id_typed), 4) || born
    FROM born
    WHERE born <> ''
    UNION ALL
    SELECT unit, 'end of the ID and community',
        right(coalesce(id_number, id_fits, id_typed), 4) || unnest(communities)
    FROM $units
    UNION ALL
    SELECT unit, 'sound and birth date', sound || '|' || born FROM born WHERE born <> ''
    UNION ALL
    SELECT unit, 'shape and birth date', shape || '|' || born FROM born WHERE born <> ''
    UNION ALL
    SELECT unit, 'given name and birth date', given_sound || '|' || born FROM born WHERE born <> ''
    UNION ALL
    SELECT unit, 'surname and birth date', surname || '|' || born FROM born WHERE born <> ''
    UNION ALL
    SELECT unit, 'surname, birth date and community', surname || '|' || born || '|' || unnest(communities)
    FROM born
    WHERE born <> ''
    UNION ALL
    SELECT unit, 'birth date and community', born || '|' || unnest(communities) FROM born WHERE born <> ''
    UNION ALL
    SELECT unit, 'sound and community', sound || '|' || unnest(communities) FROM $units
    UNION ALL
    SELECT unit, 'car', unnest(cars) FROM $units
    UNION ALL
    -- without a birth date, a name elsewhere needs somebody beside it
    SELECT unit, 'sound and household', sound || '|' || unnest(kin)
    FROM $units
    WHERE sound IN (SELECT sound FROM units WHERE is_weak AND birth_date IS NULL AND kin IS NOT NULL)
)
SELECT unit, kind, key FROM keyed $among WHERE key IS NOT NULL;
