-- Makes:  errors (error, class, reason, pairs), the register's wrong and missed pairs of residents' records by what the
--         two records of a pair say, with the reason why that was not enough (or too much).
-- Reads:  sources (the released table), peer_records, true_rows.
CREATE OR REPLACE TEMP TABLE put AS
SELECT p.*, t.entity_id AS true_id, s.entity_id AS cluster_id
FROM peer_records p
JOIN true_rows t ON t.company = p.company AND t.file = p.file AND t.row_number = p.row_number
JOIN (FROM sources WHERE entity_type = 'resident') s
    ON s.company = p.company AND s.file = p.file AND s.row_number = p.row_number;

CREATE OR REPLACE TEMP TABLE errors AS
WITH pairs AS (
    SELECT 'missed' AS error, a.id AS l, b.id AS r
    FROM put a
    JOIN put b ON b.true_id = a.true_id AND b.id > a.id
    WHERE a.cluster_id <> b.cluster_id
    UNION ALL
    SELECT 'wrong', a.id, b.id
    FROM put a
    JOIN put b ON b.cluster_id = a.cluster_id AND b.id > a.id
    WHERE a.true_id <> b.true_id
),
said AS (
    SELECT
        error,
        CASE
            WHEN a.name IS NULL OR b.name IS NULL THEN 'a name missing'
            WHEN a.name_is_partial OR b.name_is_partial THEN 'a name masked or damaged'
            WHEN a.name = b.name THEN 'one name'
            ELSE 'two names'
        END AS named,
        CASE
            WHEN a.birth_date IS NULL OR b.birth_date IS NULL THEN 'no birth date'
            WHEN a.birth_date = b.birth_date THEN 'one birth date'
            ELSE 'two birth dates'
        END AS born,
        CASE
            WHEN a.phone IS NULL OR b.phone IS NULL THEN 'no phone'
            WHEN a.phone = b.phone THEN 'one phone'
            ELSE 'two phones'
        END AS reached,
        CASE WHEN a.house = b.house THEN 'one house' ELSE 'two houses' END AS lives
    FROM pairs
    JOIN put a ON a.id = pairs.l
    JOIN put b ON b.id = pairs.r
)
SELECT
    error,
    concat_ws(', ', named, born, reached, lives) AS class,
    CASE
        WHEN error = 'wrong' THEN 'all that was sent agrees, or differs as by a slip'
        WHEN named = 'one name' AND born = 'no birth date' AND reached <> 'one phone' AND lives = 'one house'
            THEN 'a name and a house are never enough'
        WHEN named = 'one name' AND born = 'one birth date'
            THEN 'a name and a birth date are enough only where the name is rare'
        WHEN named = 'two names' AND born = 'one birth date' AND (reached = 'one phone' OR lives = 'one house')
            THEN 'twins have like names: such a slip is not told from a twin'
        WHEN named IN ('a name missing', 'a name masked or damaged') THEN 'of the name too little is left'
        WHEN born = 'no birth date' THEN 'without a birth date a name elsewhere is too little'
        ELSE 'several of name, birth date and phone differ'
    END AS reason,
    count(*) AS pairs
FROM said
GROUP BY ALL;
