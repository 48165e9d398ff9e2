-- Makes:  echoes, pairs (later, earlier) of places: two records that tell of one pass if the earlier one is kept.
-- Reads:  event_records.
-- Holds:  both name the same subject, community and direction, or bear the same vendor's code in the same feed and
--         community, and lie at most $within_us microseconds apart; later > earlier in provenance.
--
-- Few records have such a neighbour. The first step finds them by sorting numbers only; hash() may put two keys
-- together, which the third step, on the keys themselves, undoes. Nothing hashed is kept.
CREATE OR REPLACE TEMP TABLE near AS
SELECT DISTINCT place
FROM (
    SELECT
        place,
        at_us,
        unnest([
            CASE WHEN subject_key IS NOT NULL THEN hash(subject_key) END,
            CASE WHEN code_key IS NOT NULL THEN hash(code_key) END
        ]) AS k
    FROM event_records
)
WHERE k IS NOT NULL
WINDOW same AS (PARTITION BY k ORDER BY at_us)
QUALIFY at_us - lag(at_us) OVER same <= $within_us OR lead(at_us) OVER same - at_us <= $within_us;

-- a slot is a stretch of time longer than $within_us, so neighbours lie in the same slot or in adjoining ones
CREATE OR REPLACE TEMP TABLE told AS
SELECT place, at_us, at_us // ($within_us + 1) AS slot, pass_key
FROM (
    SELECT place, at_us, unnest([subject_key, code_key]) AS pass_key
    FROM event_records
    JOIN near USING (place)
)
WHERE pass_key IS NOT NULL;

CREATE OR REPLACE TEMP TABLE echoes AS
SELECT DISTINCT l.place AS later, e.place AS earlier
FROM (SELECT place, at_us, pass_key, slot + unnest([-1, 0, 1]) AS slot FROM told) l
JOIN told e ON e.pass_key = l.pass_key AND e.slot = l.slot
WHERE l.place > e.place AND abs(l.at_us - e.at_us) <= $within_us;

CREATE OR REPLACE TEMP TABLE folded_places (place BIGINT, kept_place BIGINT);
DROP TABLE near;
DROP TABLE told;
