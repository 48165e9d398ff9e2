-- Makes:  hidden (rid, person, weight, keeps_birth, keeps_sex): the records whose ID number is hidden; near (rid): those
--         whose exact evidence may change by it, and those that share a phone with them.
-- Reads:  all_residents, known (node, exclusive) by all ID numbers, house_of, resident_units (rid, unit) of the night.
-- Holds:  of the people with a verified number, those with one record (who can only be joined wrongly) and those with
--         several are drawn apart, at most $people of each, and $share of all. Who is drawn depends on the numbers
--         alone: neither on files nor on the night. weight: how many people one drawn stands for, where one with several
--         records stands for 1. A number also told birth date and sex: a hidden record keeps them as often as the
--         records of its feed that never had a number tell them.
CREATE TEMP TABLE hidden AS
WITH verified AS (
    SELECT k.exclusive AS person, count(*) > 1 AS has_several, md5(min(r.id_number)) AS lot
    FROM known k
    JOIN all_residents r ON r.rid = k.node
    WHERE r.id_verified
    GROUP BY k.exclusive
),
drawn AS (
    SELECT person, has_several, count(*) OVER kind / least(count(*) OVER kind, $people, ceil(count(*) OVER () * $share)) AS stands_for
    FROM verified
    WINDOW kind AS (PARTITION BY has_several)
    QUALIFY row_number() OVER (PARTITION BY has_several ORDER BY lot, person)
        <= least($people, ceil(count(*) OVER () * $share))
),
told AS (
    SELECT
        company, feed, avg((birth_date IS NOT NULL)::INT) AS birth,
        avg((coalesce(sex, 'unknown') <> 'unknown')::INT) AS sex
    FROM all_residents
    WHERE id_number IS NULL
    GROUP BY GROUPING SETS ((company, feed), ())
)
SELECT
    k.node AS rid, k.exclusive AS person, d.stands_for / coalesce(min(d.stands_for) FILTER (d.has_several) OVER (), 1) AS weight,
    coalesce($draw_birth < coalesce(f.birth, a.birth), false) AS keeps_birth,
    coalesce($draw_sex < coalesce(f.sex, a.sex), false) AS keeps_sex
FROM known k
JOIN drawn d ON d.person = k.exclusive
JOIN all_residents r ON r.rid = k.node
LEFT JOIN told f ON f.company = r.company AND f.feed = r.feed
LEFT JOIN told a ON a.company IS NULL;

CREATE TEMP TABLE near AS
SELECT h.rid
FROM house_of h
SEMI JOIN (SELECT o.house_no FROM house_of o SEMI JOIN hidden d ON d.rid = o.rid) x ON x.house_no = h.house_no
UNION
SELECT u.rid
FROM resident_units u
SEMI JOIN (SELECT v.unit FROM resident_units v SEMI JOIN hidden d ON d.rid = v.rid) x ON x.unit = u.unit
UNION
SELECT p.rid
FROM (SELECT rid, unnest(phones) AS phone FROM all_residents) p
SEMI JOIN (SELECT unnest(r.phones) AS phone FROM all_residents r SEMI JOIN hidden d ON d.rid = r.rid) x ON x.phone = p.phone;
