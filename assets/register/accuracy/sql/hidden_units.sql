-- Makes:  unit_of (rid, unit), hidden_units and the views units and lodgers: those of the whole register when the numbers
--         are hidden.
-- Reads:  units_near, lodgers_near and clustered of the records near; of the night resident_told (the units),
--         resident_lodgers and resident_units (rid, unit); known, hidden.
-- Holds:  hidden_units are the clusters near that hold a hidden record, or one that its number held, and that no other
--         number holds; they are the weak ones. All other units are the night's, so a record that is not near is
--         compared as it was in the night. How usual a name is, is told by the whole register.
CREATE TEMP TABLE held AS
SELECT c.cluster, min(u.unit) FILTER (k.exclusive IS NOT NULL AND h.rid IS NULL) AS unit
FROM clustered c
JOIN resident_units u ON u.rid = c.node
JOIN known k ON k.node = c.node
LEFT JOIN hidden h ON h.rid = c.node
GROUP BY c.cluster
HAVING bool_or(u.unit IN (SELECT v.unit FROM resident_units v SEMI JOIN hidden d ON d.rid = v.rid));

CREATE TEMP TABLE unit_of AS
SELECT u.rid, coalesce(h.unit, h.cluster, u.unit) AS unit
FROM resident_units u
LEFT JOIN clustered c ON c.node = u.rid
LEFT JOIN held h ON h.cluster = c.cluster;

CREATE TEMP TABLE gone AS
SELECT DISTINCT u.unit
FROM clustered c
SEMI JOIN held h ON h.cluster = c.cluster AND h.unit IS NULL
JOIN resident_units u ON u.rid = c.node;

CREATE TEMP TABLE now_hidden AS FROM units_near u SEMI JOIN held h ON h.cluster = u.unit AND h.unit IS NULL;

-- one unit more or less with a name changes its share by this
CREATE TEMP TABLE one AS SELECT 1 / (count(*) + $name_strength) AS share FROM resident_told;

CREATE TEMP TABLE name_shares AS
WITH more AS (
    SELECT name, sum(units) AS units
    FROM (
        SELECT name, 1 AS units FROM now_hidden
        UNION ALL
        SELECT name, -1 FROM resident_told SEMI JOIN gone USING (unit)
    )
    WHERE name IS NOT NULL
    GROUP BY name
)
SELECT m.name, coalesce(t.share, (SELECT min(tf_whole_name) FROM resident_told) - o.share) + m.units * o.share AS tf_whole_name
FROM more m
CROSS JOIN one o
LEFT JOIN (SELECT name, min(tf_whole_name) AS share FROM resident_told GROUP BY name) t ON t.name = m.name;

CREATE TEMP TABLE hidden_units AS
SELECT n.* REPLACE (true AS is_weak, s.tf_whole_name AS tf_whole_name)
FROM now_hidden n
LEFT JOIN name_shares s ON s.name = n.name;

CREATE TEMP TABLE hidden_lodgers AS FROM lodgers_near SEMI JOIN now_hidden USING (unit);

DROP TABLE units_near;
DROP TABLE lodgers_near;
DROP TABLE held;
DROP TABLE now_hidden;
DROP TABLE one;
DROP TABLE name_shares;

CREATE TEMP VIEW units AS
FROM hidden_units
UNION ALL BY NAME
SELECT * REPLACE (false AS is_weak) FROM resident_told ANTI JOIN gone USING (unit);

CREATE TEMP VIEW lodgers AS
FROM hidden_lodgers
UNION ALL BY NAME
FROM resident_lodgers ANTI JOIN gone USING (unit);
