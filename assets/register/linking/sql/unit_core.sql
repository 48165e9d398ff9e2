-- Makes:  view unit_core, what is told of each unit: of most by its one record, of the others gathered. only_phone is
--         the phone of a unit that is known by one alone.
-- Reads:  told, gathered (unit and what its records say together).
CREATE OR REPLACE TEMP VIEW unit_core AS
SELECT
    unit, exclusive, id_number, name, sex, birth_date, id_weak,
    CASE WHEN house_no IS NOT NULL THEN [house_no] END AS houses,
    CASE WHEN building IS NOT NULL THEN [building] END AS buildings,
    CASE WHEN community_id IS NOT NULL THEN [community_id] END AS communities,
    CASE WHEN len(phones) = 1 AND phone_mask IS NULL THEN array_to_string(phones, '') END AS only_phone
FROM told
WHERE is_alone
UNION ALL
SELECT unit, exclusive, id_number, name, sex, birth_date, id_weak, houses, buildings, communities, NULL
FROM gathered;
