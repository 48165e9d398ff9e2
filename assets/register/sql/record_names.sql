-- Makes:  record_names (rid, name): the lasting name of every resident's record, by which verdicts are kept.
-- Reads:  residents_in (standing records).
-- Holds:  names are unique. A record of a company with keys of its own is named by key and person's name, any other by
--         all that it says of the person, so that files, row numbers and the days of delivery do not matter. Records
--         that would have one name are numbered in order of provenance.
CREATE OR REPLACE TEMP TABLE record_names AS
SELECT rid, CASE WHEN place = 1 THEN base ELSE left(md5(concat(base, '#', place)), 24) END AS name
FROM (
    SELECT rid, base, row_number() OVER (PARTITION BY base ORDER BY rid) AS place
    FROM (
        SELECT
            rid,
            left(md5(CASE
                WHEN record_key IS NOT NULL
                    THEN concat('key', chr(31), company, chr(31), feed, chr(31), record_key, chr(31), name)
                ELSE concat(
                    'said', chr(31), company, chr(31), feed, chr(31), community_id, chr(31), building, chr(31), unit,
                    chr(31), room, chr(31), name, chr(31), sex, chr(31), birth_date, chr(31), id_type, chr(31),
                    id_number, chr(31), id_weak, chr(31), array_to_string(phones, ','), chr(31), phone_weak
                )
            END), 24) AS base
        FROM residents_in
    )
);
