-- Makes:  vehicle_of (rid -> cluster), keys (for the id ledger).
-- Reads:  vehicles_in (standing records).
-- Holds:  one cluster per plate, named by its smallest record number.
CREATE TEMP TABLE plates AS
SELECT plate, min(rid) AS cluster FROM vehicles_in GROUP BY plate;

CREATE TEMP TABLE vehicle_of AS
SELECT v.rid, p.cluster FROM vehicles_in v JOIN plates p ON p.plate = v.plate;

CREATE TEMP TABLE keys AS
SELECT 'plate' AS kind, plate AS key, cluster FROM plates;
