-- Makes:  one round of the decision: rows of folded_places, and echoes without the records decided.
-- Reads:  echoes, folded_places.
-- Holds:  a record that echoes no undecided or kept one is kept; every echo of a kept record is folded into the
--         earliest record kept that it echoes. The earliest undecided record is always decided, so the rounds end.
CREATE OR REPLACE TEMP TABLE decided AS
SELECT c.later AS place, min(c.earlier) AS kept_place
FROM echoes c
ANTI JOIN echoes b ON b.later = c.earlier
GROUP BY c.later;

INSERT INTO folded_places FROM decided;

CREATE OR REPLACE TEMP TABLE echoes AS
SELECT later, earlier
FROM echoes
ANTI JOIN decided d ON d.place = later
ANTI JOIN decided d2 ON d2.place = earlier;
DROP TABLE decided;
