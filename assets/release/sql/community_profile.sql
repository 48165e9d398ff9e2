-- Makes:  release_profile, for community_profile: residents by age band and sex, houses by status, vehicles per house.
-- Reads:  restricted.{communities,houses,residents,occupancies,vehicle_holdings}, profile_grid (the possible cells)
-- Holds:  no cell below 5 is shown, and none can be worked out from the community's published totals:
--           * a community so small that every cell could be below 5 shows no cell at all, empty ones included;
--           * elsewhere, where the hidden cells are one, or are all ones or all fours (their sum would tell), the
--             smallest shown cell is hidden with them. A community above the limit always has one to hide.
--         A cell with nobody in it has no row, unless the whole community is hidden.
CREATE OR REPLACE TEMP TABLE release_profile AS
WITH inhabitants AS (
    SELECT DISTINCT h.community_id, o.resident_id
    FROM restricted.occupancies o
    JOIN restricted.houses h ON h.house_id = o.house_id
    WHERE o.is_current
),
aged AS (
    SELECT i.community_id, coalesce(r.sex, 'unknown') AS sex, $year - year(r.birth_date) AS age
    FROM inhabitants i
    JOIN restricted.residents r ON r.resident_id = i.resident_id
),
counted AS (
    SELECT
        community_id,
        'residents' AS measure,
        CASE
            WHEN age IS NULL THEN 'unknown'
            WHEN age < 14 THEN '0-13'
            WHEN age < 18 THEN '14-17'
            WHEN age < 35 THEN '18-34'
            WHEN age < 60 THEN '35-59'
            WHEN age < 80 THEN '60-79'
            ELSE '80+'
        END AS age_band,
        sex,
        CAST(NULL AS VARCHAR) AS status,
        count(*) AS n
    FROM aged
    GROUP BY ALL
    UNION ALL
    SELECT community_id, 'houses', NULL, NULL, coalesce(status, 'unknown'), count(*)
    FROM restricted.houses
    GROUP BY ALL
),
totals AS (
    SELECT
        community_id,
        measure,
        sum(n) AS total,
        count(*) FILTER (WHERE n < 5) AS small_cells,
        coalesce(sum(n) FILTER (WHERE n < 5), 0) AS small_sum
    FROM counted
    GROUP BY ALL
),
limits AS (
    SELECT measure, 4 * count(*) AS all_could_be_small FROM profile_grid GROUP BY ALL
),
ruled AS (
    SELECT
        t.community_id,
        t.measure,
        t.total <= l.all_could_be_small AS hide_all,
        t.small_cells > 0
        AND (t.small_cells = 1 OR t.small_sum = t.small_cells OR t.small_sum = 4 * t.small_cells) AS hide_one_more
    FROM totals t
    JOIN limits l ON l.measure = t.measure
),
shown AS (
    SELECT
        c.community_id,
        c.measure,
        c.age_band,
        c.sex,
        c.status,
        CASE
            WHEN c.n < 5 THEN NULL
            WHEN r.hide_one_more AND row_number() OVER (
                PARTITION BY c.community_id, c.measure, c.n < 5 ORDER BY c.n, c.age_band, c.sex, c.status
            ) = 1 THEN NULL
            ELSE c.n
        END AS n
    FROM counted c
    JOIN ruled r ON r.community_id = c.community_id AND r.measure = c.measure
    WHERE NOT r.hide_all
    UNION ALL
    SELECT r.community_id, g.measure, g.age_band, g.sex, g.status, NULL
    FROM ruled r
    JOIN profile_grid g ON g.measure = r.measure
    WHERE r.hide_all
),
vehicles AS (
    SELECT community_id, count(DISTINCT vehicle_id) AS n
    FROM restricted.vehicle_holdings
    WHERE is_current
    GROUP BY ALL
)
SELECT
    community_id,
    measure,
    age_band,
    sex,
    status,
    CASE WHEN measure = 'residents' THEN n END AS residents,
    CASE WHEN measure = 'houses' THEN n END AS houses,
    CAST(NULL AS DOUBLE) AS vehicles_per_house
FROM shown
UNION ALL
SELECT
    c.community_id,
    'vehicles_per_house',
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    round(CAST(coalesce(v.n, 0) AS DOUBLE) / c.house_count, 2)
FROM restricted.communities c
LEFT JOIN vehicles v ON v.community_id = c.community_id
WHERE c.house_count > 0;
