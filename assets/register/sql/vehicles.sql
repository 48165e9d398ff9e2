-- Makes:  plates (plate, cluster, …) and vehicle_of (rid -> cluster), one cluster per plate, named by its smallest record.
-- Reads:  vehicles_in (standing records).
-- Holds:  feeds says how many exports list the plate; corrected, whether every record of it had letters read as digits.
CREATE TEMP TABLE plates AS
SELECT
    plate, min(rid) AS cluster, count(*) AS records, count(DISTINCT (company, feed)) AS feeds,
    bool_and(list_contains(warnings, 'plate_corrected:plate')) AS corrected
FROM vehicles_in
GROUP BY plate;

CREATE TEMP TABLE vehicle_of AS
SELECT v.rid, p.cluster FROM vehicles_in v JOIN plates p ON p.plate = v.plate;
