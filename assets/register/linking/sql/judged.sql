-- Makes:  judged, the scored pairs with the evidence to accept or reject them; verdict 'accepted' is still to be settled.
-- Reads:  scored (left, right, weight, probability, gamma_…), units.
-- Holds:  one row per candidate pair. What must hold besides the probability is said in comparisons.corroborated,
--         what must hold for a person to look in comparisons.plausible.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT
    * EXCLUDE (is_grown, is_elder),
    CASE
        WHEN probability >= $accept AND ($corroborated) THEN 'accepted'
        WHEN probability >= $review_from AND ($plausible) THEN 'grey'
        ELSE 'rejected'
    END AS verdict,
    CASE WHEN probability >= $accept AND NOT ($corroborated) THEN 'too little besides the name' END AS reason
FROM (
    SELECT s.*, coalesce(u.birth_date <= $grown_since, false) AS is_grown,
        coalesce(u.birth_date <= $elder_since, false) AS is_elder
    FROM scored s
    JOIN units u ON u.unit = s."left"
);
