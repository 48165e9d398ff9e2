-- The passes of a day, without whom they are of, and the place of their community among the day's, to sort by.
SELECT p.*, c.community_place
FROM passes p
JOIN (
    SELECT community_id, CAST(row_number() OVER (ORDER BY community_id) AS INTEGER) AS community_place
    FROM (SELECT DISTINCT community_id FROM passes)
) c ON c.community_id = p.community_id
