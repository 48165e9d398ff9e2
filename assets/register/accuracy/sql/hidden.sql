-- Makes:  hidden (rid, person, weight, keeps_birth, keeps_sex): the records whose ID number is hidden; near (rid): those
--         whose exact evidence may change by it, and those that share a phone with them; described, what told_of says of
--         records without numbers and phones.
-- Reads:  told_of, residents_sent, id_numbers and known (node, exclusive) by all ID numbers, house_of, resident_units
--         (rid, unit) of the night.
-- Holds:  of the people with a verified number, those with one record (who can only be joined wrongly) and those with
--         several are drawn apart, at most $people of each, and $share of all. Who is drawn depends on the numbers
--         alone: neither on files nor on the night. weight: how many people one drawn stands for, where one with several
--         records stands for 1. A number also told birth date and sex: a hidden record keeps them as often as the
--         records of its feed that never had a number tell them.
CREATE TEMP TABLE verified AS
SELECT id_no AS person, verified > 1 AS has_several, md5(id_number) AS lot
FROM id_numbers
WHERE verified > 0;

-- only the first of a kind are sorted: of millions with a number, thousands are drawn
CREATE TEMP TABLE drawn AS
WITH kinds AS (
    SELECT has_several, count(*) AS people, ceil(sum(count(*)) OVER () * $share) AS share
    FROM verified
    GROUP BY has_several
),
first_drawn AS (
    (FROM verified WHERE has_several ORDER BY lot, person LIMIT $people)
    UNION ALL
    (FROM verified WHERE NOT has_several ORDER BY lot, person LIMIT $people)
)
SELECT f.person, f.has_several, k.people / least(k.people, $people, k.share) AS stands_for
FROM first_drawn f
JOIN kinds k ON k.has_several = f.has_several
QUALIFY row_number() OVER (PARTITION BY f.has_several ORDER BY f.lot, f.person) <= least($people, k.share);

CREATE TEMP TABLE hidden AS
WITH told AS (
    SELECT company, feed, avg(has_birth::INT) AS birth, avg(has_sex::INT) AS sex
    FROM told_of
    WHERE id_number IS NULL
    GROUP BY GROUPING SETS ((company, feed), ())
),
records AS (
    SELECT k.node AS rid, k.exclusive AS person, d.stands_for, d.has_several
    FROM known k
    JOIN drawn d ON d.person = k.exclusive
)
SELECT
    d.rid, d.person, d.stands_for / coalesce(min(d.stands_for) FILTER (d.has_several) OVER (), 1) AS weight,
    coalesce($draw_birth < coalesce(f.birth, a.birth), false) AS keeps_birth,
    coalesce($draw_sex < coalesce(f.sex, a.sex), false) AS keeps_sex
FROM records d
JOIN residents_sent r ON r.rid = d.rid
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
FROM (SELECT rid, unnest(phones) AS phone FROM told_of) p
SEMI JOIN (SELECT unnest(r.phones) AS phone FROM told_of r SEMI JOIN hidden d ON d.rid = r.rid) x ON x.phone = p.phone;

CREATE TEMP TABLE described AS SELECT rid, company, is_masked, len(phones) > 0 AS has_phone, has_birth FROM told_of;

DROP TABLE told_of;
DROP TABLE verified;
DROP TABLE drawn;
DROP TABLE id_numbers;
