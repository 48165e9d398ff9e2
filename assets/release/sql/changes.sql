-- Makes:  release_compared (entity_type, entity_id, change, other_id, changed_columns): what leads from the old release to
--         the new one.
-- Reads:  differing (entity_type, entity_id, change, changed_columns: created and retired as the two releases tell them),
--         former (what became of the new release's former ids), $ledger (its id ledger).
-- Holds:  one row per entity. An id that is gone was merged where one stands for it today, else retired. One that is new
--         was split off where its last beginning in the ledger says so and the other id, or what stands for it, is there.
CREATE OR REPLACE TEMP TABLE release_compared AS
WITH begun AS (
    SELECT entity_id, max_by(event, release_id) AS event, max_by(other_id, release_id) AS other_id
    FROM $ledger
    WHERE event IN ('created', 'split', 'restored') AND entity_id IN (SELECT entity_id FROM $ledger WHERE event = 'split')
    GROUP BY entity_id
),
split AS (
    SELECT b.entity_id, CASE WHEN f.old_id IS NULL THEN b.other_id ELSE f.current_id END AS other_id
    FROM begun b
    LEFT JOIN former f ON f.old_id = b.other_id
    WHERE b.event = 'split'
)
SELECT
    d.entity_type, d.entity_id,
    CASE
        WHEN d.change = 'retired' AND f.current_id IS NOT NULL THEN 'merged'
        WHEN d.change = 'created' AND s.other_id IS NOT NULL THEN 'split'
        ELSE d.change
    END AS change,
    CASE d.change WHEN 'retired' THEN f.current_id WHEN 'created' THEN s.other_id END AS other_id,
    d.changed_columns
FROM differing d
LEFT JOIN former f ON f.old_id = d.entity_id
LEFT JOIN split s ON s.entity_id = d.entity_id;

DROP TABLE differing;
