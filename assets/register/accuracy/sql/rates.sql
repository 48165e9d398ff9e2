-- Makes:  view rates, the rows of the table accuracy.
-- Reads:  facts.
-- Holds:  a pair counts by its person's weight. The pairs of one person stand or fall together, so each interval is
--         Wilson's (95 %) for as many independent pairs as they are worth: (sum of weights)² / sum of (weights of a
--         person)², Kish's effective size. Fewer than 5 people are not told of.
CREATE TEMP VIEW rates AS
WITH persons AS (
    SELECT
        company, stratum, person,
        count(*) FILTER (is_true) AS true_pairs, count(*) FILTER (is_joined) AS joined_pairs,
        coalesce(sum(weight) FILTER (is_true), 0) AS sought, coalesce(sum(weight) FILTER (is_joined), 0) AS joined,
        coalesce(sum(weight) FILTER (is_true AND is_joined), 0) AS found
    FROM facts
    GROUP BY company, stratum, person
),
sums AS (
    SELECT
        company, stratum, count(*) AS people,
        sum(true_pairs)::BIGINT AS true_pairs, sum(joined_pairs)::BIGINT AS joined_pairs,
        sum(found) / nullif(sum(joined), 0) AS precision, sum(joined) * sum(joined) / nullif(sum(joined * joined), 0) AS joined_worth,
        sum(found) / nullif(sum(sought), 0) AS recall, sum(sought) * sum(sought) / nullif(sum(sought * sought), 0) AS true_worth
    FROM persons
    GROUP BY company, stratum
),
bounded AS (
    SELECT company, stratum, people, true_pairs, joined_pairs, precision, recall,
        $precision_between AS precision_between, $recall_between AS recall_between
    FROM sums
)
SELECT
    'resident' AS entity, company, stratum,
    CASE WHEN people >= 5 THEN people END AS people,
    CASE WHEN people >= 5 THEN true_pairs END AS true_pairs,
    CASE WHEN people >= 5 THEN joined_pairs END AS joined_pairs,
    CASE WHEN people >= 5 THEN round(precision, 5) END AS precision,
    CASE WHEN people >= 5 THEN round(precision_between[1], 5) END AS precision_low,
    CASE WHEN people >= 5 THEN round(precision_between[2], 5) END AS precision_high,
    CASE WHEN people >= 5 THEN round(recall, 5) END AS recall,
    CASE WHEN people >= 5 THEN round(recall_between[1], 5) END AS recall_low,
    CASE WHEN people >= 5 THEN round(recall_between[2], 5) END AS recall_high
FROM bounded;
