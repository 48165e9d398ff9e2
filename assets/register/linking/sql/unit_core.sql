-- Makes:  unit_core (unit, name, sex, birth_date, id_weak): what is best told of each unit.
-- Reads:  told.
CREATE OR REPLACE TEMP TABLE unit_core AS
WITH names AS (
    SELECT unit, arg_min(name, (name_is_partial::INT, -records, first_rid)) AS name
    FROM (
        SELECT unit, name, name_is_partial, count(*) AS records, min(rid) AS first_rid
        FROM told
        WHERE name IS NOT NULL AND NOT is_alone
        GROUP BY unit, name, name_is_partial
    )
    GROUP BY unit
),
others AS (
    SELECT
        unit, arg_min(sex, rid) AS sex, arg_min(birth_date, rid) AS birth_date, arg_min(id_weak, rid) AS id_weak
    FROM told
    WHERE NOT is_alone
    GROUP BY unit
)
SELECT o.unit, n.name, o.sex, o.birth_date, o.id_weak
FROM others o
LEFT JOIN names n ON n.unit = o.unit
UNION ALL
SELECT unit, name, sex, birth_date, id_weak FROM told WHERE is_alone;
