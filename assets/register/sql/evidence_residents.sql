-- Makes:  evidence, one row per link that holds residents' records together and per pair that was left open.
-- Reads:  exact_links ("left", "right", rule), pairs ("left", "right", probability, verdict, findings), reviewed (pair,
--         verdict, "left", "right"), resident_of, ids, residents_in, house_of, record_names.
-- Holds:  accepted links lie within one entity, all others between two; rows are linear in the records, because links
--         are stars. Where a verdict stands between two entities, it is the one row between them. At most ten names a
--         side, the record's own first.
CREATE TEMP TABLE decided AS
SELECT DISTINCT least(l.cluster, r.cluster) AS low, greatest(l.cluster, r.cluster) AS high
FROM reviewed v
JOIN resident_of l ON l.rid = v."left"
JOIN resident_of r ON r.rid = v."right"
WHERE v.verdict <> 'same';

CREATE TEMP TABLE links AS
SELECT e.*, l.cluster AS left_cluster, r.cluster AS right_cluster
FROM (
    SELECT "left", "right", rule, 1.0::DOUBLE AS probability, 'accepted' AS verdict, [] AS findings, NULL AS pair
    FROM exact_links
    UNION ALL
    SELECT "left", "right", 'linked', probability, verdict, findings, NULL FROM pairs
    UNION ALL
    SELECT
        "left", "right", 'review',
        CASE verdict WHEN 'same' THEN 1.0 WHEN 'different' THEN 0.0 ELSE 0.5 END,
        CASE verdict WHEN 'same' THEN 'accepted' WHEN 'different' THEN 'rejected' ELSE 'grey' END,
        ['reviewed_' || verdict], pair
    FROM reviewed
) e
JOIN resident_of l ON l.rid = e."left"
JOIN resident_of r ON r.rid = e."right"
LEFT JOIN decided b ON b.low = least(l.cluster, r.cluster) AND b.high = greatest(l.cluster, r.cluster)
WHERE CASE WHEN e.rule = 'review' THEN (l.cluster = r.cluster) = (e.verdict = 'accepted')
    WHEN l.cluster = r.cluster THEN e.verdict = 'accepted'
    ELSE e.rule = 'linked' AND b.low IS NULL END;

CREATE TEMP TABLE told AS
SELECT r.rid, r.id_number, CASE WHEN NOT r.name_is_partial THEN r.name END AS name, r.birth_date,
    nullif(r.sex, 'unknown') AS sex, r.phones, h.house_no, r.unit
FROM residents_in r
SEMI JOIN (SELECT unnest(["left", "right"]) AS rid FROM links WHERE rule <> 'linked') k ON k.rid = r.rid
LEFT JOIN house_of h ON h.rid = r.rid;

CREATE TEMP TABLE compared AS
SELECT
    k."left", k."right", k.rule,
    list_filter([
        CASE WHEN l.id_number = r.id_number THEN 'id_same' END,
        CASE WHEN l.name = r.name THEN 'name_same' WHEN l.name <> r.name THEN 'name_differs' END,
        CASE WHEN l.birth_date = r.birth_date THEN 'birth_same' WHEN l.birth_date <> r.birth_date THEN 'birth_differs' END,
        CASE WHEN l.sex <> r.sex THEN 'sex_differs' END,
        CASE WHEN list_has_any(l.phones, r.phones) THEN 'phone_same' END,
        CASE WHEN l.house_no = r.house_no THEN 'house_same' END,
        CASE WHEN l.house_no = r.house_no AND l.unit IS DISTINCT FROM r.unit THEN 'house_unit_found' END
    ], lambda code: code IS NOT NULL) AS findings
FROM links k
JOIN told l ON l.rid = k."left"
JOIN told r ON r.rid = k."right"
WHERE k.rule <> 'linked';

CREATE TEMP TABLE side_names AS
SELECT o.cluster, list(n.name ORDER BY n.rid)[1:10] AS names
FROM resident_of o
JOIN record_names n ON n.rid = o.rid
SEMI JOIN (
    SELECT unnest([left_cluster, right_cluster]) AS cluster FROM links WHERE left_cluster <> right_cluster
) k ON k.cluster = o.cluster
GROUP BY o.cluster;

CREATE TEMP TABLE evidence AS
SELECT
    i.entity_id, CASE WHEN k.left_cluster <> k.right_cluster THEN o.entity_id END AS other_id,
    k."left", k."right", k.rule, k.probability, k.verdict,
    list_concat(k.findings, coalesce(c.findings, [])) AS findings,
    k.pair,
    CASE WHEN k.rule <> 'id_number' THEN
        list_prepend(ln.name, coalesce(list_filter(ls.names, lambda n: n <> ln.name), []))[1:10]
    END AS left_names,
    CASE WHEN k.rule <> 'id_number' THEN
        list_prepend(rn.name, coalesce(list_filter(rs.names, lambda n: n <> rn.name), []))[1:10]
    END AS right_names
FROM links k
JOIN ids i ON i.cluster = k.left_cluster
JOIN ids o ON o.cluster = k.right_cluster
LEFT JOIN compared c ON c."left" = k."left" AND c."right" = k."right" AND c.rule = k.rule
-- conditions on the left side stand inside the key: beside it, they turn these hash joins into nested loops
LEFT JOIN record_names ln ON ln.rid = CASE WHEN k.rule <> 'id_number' THEN k."left" END
LEFT JOIN record_names rn ON rn.rid = CASE WHEN k.rule <> 'id_number' THEN k."right" END
LEFT JOIN side_names ls ON ls.cluster = CASE WHEN k.left_cluster <> k.right_cluster THEN k.left_cluster END
LEFT JOIN side_names rs ON rs.cluster = CASE WHEN k.left_cluster <> k.right_cluster THEN k.right_cluster END;

DROP TABLE decided;
DROP TABLE links;
DROP TABLE told;
DROP TABLE compared;
DROP TABLE side_names;
