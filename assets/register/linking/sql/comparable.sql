-- Makes:  comparable, the rows of $units with what is near their names and whom they live with (kin), as lists.
-- Reads:  $units, names_near (name, near), unit_kin (unit, name, birth_date).
CREATE OR REPLACE TEMP TABLE comparable AS
SELECT u.*, n.near, k.kin
FROM $units u
LEFT JOIN names_near n ON n.name = u.whole_name
LEFT JOIN (
    SELECT unit, list_sort(list(concat_ws('|', name, birth_date))) AS kin FROM unit_kin GROUP BY unit
) k ON k.unit = u.unit;
