-- Makes:  of the units in $slice: gathered_slice, what the records of a unit of several say together; reach_slice, the
--         phones of a unit unless it is known by one alone.
-- Reads:  told, busy_phones (phone, holders).
-- Holds:  lists are sorted and without repeats, so equal records give equal units. They are made in memory, so the slices
--         of a large register are made one after the other.
CREATE OR REPLACE TEMP TABLE gathered_slice AS
WITH names AS (
    SELECT unit, arg_min(name, (name_is_partial::INT, -records, first_rid)) AS name
    FROM (
        SELECT unit, name, name_is_partial, count(*) AS records, min(rid) AS first_rid
        FROM told
        WHERE name IS NOT NULL AND NOT is_alone AND $slice
        GROUP BY unit, name, name_is_partial
    )
    GROUP BY unit
),
others AS (
    SELECT
        unit, min(exclusive) AS exclusive, min(id_number) AS id_number,
        arg_min(sex, rid) AS sex, arg_min(birth_date, rid) AS birth_date, arg_min(id_weak, rid) AS id_weak,
        list_sort(list(DISTINCT house_no) FILTER (WHERE house_no IS NOT NULL)) AS houses,
        list_sort(list(DISTINCT building) FILTER (WHERE building IS NOT NULL)) AS buildings,
        list_sort(list(DISTINCT community_id) FILTER (WHERE community_id IS NOT NULL)) AS communities
    FROM told
    WHERE NOT is_alone AND $slice
    GROUP BY unit
)
SELECT o.*, n.name
FROM others o
LEFT JOIN names n ON n.unit = o.unit;

CREATE OR REPLACE TEMP TABLE reach_slice AS
WITH sent AS (
    SELECT s.unit, s.phone, coalesce(b.holders, 1) AS holders
    FROM (
        SELECT DISTINCT unit, unnest(phones) AS phone
        FROM told
        WHERE NOT (is_alone AND len(phones) = 1 AND phone_mask IS NULL) AND $slice
    ) s
    LEFT JOIN busy_phones b ON b.phone = s.phone
),
lists AS (
    SELECT
        unit,
        list_sort(list(phone)) AS phones,
        list_sort(list(phone) FILTER (WHERE holders <= $own_phone)) AS own_phones,
        list_sort(list(phone) FILTER (WHERE holders <= $family_phone)) AS family_phones
    FROM sent
    GROUP BY unit
),
masks AS (
    SELECT unit, list_sort(list(DISTINCT mask)) AS phone_masks
    FROM (
        SELECT unit, left(phone, 3) || '****' || right(phone, 4) AS mask FROM sent WHERE holders <= $family_phone
        UNION ALL
        SELECT unit, phone_mask FROM told WHERE phone_mask IS NOT NULL AND $slice
    )
    GROUP BY unit
)
SELECT coalesce(l.unit, m.unit) AS unit, l.phones, l.own_phones, l.family_phones, m.phone_masks
FROM lists l
FULL JOIN masks m ON m.unit = l.unit;
