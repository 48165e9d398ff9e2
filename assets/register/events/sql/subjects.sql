-- Makes:  subjects (attach_key, entity_type, entity_id): whom the register knows among those who passed on $day.
--         entity_id is null where two answer to the key, and for a resident not known to be of age $age.
-- Reads:  event_records; $plates (plate -> vehicle_id), $residents, $occupancies, $houses (tables of the register).
-- Holds:  attach_key is unique. A record with a plate is the vehicle's; else the ID number decides, else name and phone
--         among the residents of that community. A name alone is nobody.
-- attach_key tells all that is looked for, so any record that bears it will do
CREATE OR REPLACE TEMP TABLE passers AS
SELECT
    attach_key,
    any_value(plate) AS plate,
    any_value(id_number) AS id_number,
    any_value(name) AS name,
    any_value(phone) AS phone,
    any_value(community_id) AS community_id
FROM (
    SELECT
        attach_key,
        plate,
        CASE WHEN plate IS NULL THEN id_number END AS id_number,
        CASE WHEN plate IS NULL AND phone IS NOT NULL THEN name END AS name,
        CASE WHEN plate IS NULL AND name IS NOT NULL THEN phone END AS phone,
        CASE WHEN plate IS NULL AND name IS NOT NULL AND phone IS NOT NULL THEN community_id END AS community_id
    FROM event_records
    WHERE event_date = $day
)
WHERE attach_key IS NOT NULL
GROUP BY attach_key;

CREATE OR REPLACE TEMP TABLE subjects AS
SELECT
    p.attach_key,
    'vehicle' AS entity_type,
    CASE WHEN count(*) = 1 THEN min(v.vehicle_id) END AS entity_id
FROM passers p
JOIN read_parquet($plates) v ON v.plate = p.plate
GROUP BY p.attach_key;

CREATE OR REPLACE TEMP TABLE answering AS
SELECT p.attach_key, r.resident_id, r.birth_date
FROM passers p
JOIN read_parquet($residents) r ON r.id_number = p.id_number;

-- step by step from the few who passed: together, DuckDB would first join all occupancies with all houses
CREATE OR REPLACE TEMP TABLE named AS
SELECT p.attach_key, p.community_id, r.resident_id, r.birth_date
FROM (SELECT * FROM passers ANTI JOIN answering USING (attach_key) WHERE name IS NOT NULL) p
JOIN read_parquet($residents) r ON r.name = p.name AND r.phone = p.phone;

CREATE OR REPLACE TEMP TABLE housed AS
SELECT n.attach_key, n.community_id, n.resident_id, n.birth_date, o.house_id
FROM named n
JOIN read_parquet($occupancies) o ON o.resident_id = n.resident_id;

INSERT INTO answering
SELECT DISTINCT n.attach_key, n.resident_id, n.birth_date
FROM housed n
JOIN read_parquet($houses) h ON h.house_id = n.house_id AND h.community_id = n.community_id;

-- of unknown age is not known to be of age
INSERT INTO subjects
SELECT
    attach_key,
    'resident',
    CASE
        WHEN count(*) = 1 AND coalesce(max(birth_date) + to_years($age) <= $day, false) THEN min(resident_id)
    END
FROM answering
GROUP BY attach_key;
DROP TABLE passers;
DROP TABLE named;
DROP TABLE housed;
DROP TABLE answering;
