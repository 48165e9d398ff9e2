-- Makes:  $made (unit, kind, key): what two units must share to be compared.
-- Reads:  $units, of which the keys are, and $kin (unit, name, birth_date), whom they live with; units and weak_kin, of
--         all there are; $among limits the keys, if it says anything.
-- Holds:  each key of a unit comes once, since its lists have no repeats. A key is the hash of what it says, as numbers
--         are joined at half the cost; two that fall together only mean that a few more pairs are compared. The parts of
--         a key are hashed as they are, since texts put together first take twice as long; so where a part may be
--         missing, the key says so itself. Who has no surname meets others by the mask of a phone alone.
CREATE OR REPLACE TEMP TABLE $made AS
WITH parts AS (
    SELECT
        unit, houses, communities, surname, nullif(right(name, 1), '*') AS last_character, sound, shape, characters,
        -- day and month in either order
        year(birth_date) * 10000 + least(month(birth_date), day(birth_date)) * 100
            + greatest(month(birth_date), day(birth_date)) AS born,
        coalesce(left(id_number, 15), id_start, left(id_typed, 15)) AS starts,
        right(coalesce(id_number, id_fits, id_typed), 4) AS ends
    FROM $units
),
housed AS (
    SELECT p.unit, p.born, p.sound, hash(k.name, k.birth_date) AS kin
    FROM $kin k
    JOIN parts p ON p.unit = k.unit
),
keyed AS (
    -- those who live together mostly have different names, so the name must begin, end or be spelled alike
    SELECT unit, 'house and surname' AS kind, hash(unnest(houses), surname) AS key FROM parts WHERE surname IS NOT NULL
    UNION ALL
    SELECT unit, 'house and end of the name', hash(unnest(houses), last_character)
    FROM parts
    WHERE last_character IS NOT NULL
    UNION ALL
    SELECT unit, 'house and characters', hash(unnest(houses), characters) FROM parts WHERE characters IS NOT NULL
    UNION ALL
    SELECT unit, 'phone', hash(unnest(phones)) FROM $units
    UNION ALL
    SELECT unit, 'phone mask and surname', hash(unnest(phone_masks), surname) FROM $units
    UNION ALL
    -- in one town many share these digits, so the name must begin or end alike
    SELECT unit, 'first 15 of the ID and surname', hash(starts, surname)
    FROM parts
    WHERE starts IS NOT NULL AND surname IS NOT NULL
    UNION ALL
    SELECT unit, 'first 15 of the ID and end of the name', hash(starts, last_character)
    FROM parts
    WHERE starts IS NOT NULL AND last_character IS NOT NULL
    UNION ALL
    SELECT unit, 'corrected ID', hash(number)
    FROM (SELECT unit, unnest(coalesce(id_repairs, [id_number])) AS number FROM $units)
    WHERE number IS NOT NULL
    UNION ALL
    SELECT unit, 'other document', hash(id_other) FROM $units WHERE id_other IS NOT NULL
    UNION ALL
    SELECT unit, 'end of the ID and birth date', hash(ends, born) FROM parts WHERE ends IS NOT NULL AND born IS NOT NULL
    UNION ALL
    SELECT unit, 'end of the ID and community', hash(ends, unnest(communities)) FROM parts WHERE ends IS NOT NULL
    UNION ALL
    SELECT unit, 'sound and birth date', hash(sound, born) FROM parts WHERE sound IS NOT NULL AND born IS NOT NULL
    UNION ALL
    SELECT unit, 'shape and birth date', hash(shape, born) FROM parts WHERE shape IS NOT NULL AND born IS NOT NULL
    UNION ALL
    SELECT unit, 'characters and birth date', hash(characters, born)
    FROM parts
    WHERE characters IS NOT NULL AND born IS NOT NULL
    UNION ALL
    -- with less of the name than that, a birth date needs somebody or something beside it: see comparisons.corroborated
    SELECT unit, 'birth date and household', hash(born, kin) FROM housed WHERE born IS NOT NULL
    UNION ALL
    SELECT unit, 'birth date and community', hash(born, unnest(communities)) FROM parts WHERE born IS NOT NULL
    UNION ALL
    SELECT unit, 'sound and community', hash(sound, unnest(communities)) FROM parts WHERE sound IS NOT NULL
    UNION ALL
    SELECT unit, 'car', hash(unnest(cars)) FROM $units
    UNION ALL
    -- without a birth date, a name elsewhere needs somebody beside it
    SELECT unit, 'sound and household', hash(sound, kin)
    FROM housed
    WHERE sound IN (
        SELECT u.sound FROM units u SEMI JOIN weak_kin k ON k.unit = u.unit WHERE u.is_weak AND u.birth_date IS NULL
    )
)
SELECT unit, kind, key FROM (SELECT unit, kind, hash(kind, key) AS key FROM keyed) $among;
