-- Makes:  what a unit shares with others: unit_phones (unit, phone, holders, is_only: the unit has no other, nor what is
--         left of one), unit_homes (house_no, unit), lodgers (house_no, unit, person) of houses that are not too full,
--         name_shares (name, tf_whole_name); unit_ids (unit, exclusive, id_number) and unit_cars (unit, cars).
-- Reads:  told, unit_core, nodes (node, exclusive), clustered, vehicles_in, house_of.
-- Holds:  a lodger is a person of a house as far as one can be told from others by name and birth date. tf_whole_name
--         is the share of units with that name, drawn towards $usual_name by $name_strength units more, so that a name
--         that is rare in a small register is not taken for rare.
CREATE OR REPLACE TEMP TABLE unit_phones AS
WITH sent AS (
    SELECT unit, unnest(phones) AS phone, true AS is_only
    FROM told
    WHERE is_alone AND len(phones) = 1 AND phone_mask IS NULL
    UNION ALL
    SELECT DISTINCT unit, unnest(phones), false
    FROM told
    WHERE NOT (is_alone AND len(phones) = 1 AND phone_mask IS NULL)
)
SELECT s.unit, s.phone, h.holders, s.is_only
FROM sent s
JOIN (SELECT phone, count(*) AS holders FROM sent GROUP BY phone) h ON h.phone = s.phone;

CREATE OR REPLACE TEMP TABLE unit_homes AS
SELECT DISTINCT house_no, unit FROM told WHERE house_no IS NOT NULL;

CREATE OR REPLACE TEMP TABLE lodgers AS
WITH everybody AS (
    SELECT h.house_no, h.unit, concat_ws('|', c.name, c.birth_date) AS person
    FROM unit_homes h
    JOIN unit_core c ON c.unit = h.unit
    WHERE c.name IS NOT NULL AND c.birth_date IS NOT NULL
)
SELECT e.house_no, e.unit, e.person
FROM everybody e
SEMI JOIN (SELECT house_no FROM everybody GROUP BY house_no HAVING count(*) <= $most_lodgers) h
    ON h.house_no = e.house_no;

CREATE OR REPLACE TEMP TABLE name_shares AS
-- two units of one name are to be one person, who is not counted twice
SELECT name, (count(*) - 1 + $name_strength * $usual_name) / (sum(count(*)) OVER () + $name_strength) AS tf_whole_name
FROM unit_core
WHERE name IS NOT NULL
GROUP BY name;

CREATE OR REPLACE TEMP TABLE unit_ids AS
SELECT c.cluster AS unit, min(n.exclusive) AS exclusive, min(t.id_number) AS id_number
FROM nodes n
JOIN clustered c ON c.node = n.node
JOIN told t ON t.rid = n.exclusive
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
