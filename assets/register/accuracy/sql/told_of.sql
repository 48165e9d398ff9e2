-- Makes:  told_of, what the measure asks of every record: whose it is, how it is filled, its ID number and phones.
-- Reads:  residents_sent.
-- Holds:  names, birth dates and the like are read again of the few records that are put together anew.
CREATE TEMP TABLE told_of AS
SELECT
    rid, company, feed, name IS NULL OR name_is_partial AS is_masked, coalesce(sex, 'unknown') <> 'unknown' AS has_sex,
    birth_date IS NOT NULL AS has_birth, id_type, id_number, id_verified, phones
FROM residents_sent;
