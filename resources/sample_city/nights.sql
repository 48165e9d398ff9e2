-- One night's changes in a company: moves, new tenants, births, sold and new cars, corrections. Rows are never removed:
-- one that ends gets to_night, its successor starts with from_night; changed_night is what a feed of changes sends.
-- Variables: night, today, key (stream of draws), few (how many of each), first_newborn (p_idx), new_cars (table).

CREATE OR REPLACE MACRO lot(i) AS md5(getvariable('key') || ':' || i);
CREATE OR REPLACE MACRO draw(i) AS ('0x' || substr(lot(i), 1, 8))::UINTEGER / 4294967296.0;

CREATE OR REPLACE TEMP TABLE vacant AS
SELECT h_idx, row_number() OVER (ORDER BY lot('vacant' || h_idx)) AS k FROM houses WHERE status = 'vacant';

-- tenants move to a vacant house; the one they leave stands empty
CREATE OR REPLACE TEMP TABLE moves AS
SELECT l.h_idx AS old_house, v.h_idx AS new_house
FROM (SELECT h_idx, row_number() OVER (ORDER BY lot('leave' || h_idx)) AS k
      FROM (SELECT DISTINCT h_idx FROM occupancies WHERE to_night IS NULL AND lives_there AND role = 'tenant')) l
JOIN vacant v USING (k) WHERE k <= getvariable('few');

CREATE OR REPLACE TEMP TABLE arriving AS
SELECT o.p_idx, m.new_house AS h_idx, o.role, o.u, o.w, o.x, o.has_id, o.old_id, o.agent
FROM occupancies o JOIN moves m ON o.h_idx = m.old_house WHERE o.to_night IS NULL AND o.lives_there;

UPDATE occupancies SET to_night = getvariable('night') - 1, valid_to = getvariable('today'),
    changed_at = getvariable('today')::TIMESTAMP - INTERVAL 6 HOUR, changed_night = getvariable('night')
WHERE to_night IS NULL AND lives_there AND h_idx IN (SELECT old_house FROM moves);

-- households from elsewhere rent vacant houses
INSERT INTO arriving
SELECT w.p_idx, v.h_idx, 'tenant', draw('u' || p_idx), draw('w' || p_idx), draw('x' || p_idx), true, false, -1
FROM (SELECT p_idx, getvariable('few') + dense_rank() OVER (ORDER BY household) AS k
      FROM waiting WHERE p_idx NOT IN (SELECT p_idx FROM occupancies)) w
JOIN vacant v USING (k) WHERE k <= 2 * getvariable('few');

-- children are born to families that live here
INSERT INTO arriving
SELECT b.p_idx, f.h_idx, 'family', 1.0, draw('bw' || p_idx), draw('bx' || p_idx), true, false, -1
FROM (SELECT p_idx, p_idx - getvariable('first_newborn') + 1 AS k FROM persons WHERE p_idx >= getvariable('first_newborn')) b
JOIN (SELECT h_idx, row_number() OVER (ORDER BY lot('family' || h_idx)) AS k
      FROM (SELECT DISTINCT h_idx FROM occupancies WHERE to_night IS NULL AND lives_there AND role = 'family')) f USING (k);

UPDATE houses SET status = 'vacant', changed_night = getvariable('night') WHERE h_idx IN (SELECT old_house FROM moves);
UPDATE houses SET status = 'let', changed_night = getvariable('night')
WHERE h_idx IN (SELECT h_idx FROM arriving WHERE role = 'tenant');

INSERT INTO occupancies BY NAME
SELECT (SELECT max(o_idx) FROM occupancies) + row_number() OVER (ORDER BY h_idx, p_idx) AS o_idx, a.*, true AS lives_there,
    getvariable('today')::DATE AS valid_from, getvariable('today')::TIMESTAMP - INTERVAL 5 HOUR AS changed_at,
    CASE role WHEN 'tenant' THEN getvariable('today')::DATE + 365 END AS valid_to,
    getvariable('night') AS from_night, getvariable('night') AS changed_night
FROM arriving a;

-- sold cars: the plate stays, the holder and the house change
CREATE OR REPLACE TEMP TABLE buyers AS
SELECT p_idx, h_idx, row_number() OVER (ORDER BY lot('buyer' || o_idx)) AS k
FROM occupancies WHERE to_night IS NULL AND lives_there AND role = 'owner';
CREATE OR REPLACE TEMP TABLE sold AS
SELECT * FROM vehicles WHERE to_night IS NULL AND p_idx IS NOT NULL
ORDER BY lot('sold' || v_idx) LIMIT (SELECT getvariable('few'));
UPDATE vehicles SET to_night = getvariable('night') - 1
WHERE to_night IS NULL AND v_idx IN (SELECT v_idx FROM sold);
INSERT INTO vehicles BY NAME
SELECT s.* EXCLUDE (k) REPLACE (b.p_idx AS p_idx, b.h_idx AS h_idx, 'owner' AS vehicle_role, getvariable('night') AS from_night,
    getvariable('night') AS changed_night)
FROM (SELECT *, row_number() OVER (ORDER BY v_idx) AS k FROM sold) s JOIN buyers b USING (k);
INSERT INTO vehicles BY NAME
SELECT c.* EXCLUDE (k), b.p_idx, b.h_idx, 'owner' AS vehicle_role, getvariable('night') AS from_night,
    getvariable('night') AS changed_night
FROM (SELECT * EXCLUDE (k), getvariable('few') + k AS k FROM new_cars) c JOIN buyers b USING (k);

-- clerks put right some of what was wrong: the row's draw leaves the range of every mess
UPDATE occupancies SET u = 1.0, changed_night = getvariable('night'),
    changed_at = getvariable('today')::TIMESTAMP - INTERVAL 7 HOUR
WHERE to_night IS NULL AND u < 0.3 AND draw('fix' || o_idx) < 0.08;
UPDATE vehicles SET u = 1.0, changed_night = getvariable('night')
WHERE to_night IS NULL AND u < 0.3 AND draw('vfix' || v_idx) < 0.05;
UPDATE houses SET u = 1.0, changed_night = getvariable('night') WHERE u < 0.3 AND draw('hfix' || h_idx) < 0.05;
