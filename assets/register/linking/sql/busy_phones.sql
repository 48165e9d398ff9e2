-- Makes:  busy_phones (phone, holders), of the phones that more than $own_phone units hold.
-- Reads:  told.
CREATE OR REPLACE TEMP TABLE busy_phones AS
SELECT phone, count(*) AS holders
FROM (
    SELECT unit, unnest(phones) AS phone FROM told WHERE is_alone AND len(phones) = 1
    UNION ALL
    SELECT DISTINCT unit, unnest(phones) FROM told WHERE NOT (is_alone AND len(phones) = 1)
)
GROUP BY phone
HAVING count(*) > $own_phone;
