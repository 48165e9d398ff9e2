-- Makes:  unit_slice, a row per exact cluster (unit) in $slice: its best name with its forms, its sex, birth date, ID
--         number or what is left of one, and as lists its phones, houses, buildings, communities, the people it lives
--         with (kin) and the plates of its cars.
-- Reads:  told, unit_core and what unit_shared.sql makes of them, nodes (node, exclusive), clustered, vehicles_in,
--         house_of, name_forms, number_repairs.
-- Holds:  lists are sorted and without repeats, so equal records give equal units. A unit is weak when no ID number
--         names it. Lists are made in memory, so the slices of a large register are made one after the other.
CREATE OR REPLACE TEMP TABLE unit_masks AS
SELECT unit, list_sort(list(DISTINCT mask)) AS phone_masks
FROM (
    SELECT unit, left(phone, 3) || '****' || right(phone, 4) AS mask
    FROM unit_phones
    WHERE holders <= $family_phone AND $slice
    UNION ALL
    SELECT unit, left(phone_weak, 3) || '****' || right(phone_weak, 4)
    FROM told
    WHERE regexp_matches(phone_weak, '^[0-9]{3}[*]+[0-9]{4}$$') AND $slice
)
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE phone_lists AS
SELECT
    unit,
    list_sort(list(phone)) AS phones,
    list_sort(list(phone) FILTER (WHERE holders <= $own_phone)) AS own_phones,
    list_sort(list(phone) FILTER (WHERE holders <= $family_phone)) AS family_phones
FROM unit_phones
WHERE $slice
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE unit_places AS
SELECT
    unit,
    list_sort(list(DISTINCT house_no) FILTER (WHERE house_no IS NOT NULL)) AS houses,
    list_sort(list(DISTINCT building) FILTER (WHERE building IS NOT NULL)) AS buildings,
    list_sort(list(DISTINCT community_id) FILTER (WHERE community_id IS NOT NULL)) AS communities
FROM told
WHERE $slice
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

CREATE OR REPLACE TEMP TABLE unit_ids AS
SELECT c.unit, min(c.exclusive) AS exclusive, min(t.id_number) AS id_number
FROM (SELECT * FROM (SELECT c.cluster AS unit, n.exclusive FROM nodes n JOIN clustered c ON c.node = n.node) WHERE $slice) c
JOIN told t ON t.rid = c.exclusive
GROUP BY c.unit;

-- a car is its holder's by the ID number sent for the holder, else by name and house
CREATE OR REPLACE TEMP TABLE unit_cars AS
SELECT unit, list_sort(list(DISTINCT plate)) AS cars
FROM (
    SELECT i.unit, v.plate
    FROM vehicles_in v
    JOIN unit_ids i ON i.id_number = v.owner_id_number
    UNION ALL
    SELECT t.unit, v.plate
    FROM vehicles_in v
    JOIN house_of h ON h.rid = v.rid
    JOIN (FROM told WHERE $slice) t ON t.house_no = h.house_no AND t.name = v.owner_name
    WHERE NOT v.owner_name_is_partial
)
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE unit_slice AS
SELECT
    p.unit, i.exclusive, i.exclusive IS NULL AS is_weak, p.name,
    CASE WHEN f.fits IS NULL THEN p.name END AS whole_name, s.tf_whole_name, f.surname, f.sound, f.shape, f.characters,
    f.near, f.fits, f.known, p.sex,
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
    l.phones, l.own_phones, l.family_phones, m.phone_masks, h.houses, h.buildings, h.communities, k.kin, c.cars
FROM (FROM unit_core WHERE $slice) p
LEFT JOIN unit_places h ON h.unit = p.unit
LEFT JOIN unit_ids i ON i.unit = p.unit
LEFT JOIN name_shares s ON s.name = p.name
LEFT JOIN name_forms f ON f.name = p.name
LEFT JOIN number_repairs g ON g.id_weak = p.id_weak
LEFT JOIN phone_lists l ON l.unit = p.unit
LEFT JOIN unit_masks m ON m.unit = p.unit
LEFT JOIN unit_kin k ON k.unit = p.unit
LEFT JOIN unit_cars c ON c.unit = p.unit;

DROP TABLE unit_masks;
DROP TABLE phone_lists;
DROP TABLE unit_places;
DROP TABLE unit_kin;
DROP TABLE unit_ids;
DROP TABLE unit_cars;
