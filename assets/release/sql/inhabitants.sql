-- Makes:  view release_inhabitants, for the table inhabitants: who lives where now, once per community.
-- Reads:  restricted.{occupancies,houses}, curated.{communities,residents}
-- Holds:  a resident of two houses of a community has one row there. Of each resident and district one row is
--         first_in_district: that of the first community. What is told of a resident is what the open table tells.
CREATE OR REPLACE TEMP VIEW release_inhabitants AS
WITH homes AS (
    SELECT DISTINCT h.community_id, o.resident_id
    FROM restricted.occupancies o
    JOIN restricted.houses h ON h.house_id = o.house_id
    WHERE o.is_current
)
SELECT
    h.community_id,
    h.resident_id,
    c.district,
    row_number() OVER (PARTITION BY h.resident_id, c.district ORDER BY h.community_id) = 1 AS first_in_district,
    r.sex,
    r.birth_year,
    r.population_type
FROM homes h
JOIN curated.communities c ON c.community_id = h.community_id
JOIN curated.residents r ON r.resident_id = h.resident_id;
