-- Makes:  files, one row per input file, numbered in provenance order (day of delivery, delivery, file).
-- Reads:  delivered (the distinct files of every dataset), feeds (company, feed, mode, trust).
-- Holds:  file_no is dense, and the same for the same inputs whatever their order. With the row number it makes the
--         record number, file_no * 2^32 + row_number: an integer that sorts as provenance does, so that "the smallest
--         provenance" is a plain minimum.
CREATE TEMP TABLE files AS
SELECT
    row_number() OVER (ORDER BY delivered_on, delivery_id, file)::BIGINT AS file_no,
    dense_rank() OVER (ORDER BY delivered_on, delivery_id)::BIGINT AS delivery_no,
    dataset, company, feed, delivery_id, file, delivered_on, mode, trust
FROM delivered
JOIN feeds USING (company, feed);
