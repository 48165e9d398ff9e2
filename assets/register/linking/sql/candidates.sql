-- Makes:  candidates (join_key_l, join_key_r, match_key): pairs of units worth a comparison; hot_keys, per kind of key.
-- Reads:  weak_keys, strong_keys (unit, kind, key): the keys of weak units, and those of the others that a weak one has.
-- Holds:  at least one of a pair is weak, each pair comes once, left < right. A key that more than $most_units units
--         share makes no pairs, so pairs grow with the units and not with their square; what that leaves out is counted.
CREATE OR REPLACE TEMP TABLE blocks AS
SELECT kind, key, weak + coalesce(strong, 0) AS units, weak
FROM (SELECT kind, key, count(*) AS weak FROM weak_keys GROUP BY kind, key)
LEFT JOIN (SELECT kind, key, count(*) AS strong FROM strong_keys GROUP BY kind, key) USING (kind, key)
WHERE weak + coalesce(strong, 0) > 1;

CREATE OR REPLACE TEMP TABLE hot_keys AS
SELECT
    kind, count(*) AS blocks, count(*) FILTER (WHERE units > $most_units) AS hot, max(units) AS largest,
    coalesce(sum(pairs) FILTER (WHERE units <= $most_units), 0)::BIGINT AS pairs,
    coalesce(sum(pairs) FILTER (WHERE units > $most_units), 0)::BIGINT AS pairs_left_out
FROM (SELECT *, weak * (weak - 1) // 2 + weak * (units - weak) AS pairs FROM blocks)
GROUP BY kind;

CREATE OR REPLACE TEMP TABLE candidates AS
WITH asking AS (
    SELECT w.unit, w.key
    FROM weak_keys w
    JOIN blocks b ON b.key = w.key AND b.units <= $most_units
)
SELECT DISTINCT least(a.unit, o.unit) AS join_key_l, greatest(a.unit, o.unit) AS join_key_r, '0' AS match_key
FROM asking a
JOIN (FROM weak_keys UNION ALL FROM strong_keys) o ON o.key = a.key
WHERE a.unit <> o.unit;

DROP TABLE weak_keys;
DROP TABLE strong_keys;
DROP TABLE blocks;
