-- Makes:  misreads ("left", "right", verdict, findings): pairs of plates, as clusters, that a camera takes for each other
--         and that other evidence puts together; the left one is the better supported. vehicle_of, joined by them.
-- Reads:  plates, vehicle_of, vehicles_in, house_of.
-- Holds:  the plates differ in one character only, by $letters taken for $digits or in that of the
--         province. A pair is 'accepted' only where the right plate is in one export alone, no delivery lists both, nothing
--         that both sides say of the car contradicts, the right plate has no other such partner, and the left one is not
--         itself a misread one. All else that other evidence supports is 'grey', for a person to look at.
CREATE TEMP TABLE shapes AS
SELECT *, concat(substr(plate, 2, 1), translate(substr(plate, 3), $letters, $digits)) AS shape
FROM plates;

CREATE TEMP TABLE pairs AS
SELECT l.cluster AS one, r.cluster AS other
FROM shapes l
JOIN shapes r ON r.shape = l.shape AND r.cluster > l.cluster AND length(r.plate) = length(l.plate)
SEMI JOIN (SELECT shape FROM shapes GROUP BY shape HAVING count(*) BETWEEN 2 AND $most_plates) s ON s.shape = l.shape
WHERE len(list_filter(
    range(1, length(l.plate) + 1), lambda i: substr(l.plate, i::INT, 1) <> substr(r.plate, i::INT, 1)
)) = 1;

-- the better supported of two: in more exports, as sent, like more others (a car misread twice), in more records
CREATE TEMP TABLE lookalikes AS
WITH ranked AS (
    SELECT s.*, row_number() OVER (ORDER BY s.feeds DESC, s.corrected, p.partners DESC, s.records DESC, s.cluster) AS place
    FROM shapes s
    JOIN (
        SELECT cluster, count(*) AS partners FROM (SELECT unnest([one, other]) AS cluster FROM pairs) GROUP BY cluster
    ) p ON p.cluster = s.cluster
)
SELECT
    CASE WHEN a.place < b.place THEN one ELSE other END AS "left",
    CASE WHEN a.place < b.place THEN other ELSE one END AS "right",
    CASE WHEN a.place < b.place THEN b.feeds ELSE a.feeds END AS right_feeds,
    left(a.plate, 1) <> left(b.plate, 1) AS by_province
FROM pairs
JOIN ranked a ON a.cluster = one
JOIN ranked b ON b.cluster = other;

CREATE TEMP TABLE sides AS
SELECT
    o.cluster, v.delivery_id, v.company, v.feed, v.community_id, h.house_no, v.vin, v.brand, v.body_colour,
    v.vehicle_type, v.owner_id_number, CASE WHEN NOT v.owner_name_is_partial THEN v.owner_name END AS owner_name,
    CASE WHEN p.plates <= $most_plates THEN v.owner_phone END AS owner_phone
FROM vehicles_in v
JOIN vehicle_of o ON o.rid = v.rid
SEMI JOIN (SELECT unnest(["left", "right"]) AS cluster FROM lookalikes) k ON k.cluster = o.cluster
LEFT JOIN house_of h ON h.rid = v.rid
LEFT JOIN (SELECT owner_phone, count(DISTINCT plate) AS plates FROM vehicles_in GROUP BY owner_phone) p
    ON p.owner_phone = v.owner_phone;

CREATE TEMP TABLE compared AS
SELECT
    k."left", k."right", k.right_feeds, k.by_province,
    bool_or(l.delivery_id = r.delivery_id) AS told_apart,
    coalesce(bool_or(l.community_id = r.community_id), false) AS community_same,
    coalesce(bool_or(l.house_no = r.house_no), false) AS house_same,
    coalesce(bool_or(l.vin = r.vin), false) AS vin_same,
    coalesce(bool_or(l.vin <> r.vin), false) AS vin_differs,
    coalesce(bool_or(l.owner_id_number = r.owner_id_number), false) AS owner_id_same,
    coalesce(bool_or(l.owner_id_number <> r.owner_id_number), false) AS owner_id_differs,
    coalesce(bool_or(l.owner_name = r.owner_name), false) AS owner_name_same,
    coalesce(bool_or(l.owner_phone = r.owner_phone), false) AS owner_phone_same,
    coalesce(bool_or(l.brand = r.brand), false) AS brand_same,
    coalesce(bool_or(l.brand <> r.brand), false) AS brand_differs,
    coalesce(bool_or(l.body_colour = r.body_colour), false) AS colour_same,
    coalesce(bool_or(l.body_colour <> r.body_colour OR l.vehicle_type <> r.vehicle_type), false) AS looks_differ
FROM lookalikes k
JOIN sides l ON l.cluster = k."left"
JOIN sides r ON r.cluster = k."right"
GROUP BY ALL;

CREATE TEMP TABLE supported AS
SELECT
    *,
    vin_differs OR owner_id_differs AND NOT owner_id_same OR brand_differs OR looks_differ AS contradicted
FROM compared
WHERE vin_same OR community_same AND (
    owner_id_same
    OR owner_name_same AND (owner_phone_same OR house_same)
    OR owner_phone_same AND house_same
    OR house_same AND brand_same AND colour_same
);

CREATE TEMP TABLE misreads AS
WITH likely AS (
    SELECT "left", "right", count(*) OVER (PARTITION BY "right") AS partners
    FROM supported
    WHERE right_feeds = 1 AND NOT told_apart AND NOT contradicted
),
-- two plates of one export cannot both be misread from the same one
crowded AS (
    SELECT k."left"
    FROM likely k
    JOIN (SELECT DISTINCT cluster, company, feed FROM sides) s ON s.cluster = k."right"
    GROUP BY k."left", s.company, s.feed
    HAVING count(*) > 1
),
ambiguous AS (
    SELECT "left", "right" FROM likely
    WHERE partners > 1 OR "left" IN (FROM crowded) OR "left" IN (SELECT "right" FROM likely)
)
SELECT
    s."left", s."right",
    CASE WHEN k."right" IS NOT NULL AND a."right" IS NULL THEN 'accepted' ELSE 'grey' END AS verdict,
    list_filter([
        CASE WHEN s.by_province THEN 'plate_province' ELSE 'plate_character' END,
        CASE WHEN s.vin_same THEN 'vin_same' END,
        CASE WHEN s.owner_id_same THEN 'owner_id_same' END,
        CASE WHEN s.owner_name_same THEN 'owner_name_same' END,
        CASE WHEN s.owner_phone_same THEN 'owner_phone_same' END,
        CASE WHEN s.house_same THEN 'house_same' WHEN s.community_same THEN 'community_same' END,
        CASE WHEN s.brand_same THEN 'brand_same' END,
        CASE WHEN s.colour_same THEN 'colour_same' END,
        CASE WHEN s.contradicted THEN 'car_data_differ' END,
        CASE WHEN s.told_apart THEN 'held_told_apart' END,
        CASE WHEN s.right_feeds > 1 THEN 'held_both_known' END,
        CASE WHEN a."right" IS NOT NULL THEN 'held_several_plates' END
    ], lambda code: code IS NOT NULL) AS findings
FROM supported s
LEFT JOIN likely k ON k."left" = s."left" AND k."right" = s."right"
LEFT JOIN ambiguous a ON a."left" = s."left" AND a."right" = s."right";

CREATE OR REPLACE TEMP TABLE vehicle_of AS
WITH joined AS (SELECT "left", "right" FROM misreads WHERE verdict = 'accepted'),
stars AS (SELECT "left" AS hub, least("left", min("right")) AS cluster FROM joined GROUP BY "left"),
named AS (
    SELECT hub AS plate_no, cluster FROM stars
    UNION ALL
    SELECT j."right", s.cluster FROM joined j JOIN stars s ON s.hub = j."left"
)
SELECT o.rid, coalesce(n.cluster, o.cluster) AS cluster, o.cluster AS plate_no, j."right" IS NOT NULL AS misread
FROM vehicle_of o
LEFT JOIN named n ON n.plate_no = o.cluster
LEFT JOIN joined j ON j."right" = o.cluster;

CREATE TEMP VIEW keys AS
SELECT DISTINCT 'plate' AS kind, p.plate AS key, o.cluster
FROM plates p
JOIN vehicle_of o ON o.rid = p.cluster;

DROP TABLE shapes;
DROP TABLE pairs;
DROP TABLE lookalikes;
DROP TABLE sides;
DROP TABLE compared;
DROP TABLE supported;
