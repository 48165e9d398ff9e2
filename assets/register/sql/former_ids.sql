-- Makes:  former (entity_type, old_id, became, current_id, as_of, release_id, steps): every id that was issued and stands
--         no more, with the id that stands for it today; null where that entity has no records any more.
-- Reads:  $ledger (the rows of the id ledger).
-- Holds:  one row per id. A merged id leads along further merges to their end; an id whose records came back is not
--         here. The last entry says since when. Following stops after $most merges: then they run in a circle.
CREATE OR REPLACE TEMP TABLE ended AS
SELECT
    entity_type, entity_id,
    count(*) FILTER (WHERE event = 'merged') > 0 AS is_merged,
    count(*) FILTER (WHERE event = 'retired') > count(*) FILTER (WHERE event = 'restored') AS is_retired,
    max(other_id) FILTER (WHERE event = 'merged') AS other_id,
    max_by(as_of, release_id) AS as_of,
    max(release_id) AS release_id
FROM $ledger
WHERE event IN ('merged', 'retired', 'restored')
GROUP BY entity_type, entity_id;

CREATE OR REPLACE TEMP TABLE former AS
WITH RECURSIVE led AS (
    SELECT entity_id AS old_id, other_id AS id, 1 AS steps FROM ended WHERE is_merged
    UNION ALL
    SELECT l.old_id, e.other_id, l.steps + 1
    FROM led l
    JOIN ended e ON e.entity_id = l.id AND e.is_merged
    WHERE l.steps < $most
),
ends AS (SELECT old_id, max_by(id, steps) AS id, max(steps) AS steps FROM led GROUP BY old_id)
SELECT
    e.entity_type, e.entity_id AS old_id,
    CASE WHEN e.is_merged THEN 'merged' ELSE 'retired' END AS became,
    CASE WHEN e.is_merged AND NOT coalesce(t.is_retired, false) THEN s.id END AS current_id,
    e.as_of, e.release_id, coalesce(s.steps, 0) AS steps
FROM ended e
LEFT JOIN ends s ON s.old_id = e.entity_id
LEFT JOIN ended t ON t.entity_id = s.id
WHERE e.is_merged OR e.is_retired;

DROP TABLE ended;
