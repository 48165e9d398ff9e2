-- Makes:  what a unit shares with others: unit_phones (unit, phone, holders), unit_homes (house_no, unit), lodgers
--         (house_no, unit, person) of houses that are not too full, name_shares (name, tf_whole_name).
-- Reads:  told, unit_core.
-- Holds:  a lodger is a person of a house as far as one can be told from others by name and birth date. tf_whole_name
--         is the share of units with that name, drawn towards $usual_name by $name_strength units more, so that a name
--         that is rare in a small register is not taken for rare.
CREATE OR REPLACE TEMP TABLE unit_phones AS
WITH sent AS (SELECT DISTINCT unit, unnest(phones) AS phone FROM told)
SELECT s.unit, s.phone, h.holders
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
