-- Makes:  what a unit shares with others: lodgers (house_no, unit, name, birth_date) of houses that are not too full,
--         names (name, tf_whole_name, and its forms) and unit_cars (unit, cars).
-- Reads:  told, unit_core, name_forms, vehicles_in, house_of.
-- Holds:  a lodger is a person of a house as far as one can be told from others by name and birth date. tf_whole_name
--         is the share of units with that name, drawn towards $usual_name by $name_strength units more, so that a name
--         that is rare in a small register is not taken for rare.
CREATE OR REPLACE TEMP TABLE lodgers AS
WITH everybody AS (
    SELECT unnest(houses) AS house_no, unit, name, birth_date
    FROM unit_core
    WHERE name IS NOT NULL AND birth_date IS NOT NULL
)
SELECT e.house_no, e.unit, e.name, e.birth_date
FROM everybody e
SEMI JOIN (SELECT house_no FROM everybody GROUP BY house_no HAVING count(*) <= $most_lodgers) h
    ON h.house_no = e.house_no;

CREATE OR REPLACE TEMP TABLE names AS
-- two units of one name are to be one person, who is not counted twice
SELECT f.*, (s.units - 1 + $name_strength * $usual_name) / (s.named + $name_strength) AS tf_whole_name
FROM name_forms f
JOIN (
    SELECT name, count(*) AS units, sum(count(*)) OVER () AS named
    FROM unit_core
    WHERE name IS NOT NULL
    GROUP BY name
) s ON s.name = f.name;

-- a car is its holder's by the ID number sent for the holder, else by name and house
CREATE OR REPLACE TEMP TABLE unit_cars AS
SELECT unit, list_sort(list(DISTINCT plate)) AS cars
FROM (
    SELECT i.unit, v.plate
    FROM vehicles_in v
    JOIN unit_core i ON i.id_number = v.owner_id_number
    UNION ALL
    SELECT t.unit, v.plate
    FROM vehicles_in v
    JOIN house_of h ON h.rid = v.rid
    JOIN told t ON t.house_no = h.house_no AND t.name = v.owner_name
    WHERE NOT v.owner_name_is_partial
)
GROUP BY unit;
