-- Makes:  clustered anew, and linked_pairs.
-- Reads:  clustered (node, cluster, rule, probability), units, judged, settled (unit, person), refused (left, right,
--         reason), files.
-- Holds:  clusters are unions of exact clusters and named by their smallest node. Records of the unit with the ID
--         number, or of the smallest where none has one, keep the rule that held them; those of a linked unit, and one
--         that stood alone, have rule 'linked' and the probability of the strongest pair that holds their unit.
CREATE OR REPLACE TEMP TABLE held AS
SELECT unit, max(probability) AS probability
FROM (
    SELECT unnest(["left", "right"]) AS unit, j."left", j."right", j.probability
    FROM judged j
    WHERE j.verdict = 'accepted'
) e
ANTI JOIN refused r ON r."left" = e."left" AND r."right" = e."right"
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE persons AS
SELECT
    s.unit, s.person, h.probability, u.exclusive IS NOT NULL AS has_id,
    s.unit = first_value(s.unit) OVER (PARTITION BY s.person ORDER BY u.exclusive IS NULL, s.unit) AS is_core
FROM settled s
JOIN units u ON u.unit = s.unit
JOIN held h ON h.unit = s.unit;

CREATE OR REPLACE TEMP TABLE relinked AS
SELECT
    c.node,
    coalesce(p.person, c.cluster) AS cluster,
    CASE WHEN p.unit IS NULL OR p.is_core AND (p.has_id OR c.rule <> 'single') THEN c.rule ELSE 'linked' END AS rule,
    CASE WHEN p.unit IS NULL OR p.is_core AND (p.has_id OR c.rule <> 'single') THEN c.probability
        ELSE p.probability END AS probability
FROM clustered c
LEFT JOIN persons p ON p.unit = c.cluster;

CREATE OR REPLACE TEMP TABLE clustered AS FROM relinked;

CREATE OR REPLACE TEMP TABLE linked_pairs AS
SELECT
    j.* EXCLUDE (verdict, reason),
    CASE WHEN r."left" IS NOT NULL THEN 'grey' ELSE j.verdict END AS verdict,
    coalesce(r.reason, j.reason) AS reason,
    l.company AS left_company, l.delivery_id AS left_delivery_id, l.file AS left_file,
    j."left" % 4294967296 AS left_row_number,
    t.company AS right_company, t.delivery_id AS right_delivery_id, t.file AS right_file,
    j."right" % 4294967296 AS right_row_number
FROM judged j
LEFT JOIN refused r ON r."left" = j."left" AND r."right" = j."right"
JOIN files l ON l.file_no = j."left" // 4294967296
JOIN files t ON t.file_no = j."right" // 4294967296;

DROP TABLE held;
DROP TABLE persons;
DROP TABLE relinked;
