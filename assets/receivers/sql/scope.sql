-- Makes:  given_<table> for every table that a receiver can be given: the rows within its communities and grounds.
-- Reads:  scope_communities, the attached restricted and curated databases.
-- Holds:  no row of another community; a resident under $age only where $children; a pass with its person only of
--         somebody known to be of that age on the day of the pass; no id of somebody who is not given.
CREATE OR REPLACE TEMP TABLE scope_houses AS
SELECT house_id FROM restricted.houses WHERE community_id IN (FROM scope_communities);

CREATE OR REPLACE TEMP TABLE scope_residents AS
SELECT r.resident_id
FROM restricted.residents r
WHERE r.resident_id IN (
        SELECT resident_id FROM restricted.occupancies WHERE house_id IN (FROM scope_houses)
    )
    AND ($children OR coalesce(r.birth_date + to_years($age) <= $as_of, true));

CREATE OR REPLACE TEMP TABLE scope_vehicles AS
SELECT DISTINCT vehicle_id FROM restricted.vehicle_holdings WHERE community_id IN (FROM scope_communities);

CREATE OR REPLACE TEMP VIEW given_communities AS
SELECT * FROM restricted.communities WHERE community_id IN (FROM scope_communities);

CREATE OR REPLACE TEMP VIEW given_houses AS
SELECT * FROM restricted.houses WHERE house_id IN (FROM scope_houses);

CREATE OR REPLACE TEMP VIEW given_residents AS
SELECT * FROM restricted.residents WHERE resident_id IN (FROM scope_residents);

CREATE OR REPLACE TEMP VIEW given_occupancies AS
SELECT *
FROM restricted.occupancies
WHERE house_id IN (FROM scope_houses) AND resident_id IN (FROM scope_residents);

CREATE OR REPLACE TEMP VIEW given_vehicles AS
SELECT * FROM restricted.vehicles WHERE vehicle_id IN (FROM scope_vehicles);

CREATE OR REPLACE TEMP VIEW given_vehicle_holdings AS
SELECT * REPLACE (
    CASE WHEN resident_id IN (FROM scope_residents) THEN resident_id END AS resident_id,
    CASE WHEN house_id IN (FROM scope_houses) THEN house_id END AS house_id
)
FROM restricted.vehicle_holdings
WHERE community_id IN (FROM scope_communities);

CREATE OR REPLACE TEMP VIEW given_access_events AS
SELECT * FROM restricted.access_events
WHERE community_id IN (FROM scope_communities) AND event_date BETWEEN $first_day AND $as_of;

CREATE OR REPLACE TEMP VIEW given_events_identified AS
SELECT i.*
FROM restricted.events_identified i
JOIN given_access_events e ON e.event_id = i.event_id
LEFT JOIN restricted.residents r ON i.entity_type = 'resident' AND r.resident_id = i.entity_id
WHERE CASE i.entity_type
    WHEN 'vehicle' THEN i.entity_id IN (FROM scope_vehicles)
    ELSE i.entity_id IN (FROM scope_residents) AND coalesce(r.birth_date + to_years($age) <= i.event_date, false)
END;

CREATE OR REPLACE TEMP VIEW given_access_hourly AS
SELECT * FROM curated.access_hourly
WHERE community_id IN (FROM scope_communities)
    AND (hour AT TIME ZONE 'Asia/Shanghai')::DATE BETWEEN $first_day AND $as_of;

CREATE OR REPLACE TEMP VIEW given_community_profile AS
SELECT * FROM curated.community_profile WHERE community_id IN (FROM scope_communities);

CREATE OR REPLACE TEMP VIEW given_coverage AS
SELECT * FROM restricted.coverage WHERE community_id IN (FROM scope_communities);
