-- Makes:  residents_in, the records near as they are when the numbers are hidden.
-- Reads:  residents_sent, near, hidden.
-- Holds:  of a hidden record all is left that its number did not tell.
CREATE TEMP TABLE residents_in AS
SELECT r.* REPLACE (
    CASE WHEN h.rid IS NULL THEN r.id_number END AS id_number,
    r.id_verified AND h.rid IS NULL AS id_verified,
    CASE WHEN coalesce(h.keeps_birth, true) THEN r.birth_date END AS birth_date,
    CASE WHEN coalesce(h.keeps_sex, true) THEN r.sex ELSE 'unknown' END AS sex
)
FROM residents_sent r
SEMI JOIN near n ON n.rid = r.rid
LEFT JOIN hidden h ON h.rid = r.rid;
