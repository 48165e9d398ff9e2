-- Makes:  facts (person, weight, company, stratum, is_true, is_joined), a row per pair of records and each group it counts in.
-- Reads:  unit_of, settled (unit, person), known, hidden, described, house_of.
-- Holds:  pairs with a hidden record of which both have an ID number, so that the truth is known: those of one number
--         (is_true) and those that were put together (is_joined). A pair of two companies counts for both.
CREATE TEMP TABLE placed AS
SELECT u.rid, coalesce(s.person, u.unit) AS place, k.exclusive AS person, h.rid IS NOT NULL AS is_hidden, h.weight
FROM unit_of u
JOIN known k ON k.node = u.rid AND k.exclusive IS NOT NULL
LEFT JOIN settled s ON s.unit = u.unit
LEFT JOIN hidden h ON h.rid = u.rid;

CREATE TEMP TABLE pairs AS
SELECT a.rid AS "left", b.rid AS "right", a.person, a.weight, true AS is_true, a.place = b.place AS is_joined
FROM placed a
JOIN placed b ON b.person = a.person AND b.rid > a.rid
WHERE a.is_hidden
UNION ALL
SELECT a.rid, b.rid, a.person, a.weight, false, true
FROM placed a
JOIN placed b ON b.place = a.place AND b.person <> a.person
WHERE a.is_hidden AND (NOT b.is_hidden OR b.rid > a.rid);

CREATE TEMP TABLE facts AS
WITH told AS (
    SELECT r.rid, r.company, r.is_masked, r.has_phone, r.has_birth AND coalesce(h.keeps_birth, true) AS has_birth,
        o.house_no
    FROM described r
    LEFT JOIN hidden h ON h.rid = r.rid
    LEFT JOIN house_of o ON o.rid = r.rid
    SEMI JOIN (SELECT unnest(["left", "right"]) AS rid FROM pairs) p ON p.rid = r.rid
),
seen AS (
    SELECT
        p.person, p.weight, p.is_true, p.is_joined, list_distinct([l.company, r.company]) AS companies,
        l.company <> r.company AS is_across, l.is_masked OR r.is_masked AS is_masked,
        NOT (coalesce(l.has_phone, false) AND coalesce(r.has_phone, false)) AS no_phone,
        NOT (l.has_birth AND r.has_birth) AS no_birth,
        l.house_no IS DISTINCT FROM r.house_no AS is_elsewhere
    FROM pairs p
    JOIN told l ON l.rid = p."left"
    JOIN told r ON r.rid = p."right"
)
SELECT person, weight, is_true, is_joined, unnest(companies) AS company, 'all' AS stratum FROM seen
UNION ALL
SELECT person, weight, is_true, is_joined, NULL, unnest(list_filter([
    'all',
    CASE WHEN is_across THEN 'across_companies' END,
    CASE WHEN is_elsewhere THEN 'other_house' END,
    CASE WHEN is_masked THEN 'masked_name' END,
    CASE WHEN no_phone THEN 'without_phone' END,
    CASE WHEN no_birth THEN 'without_birth_date' END
], lambda s: s IS NOT NULL))
FROM seen;
