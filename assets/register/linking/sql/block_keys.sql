-- Makes:  $made (unit, kind, key): what two units must share to be compared.
-- Reads:  $units, of which the keys are, and $kin (unit, name, birth_date), whom they live with; units and weak_kin, of
--         all there are; $among limits the keys, if it says anything.
-- Holds:  each key of a unit comes once, since its lists have no repeats. A key is the hash of what it says, as numbers
--         are joined at half the cost; two that fall together only mean that a few more pairs are compared.
CREATE OR REPLACE TEMP TABLE $made AS
WITH born AS (
    -- day and month in either order
    SELECT *, concat_ws('-', year(birth_date), least(month(birth_date), day(birth_date)),
        greatest(month(birth_date), day(birth_date))) AS born,
        coalesce(left(id_number, 15), id_start, left(id_typed, 15)) AS starts
    FROM $units
),
housed AS (
    SELECT b.unit, b.born, b.sound, concat_ws('|', k.name, k.birth_date) AS kin
    FROM $kin k
    JOIN born b ON b.unit = k.unit
),
keyed AS (
    SELECT unit, 'house' AS kind, unnest(houses)::VARCHAR AS key FROM $units
    UNION ALL
    SELECT unit, 'phone', unnest(phones) FROM $units
    UNION ALL
    SELECT unit, 'phone mask and surname', concat_ws('|', unnest(phone_masks), surname) FROM $units
    UNION ALL
    -- in one town many share these digits, so the name must begin or end alike
    SELECT unit, 'first 15 of the ID and surname', starts || '|' || surname FROM born
    UNION ALL
    SELECT unit, 'first 15 of the ID and end of the name', starts || '|' || right(name, 1) FROM born
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
    SELECT unit, 'characters and birth date', characters || '|' || born FROM born WHERE born <> ''
    UNION ALL
    -- with less of the name than that, a birth date needs somebody or something beside it: see comparisons.corroborated
    SELECT unit, 'birth date and household', born || '|' || kin FROM housed WHERE born <> ''
    UNION ALL
    SELECT unit, 'birth date and community', born || '|' || unnest(communities) FROM born WHERE born <> ''
    UNION ALL
    SELECT unit, 'sound and community', sound || '|' || unnest(communities) FROM $units
    UNION ALL
    SELECT unit, 'car', unnest(cars) FROM $units
    UNION ALL
    -- without a birth date, a name elsewhere needs somebody beside it
    SELECT unit, 'sound and household', sound || '|' || kin
    FROM housed
    WHERE sound IN (
        SELECT u.sound FROM units u SEMI JOIN weak_kin k ON k.unit = u.unit WHERE u.is_weak AND u.birth_date IS NULL
    )
)
SELECT unit, kind, key FROM (SELECT unit, kind, hash(kind, key) AS key FROM keyed WHERE key IS NOT NULL) $among;
