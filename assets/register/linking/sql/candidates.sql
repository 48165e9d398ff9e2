-- Makes:  candidates (join_key_l, join_key_r, match_key): pairs of units worth a comparison; hot_keys, per kind of key.
-- Reads:  block_keys.
-- Holds:  at least one of a pair is weak, each pair comes once, left < right. A key that more than $most_units units
--         share makes no pairs, so pairs grow with the units and not with their square; what that leaves out is counted.
CREATE OR REPLACE TEMP TABLE blocks AS
SELECT kind, key, count(*) AS units, count(*) FILTER (WHERE is_weak) AS weak
FROM block_keys
GROUP BY kind, key
HAVING count(*) > 1 AND bool_or(is_weak);

CREATE OR REPLACE TEMP TABLE hot_keys AS
SELECT
    kind, count(*) AS blocks, count(*) FILTER (WHERE units > $most_units) AS hot, max(units) AS largest,
    coalesce(sum(pairs) FILTER (WHERE units <= $most_units), 0)::BIGINT AS pairs,
    coalesce(sum(pairs) FILTER (WHERE units > $most_units), 0)::BIGINT AS pairs_left_out
FROM (SELECT *, weak * (weak - 1) // 2 + weak * (units - weak) AS pairs FROM blocks)
GROUP BY kind;

CREATE OR REPLACE TEMP TABLE candidates AS
SELECT DISTINCT least(w.unit, o.unit) AS join_key_l, greatest(w.unit, o.unit) AS join_key_r, '0' AS match_key
FROM block_keys w
JOIN blocks b ON b.kind = w.kind AND b.key = w.key AND b.units <= $most_units
JOIN block_keys o ON o.kind = w.kind AND o.key = w.key
WHERE w.is_weak AND w.unit <> o.unit;

DROP TABLE block_keys;
DROP TABLE blocks;
