-- Makes:  units, one row per exact cluster: its best name with its forms, its sex, birth date, ID number or what is left
--         of one, and as lists its phones, houses, buildings, communities, the people it lives with (kin) and the plates of its cars.
-- Reads:  told, nodes (node, exclusive), residents_in, vehicles_in, house_of, name_forms, number_repairs.
-- Holds:  lists are sorted and without repeats, so equal records give equal units. A unit is weak when no ID number
--         names it. tf_whole_name is the share of units with that name, drawn towards $usual_name by $name_strength units
--         more, so that a name that is rare in a small register is not taken for rare.
CREATE OR REPLACE TEMP TABLE unit_phones AS
SELECT p.unit, p.phone, count(*) OVER (PARTITION BY p.phone) AS holders
FROM (SELECT DISTINCT unit, unnest(phones) AS phone FROM told) p;

CREATE OR REPLACE TEMP TABLE unit_masks AS
SELECT unit, list_sort(list(DISTINCT mask)) AS phone_masks
FROM (
    SELECT unit, left(phone, 3) || '****' || right(phone, 4) AS mask FROM unit_phones WHERE holders <= $family_phone
    UNION ALL
    SELECT unit, left(phone_weak, 3) || '****' || right(phone_weak, 4) FROM told
    WHERE regexp_matches(phone_weak, '^[0-9]{3}[*]+[0-9]{4}$$')
)
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE phone_lists AS
SELECT
    unit,
    list_sort(list(phone)) AS phones,
    list_sort(list(phone) FILTER (WHERE holders <= $own_phone)) AS own_phones,
    list_sort(list(phone) FILTER (WHERE holders <= $family_phone)) AS family_phones
FROM unit_phones
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE unit_names AS
SELECT unit, arg_min(name, (name_is_partial::INT, -records, first_rid)) AS name
FROM (
    SELECT unit, name, name_is_partial, count(*) AS records, min(rid) AS first_rid
    FROM told
    WHERE name IS NOT NULL
    GROUP BY unit, name, name_is_partial
)
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE unit_places AS
SELECT
    unit,
    arg_min(sex, rid) AS sex,
    arg_min(birth_date, rid) AS birth_date,
    arg_min(id_weak, rid) AS id_weak,
    list_sort(list(DISTINCT house_no) FILTER (WHERE house_no IS NOT NULL)) AS houses,
    list_sort(list(DISTINCT building) FILTER (WHERE building IS NOT NULL)) AS buildings,
    list_sort(list(DISTINCT community_id) FILTER (WHERE community_id IS NOT NULL)) AS communities
FROM told
GROUP BY unit;

-- the people of a house, as far as they can be told from others by name and birth date
CREATE OR REPLACE TEMP TABLE lodgers AS
SELECT DISTINCT t.house_no, t.unit, concat_ws('|', n.name, p.birth_date) AS person
FROM told t
JOIN unit_names n ON n.unit = t.unit
JOIN unit_places p ON p.unit = t.unit
WHERE t.house_no IS NOT NULL AND p.birth_date IS NOT NULL;

CREATE OR REPLACE TEMP TABLE unit_kin AS
SELECT a.unit, list_sort(list(DISTINCT b.person)) AS kin
FROM (
    SELECT DISTINCT t.house_no, t.unit, n.name, p.birth_date
    FROM told t
    JOIN unit_names n ON n.unit = t.unit
    JOIN unit_places p ON p.unit = t.unit
    WHERE t.house_no IS NOT NULL
) a
JOIN lodgers b ON b.house_no = a.house_no
JOIN (SELECT house_no FROM lodgers GROUP BY house_no HAVING count(*) <= $most_lodgers) h ON h.house_no = a.house_no
WHERE b.unit <> a.unit AND b.person <> concat_ws('|', a.name, a.birth_date)
    AND (a.birth_date IS NOT NULL OR NOT starts_with(b.person, a.name || '|'))
GROUP BY a.unit;

CREATE OR REPLACE TEMP TABLE unit_ids AS
SELECT c.cluster AS unit, min(n.exclusive) AS exclusive, min(r.id_number) AS id_number
FROM nodes n
JOIN clustered c ON c.node = n.node
JOIN residents_in r ON r.rid = n.exclusive
GROUP BY c.cluster;

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
    JOIN told t ON t.house_no = h.house_no AND t.name = v.owner_name
    WHERE NOT v.owner_name_is_partial
)
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE name_shares AS
-- two units of one name are to be one person, who is not counted twice
SELECT name, (count(*) - 1 + $name_strength * $usual_name) / (sum(count(*)) OVER () + $name_strength) AS tf_whole_name
FROM unit_names
GROUP BY name;

CREATE OR REPLACE TEMP TABLE units AS
SELECT
    p.unit, i.exclusive, i.exclusive IS NULL AS is_weak, n.name,
    CASE WHEN f.fits IS NULL THEN n.name END AS whole_name, s.tf_whole_name, f.surname, f.sound, f.given_sound, f.shape,
    f.characters, f.near, f.fits, f.known, p.sex,
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
    l.phones, l.own_phones, l.family_phones, m.phone_masks, p.houses, p.buildings, p.communities, k.kin, c.cars
FROM unit_places p
LEFT JOIN unit_ids i ON i.unit = p.unit
LEFT JOIN unit_names n ON n.unit = p.unit
LEFT JOIN name_shares s ON s.name = n.name
LEFT JOIN name_forms f ON f.name = n.name
LEFT JOIN number_repairs g ON g.id_weak = p.id_weak
LEFT JOIN phone_lists l ON l.unit = p.unit
LEFT JOIN unit_masks m ON m.unit = p.unit
LEFT JOIN unit_kin k ON k.unit = p.unit
LEFT JOIN unit_cars c ON c.unit = p.unit;

DROP TABLE unit_phones;
DROP TABLE unit_masks;
DROP TABLE phone_lists;
DROP TABLE unit_places;
DROP TABLE lodgers;
DROP TABLE unit_kin;
DROP TABLE unit_ids;
DROP TABLE unit_cars;
DROP TABLE unit_names;
DROP TABLE name_shares;
