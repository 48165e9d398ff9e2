-- Makes:  unit_slice, a row per exact cluster (unit) in $slice: its best name with its forms, its sex, birth date, ID
--         number or what is left of one, and as lists its phones, houses, buildings, communities, the people it lives
--         with (kin) and the plates of its cars.
-- Reads:  told, unit_core and what unit_shared.sql makes of them, name_forms, number_repairs.
-- Holds:  lists are sorted and without repeats, so equal records give equal units. A unit is weak when no ID number
--         names it. Lists are made in memory, so the slices of a large register are made one after the other.
CREATE OR REPLACE TEMP TABLE unit_masks AS
SELECT unit, list_sort(list(DISTINCT mask)) AS phone_masks
FROM (
    SELECT unit, left(phone, 3) || '****' || right(phone, 4) AS mask
    FROM unit_phones
    WHERE NOT is_only AND holders <= $family_phone AND $slice
    UNION ALL
    SELECT unit, phone_mask FROM told WHERE phone_mask IS NOT NULL AND $slice
)
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE phone_lists AS
SELECT
    unit, [phone] AS phones,
    CASE WHEN holders <= $own_phone THEN [phone] END AS own_phones,
    CASE WHEN holders <= $family_phone THEN [phone] END AS family_phones,
    CASE WHEN holders <= $family_phone THEN [left(phone, 3) || '****' || right(phone, 4)] END AS phone_masks
FROM unit_phones
WHERE is_only AND $slice
UNION ALL
SELECT coalesce(l.unit, m.unit), l.phones, l.own_phones, l.family_phones, m.phone_masks
FROM (
    SELECT
        unit,
        list_sort(list(phone)) AS phones,
        list_sort(list(phone) FILTER (WHERE holders <= $own_phone)) AS own_phones,
        list_sort(list(phone) FILTER (WHERE holders <= $family_phone)) AS family_phones
    FROM unit_phones
    WHERE NOT is_only AND $slice
    GROUP BY unit
) l
FULL JOIN unit_masks m ON m.unit = l.unit;

CREATE OR REPLACE TEMP TABLE unit_places AS
SELECT
    unit,
    CASE WHEN house_no IS NOT NULL THEN [house_no] END AS houses,
    CASE WHEN building IS NOT NULL THEN [building] END AS buildings,
    CASE WHEN community_id IS NOT NULL THEN [community_id] END AS communities
FROM told
WHERE is_alone AND $slice
UNION ALL
SELECT
    unit,
    list_sort(list(DISTINCT house_no) FILTER (WHERE house_no IS NOT NULL)),
    list_sort(list(DISTINCT building) FILTER (WHERE building IS NOT NULL)),
    list_sort(list(DISTINCT community_id) FILTER (WHERE community_id IS NOT NULL))
FROM told
WHERE NOT is_alone AND $slice
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE unit_kin AS
SELECT a.unit, list_sort(list(DISTINCT b.person)) AS kin
FROM (
    SELECT h.house_no, c.unit, c.name, c.birth_date
    FROM (FROM unit_core WHERE name IS NOT NULL AND $slice) c
    JOIN unit_homes h ON h.unit = c.unit
) a
JOIN lodgers b ON b.house_no = a.house_no
WHERE b.unit <> a.unit AND b.person <> concat_ws('|', a.name, a.birth_date)
    AND (a.birth_date IS NOT NULL OR NOT starts_with(b.person, a.name || '|'))
GROUP BY a.unit;

CREATE OR REPLACE TEMP TABLE unit_slice AS
SELECT
    p.unit, i.exclusive, i.exclusive IS NULL AS is_weak, p.name,
    CASE WHEN f.fits IS NULL THEN p.name END AS whole_name, s.tf_whole_name, f.surname, f.sound, f.shape, f.characters,
    f.fits, f.known, p.sex,
    -- the spreadsheet that cut the number's tail left its birth date whole
    coalesce(CASE WHEN i.exclusive IS NULL AND regexp_matches(p.id_weak, $id_start) THEN TRY_CAST(
        concat_ws('-', substr(p.id_weak, 7, 4), substr(p.id_weak, 11, 2), substr(p.id_weak, 13, 2)) AS DATE
    ) END, p.birth_date) AS birth_date,
    CASE WHEN length(i.id_number) = 18 THEN i.id_number END AS id_number,
    CASE WHEN i.exclusive IS NULL AND regexp_matches(p.id_weak, $id_start) THEN p.id_weak END AS id_start,
    CASE WHEN i.exclusive IS NULL AND contains(p.id_weak, '*') AND length(replace(p.id_weak, '*', '')) >= 6
        THEN regexp_replace(replace(replace(p.id_weak, '%', ''), '_', ''), '[*]+', '%', 'g') END AS id_fits,
    CASE WHEN i.exclusive IS NULL AND regexp_matches(p.id_weak, '^[0-9]{16,18}[0-9X]$$') THEN p.id_weak END AS id_typed,
    CASE WHEN i.exclusive IS NULL THEN g.repairs END AS id_repairs,
    -- a passport nobody declared as one
    nullif(regexp_extract(coalesce(i.id_number, p.id_weak), '^[A-Z][A-Z0-9]{6,16}$$'), '') AS id_other,
    l.phones, l.own_phones, l.family_phones, l.phone_masks, h.houses, h.buildings, h.communities, k.kin, c.cars
FROM (FROM unit_core WHERE $slice) p
LEFT JOIN unit_places h ON h.unit = p.unit
LEFT JOIN unit_ids i ON i.unit = p.unit
LEFT JOIN name_shares s ON s.name = p.name
LEFT JOIN name_forms f ON f.name = p.name
LEFT JOIN number_repairs g ON g.id_weak = p.id_weak
LEFT JOIN phone_lists l ON l.unit = p.unit
LEFT JOIN unit_kin k ON k.unit = p.unit
LEFT JOIN unit_cars c ON c.unit = p.unit;

DROP TABLE unit_masks;
DROP TABLE phone_lists;
DROP TABLE unit_places;
DROP TABLE unit_kin;
