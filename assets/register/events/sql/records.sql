-- Makes:  event_records, the accepted access events between $start and $stop, one row a record, with
--           place        order of provenance (delivered_on, delivery_id, file, row_number) as one number
--           event_id     key of the pass if this record is the one kept
--           at_us        time in microseconds
--           subject_key  who or what passed, where and which way; the record's whole content where it names nobody
--           code_key     the vendor's id of the pass
--           attach_key   who or what passed, as the register may know them
-- Reads:  $files (accepted records of the deliveries that touch the day), event_files (ordinal, id_base of each file).
-- Holds:  place is unique; row numbers stay below 2^40.
CREATE OR REPLACE TEMP VIEW event_records AS
SELECT
    f.ordinal * 1099511627776 + r.row_number AS place,
    f.id_base + r.row_number AS event_id,
    f.ordinal AS file_ordinal,
    r.row_number,
    r.occurred_at,
    epoch_us(r.occurred_at) AS at_us,
    r.event_date,
    r.community_id,
    r.gate,
    r.direction,
    r.method,
    r.subject_kind,
    r.plate,
    r.id_number,
    r.name,
    r.phone,
    CASE
        WHEN r.plate IS NOT NULL THEN concat('plate', chr(31), r.plate)
        WHEN r.phone IS NOT NULL AND r.name IS NOT NULL
            THEN concat('id', chr(31), r.id_number, chr(31), r.community_id, chr(31), r.name, chr(31), r.phone)
        WHEN r.id_number IS NOT NULL THEN concat('id', chr(31), r.id_number)
    END AS attach_key,
    CASE
        WHEN r.plate IS NOT NULL
            THEN concat('plate', chr(31), r.plate, chr(31), r.community_id, chr(31), r.direction)
        WHEN r.id_number IS NOT NULL
            THEN concat('id', chr(31), r.id_number, chr(31), r.community_id, chr(31), r.direction)
        WHEN r.phone IS NOT NULL AND r.name IS NOT NULL
            THEN concat('name', chr(31), r.phone, chr(31), r.name, chr(31), r.community_id, chr(31), r.direction)
        WHEN r.card_number IS NOT NULL
            THEN concat('card', chr(31), r.card_number, chr(31), r.community_id, chr(31), r.direction)
        WHEN r.event_code IS NULL
            THEN concat('content', chr(31), r.record_hash, chr(31), r.gate, chr(31), r.community_id, chr(31), r.direction)
    END AS subject_key,
    CASE
        WHEN r.event_code IS NOT NULL
            THEN concat('code', chr(31), r.event_code, chr(31), r.company, chr(31), r.feed, chr(31), r.community_id)
    END AS code_key
FROM read_parquet($files) r
JOIN event_files f ON f.delivery_id = r.delivery_id AND f.file = r.file
WHERE r.event_date BETWEEN $first_date AND $last_date
    AND r.occurred_at >= $start::TIMESTAMPTZ AND r.occurred_at < $stop::TIMESTAMPTZ;
