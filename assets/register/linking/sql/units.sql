-- Makes:  view units, a row per exact cluster (unit): its best name with its forms, its sex, birth date, ID number or
--         what is left of one, and as lists its phones, houses, buildings, communities and the plates of its cars.
-- Reads:  unit_core, reach (unit and its phones, unless it is known by one alone), busy_phones, number_repairs and what
--         unit_shared.sql makes.
-- Holds:  lists are sorted and without repeats. A unit is weak when no ID number names it. sent_birth is the birth date
--         without what an ID number's beginning says, by which lodgers are told apart.
CREATE OR REPLACE TEMP VIEW units AS
SELECT
    p.unit, p.exclusive, p.exclusive IS NULL AS is_weak, p.name,
    CASE WHEN f.fits IS NULL THEN p.name END AS whole_name, f.tf_whole_name, f.surname, f.sound, f.shape, f.characters,
    f.fits, f.known, p.sex,
    -- the spreadsheet that cut the number's tail left its birth date whole
    coalesce(CASE WHEN p.exclusive IS NULL AND regexp_matches(p.id_weak, $id_start) THEN TRY_CAST(
        concat_ws('-', substr(p.id_weak, 7, 4), substr(p.id_weak, 11, 2), substr(p.id_weak, 13, 2)) AS DATE
    ) END, p.birth_date) AS birth_date,
    p.birth_date AS sent_birth,
    CASE WHEN length(p.id_number) = 18 THEN p.id_number END AS id_number,
    CASE WHEN p.exclusive IS NULL AND regexp_matches(p.id_weak, $id_start) THEN p.id_weak END AS id_start,
    CASE WHEN p.exclusive IS NULL AND contains(p.id_weak, '*') AND length(replace(p.id_weak, '*', '')) >= 6
        THEN regexp_replace(replace(replace(p.id_weak, '%', ''), '_', ''), '[*]+', '%', 'g') END AS id_fits,
    CASE WHEN p.exclusive IS NULL AND regexp_matches(p.id_weak, '^[0-9]{16,18}[0-9X]$$') THEN p.id_weak END AS id_typed,
    CASE WHEN p.exclusive IS NULL THEN g.repairs END AS id_repairs,
    -- a passport nobody declared as one
    nullif(regexp_extract(coalesce(p.id_number, p.id_weak), '^[A-Z][A-Z0-9]{6,16}$$'), '') AS id_other,
    coalesce(l.phones, CASE WHEN p.only_phone IS NOT NULL THEN [p.only_phone] END) AS phones,
    coalesce(l.own_phones, CASE WHEN p.only_phone IS NOT NULL AND b.phone IS NULL THEN [p.only_phone] END) AS own_phones,
    coalesce(
        l.family_phones,
        CASE WHEN p.only_phone IS NOT NULL AND coalesce(b.holders, 1) <= $family_phone THEN [p.only_phone] END
    ) AS family_phones,
    coalesce(l.phone_masks, CASE WHEN p.only_phone IS NOT NULL AND coalesce(b.holders, 1) <= $family_phone
        THEN [left(p.only_phone, 3) || '****' || right(p.only_phone, 4)] END) AS phone_masks,
    p.houses, p.buildings, p.communities, c.cars
FROM unit_core p
LEFT JOIN names f ON f.name = p.name
LEFT JOIN number_repairs g ON g.id_weak = p.id_weak
LEFT JOIN busy_phones b ON b.phone = p.only_phone
LEFT JOIN reach l ON l.unit = p.unit
LEFT JOIN unit_cars c ON c.unit = p.unit;
