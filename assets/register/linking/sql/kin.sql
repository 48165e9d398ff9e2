-- Makes:  $made (unit, name, birth_date): the people that each of $units lives with, each once.
-- Reads:  $units (unit, name, sent_birth, houses), $lodgers (house_no, unit, name, birth_date).
-- Holds:  who has the unit's own name and birth date, or its name where it has no birth date, may be the same person.
CREATE OR REPLACE TEMP TABLE $made AS
SELECT DISTINCT a.unit, b.name, b.birth_date
FROM (SELECT unit, name, sent_birth, unnest(houses) AS house_no FROM $units WHERE name IS NOT NULL) a
JOIN $lodgers b ON b.house_no = a.house_no
WHERE b.unit <> a.unit AND NOT (b.name = a.name AND coalesce(b.birth_date = a.sent_birth, true));
