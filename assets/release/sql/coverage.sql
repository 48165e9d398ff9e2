-- Makes:  release_coverage, for coverage: expected against delivered, per community; share of passes without a registered subject.
-- Reads:  restricted.communities, release_expected (counts of the feed files), release_passes (passes by day)
-- Holds:  one row per community; no share from fewer than 5 passes.
CREATE OR REPLACE TEMP TABLE release_coverage AS
SELECT
    c.community_id,
    e.houses AS houses_expected,
    c.house_count AS houses_delivered,
    e.residents AS residents_expected,
    c.resident_count AS residents_delivered,
    e.vehicles AS vehicles_expected,
    c.vehicle_count AS vehicles_delivered,
    coalesce(p.passes, 0) AS passes,
    CASE WHEN p.passes >= 5 THEN round(CAST(p.unregistered AS DOUBLE) / p.passes, 4) END AS unregistered_share
FROM restricted.communities c
LEFT JOIN release_expected e ON e.community_id = c.community_id
LEFT JOIN (
    SELECT community_id, sum(passes) AS passes, sum(unregistered) AS unregistered
    FROM release_passes
    GROUP BY ALL
) p ON p.community_id = c.community_id;
