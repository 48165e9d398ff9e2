-- Makes:  release_profile, for community_profile: residents by age band and sex, houses by status, vehicles per house.
-- Reads:  curated.inhabitants, restricted.{communities,houses,vehicle_holdings}, profile_grid (the possible cells)
-- Holds:  no cell below 5 is shown, and none can be worked out from the community's published totals:
--           * a community so small that every cell could be below 5 shows no cell at all, empty ones included;
--           * elsewhere, where cells are hidden, the last of the larger cells (in the order of the grid) is hidden
--             with them, so that the total less the shown cells is not theirs alone; and where they are all ones and
--             it is a five, the least that they could add up to, the next larger cell too.
--         Which cell goes along must not depend on how many are in it: "the smallest" would tell its size to whoever
--         sees the next smallest. A test tries every small community.
--         A cell with nobody in it has no row, unless the whole community is hidden.
CREATE OR REPLACE TEMP TABLE release_profile AS
WITH aged AS (
    SELECT community_id, coalesce(sex, 'unknown') AS sex, $year - birth_year AS age
    FROM curated.inhabitants
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
        t.small_cells,
        t.small_sum,
        t.total <= l.all_could_be_small AS hide_all
    FROM totals t
    JOIN limits l ON l.measure = t.measure
),
ranked AS (
    SELECT
        c.*,
        row_number() OVER (
            PARTITION BY c.community_id, c.measure, c.n < 5 ORDER BY g.position DESC NULLS LAST
        ) AS place
    FROM counted c
    LEFT JOIN profile_grid g ON g.measure = c.measure
        AND g.age_band IS NOT DISTINCT FROM c.age_band
        AND g.sex IS NOT DISTINCT FROM c.sex
        AND g.status IS NOT DISTINCT FROM c.status
),
companions AS (
    SELECT
        r.community_id,
        r.measure,
        CASE
            WHEN r.small_cells = 0 THEN 0
            WHEN r.small_sum = r.small_cells AND k.n = 5 THEN 2
            ELSE 1
        END AS hidden
    FROM ruled r
    JOIN ranked k ON k.community_id = r.community_id AND k.measure = r.measure AND k.n >= 5 AND k.place = 1
    WHERE NOT r.hide_all
),
shown AS (
    SELECT
        c.community_id,
        c.measure,
        c.age_band,
        c.sex,
        c.status,
        CASE WHEN c.n >= 5 AND c.place > h.hidden THEN c.n END AS n
    FROM ranked c
    JOIN companions h ON h.community_id = c.community_id AND h.measure = c.measure
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
