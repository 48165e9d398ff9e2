-- What a company's own systems hold, before they export it: one view a dataset, joined from the world's tables.
-- Every view has n (order), entity, random draws u, w, x; a leading underscore marks what no export shows.

CREATE OR REPLACE MACRO zh_num(i) AS
    CASE WHEN i <= 10 THEN substr('一二三四五六七八九十', i::INT, 1)
         WHEN i < 20 THEN '十' || substr('一二三四五六七八九', (i - 10)::INT, 1)
         WHEN i < 100 THEN substr('一二三四五六七八九', (i // 10)::INT, 1) || '十'
              || CASE WHEN i % 10 = 0 THEN '' ELSE substr('一二三四五六七八九', (i % 10)::INT, 1) END
         ELSE i::VARCHAR END;
CREATE OR REPLACE MACRO wide(t) AS translate(t, '0123456789XABC', '０１２３４５６７８９ＸＡＢＣ');
CREATE OR REPLACE MACRO last_change(x, night) AS CASE
    WHEN night = 1 THEN TIMESTAMP '2026-01-05 08:00:00' + to_seconds((x * 20000000)::BIGINT)
    ELSE DATE '2026-11-19' + night::INT - INTERVAL 4 HOUR END;
CREATE OR REPLACE MACRO zh_phase(p) AS replace(replace(p, '1期', '一期'), '2期', '二期');

CREATE OR REPLACE VIEW place AS
SELECT h.*, c.community, c.community_code, c.alias, c.region_code, c.street, c.street_number,
    zh_phase(phase) || building_number || '号楼' AS b_hao,
    zh_phase(phase) || building_number || '幢' AS b_zhuang,
    zh_phase(phase) || CASE WHEN phase = '' THEN lpad(building_number::VARCHAR, 2, '0')
                            ELSE building_number || '号楼' END AS b_pad,
    zh_phase(phase) || zh_num(building_number) || '栋' AS b_zh,
    b_hao || unit || '单元' || room || '室' AS a_full,
    CASE WHEN phase = '' THEN building_number || '#' || unit || '单元' || room ELSE a_full END AS a_hash,
    CASE WHEN phase = '' THEN building_number || '-' || unit || '-' || room ELSE a_full END AS a_dash,
    CASE WHEN phase = '' THEN building_number || '-' || room
         ELSE zh_phase(phase) || building_number || '号楼' || room || '室' END AS a_short,
    b_zh || zh_num(unit) || '单元' || room || '室' AS a_zh,
    CASE WHEN phase = '' THEN building_number::VARCHAR ELSE phase || '-' || building_number END AS building
FROM houses h JOIN communities c USING (c_idx);

CREATE OR REPLACE VIEW residents_base AS
SELECT row_number() OVER (ORDER BY o.h_idx, o.o_idx) AS n, p.person_entity AS entity, o.u, o.w, o.x,
    pl.* EXCLUDE (u, w, x), p.sex, p.id_type AS id_type,
    -- what was typed anew for somebody whom the lists have already
    CASE WHEN o.slips IS NULL THEN p.name ELSE o.name_written END AS name,
    CASE WHEN o.slips IS NULL THEN p.birth ELSE o.birth_written END AS birth,
    coalesce(o.slips, []::VARCHAR[]) AS slips,
    CASE WHEN NOT has_id THEN 'none' WHEN p.id_type = 'passport' THEN 'passport'
         WHEN old_id AND p.birth < DATE '1966-01-01' AND p.id_number LIKE '340199%' THEN 'id15' ELSE 'id18' END AS _id_kind,
    CASE _id_kind WHEN 'none' THEN NULL WHEN 'id15' THEN substr(p.id_number, 1, 6) || substr(p.id_number, 9, 9)
        ELSE p.id_number END AS id_number,
    CASE WHEN agent >= 0 THEN '139551' || lpad((agent * 11 + 20417)::VARCHAR, 5, '0')
        WHEN o.slips IS NULL THEN p.phone ELSE o.phone_written END AS phone,
    p.population_type, CASE WHEN lives_there THEN p.relation END AS relation, o.role,
    o.valid_from, o.valid_to, o.changed_at, lpad((100000 + o.o_idx)::VARCHAR, 8, '0') AS record_no
FROM occupancies o JOIN persons p USING (p_idx) JOIN place pl USING (h_idx)
WHERE CASE WHEN getvariable('delta') THEN o.changed_night = getvariable('night') ELSE o.to_night IS NULL END;

CREATE OR REPLACE VIEW houses_base AS
SELECT row_number() OVER (ORDER BY h_idx) AS n, house_entity AS entity, *,
    lpad((200000 + h_idx)::VARCHAR, 8, '0') AS record_no,
    region_code || '001001' || 'GB' || lpad((c_idx + 1)::VARCHAR, 5, '0') || 'F' || lpad(building_number::VARCHAR, 4, '0')
        || lpad((h_idx % 10000)::VARCHAR, 4, '0') AS estate,
    community_code || lpad(building_number::VARCHAR, 3, '0') || lpad(unit::VARCHAR, 2, '0')
        || lpad(floor::VARCHAR, 2, '0') || lpad((room % 100)::VARCHAR, 2, '0') AS house_code,
    last_change(x, changed_night) AS changed_at
FROM place WHERE NOT getvariable('delta') OR changed_night = getvariable('night');

CREATE OR REPLACE VIEW vehicles_base AS
SELECT row_number() OVER (ORDER BY v.v_idx) AS n, v.vehicle_entity AS entity, v.* EXCLUDE (h_idx, vehicle_entity),
    pl.* EXCLUDE (u, w, x, changed_night), coalesce(v.firm, p.name) AS owner_name,
    CASE WHEN p.id_type = 'resident_id' AND v.x > 0.25 THEN p.id_number END AS owner_id, p.phone AS owner_phone,
    lpad((300000 + v.v_idx)::VARCHAR, 8, '0') AS record_no,
    DATE '2023-01-01' + (v.x * 1300)::INT AS valid_from, DATE '2026-12-31' + (v.w * 500)::INT AS valid_to,
    last_change(v.x, v.changed_night) AS changed_at
FROM vehicles v LEFT JOIN persons p USING (p_idx) JOIN place pl USING (h_idx)
WHERE v.to_night IS NULL AND (NOT getvariable('delta') OR v.changed_night = getvariable('night'));

-- the car park's own list: four cars of five, with mistakes of their own; who corrects the one list corrects the other
CREATE OR REPLACE MACRO parked(entity, what) AS
    ('0x' || substr(md5(concat('parking', what, entity)), 1, 8))::UINTEGER / 4294967296.0;
CREATE OR REPLACE VIEW parking_base AS
SELECT * REPLACE (row_number() OVER (ORDER BY n) AS n, CASE WHEN u < 1 THEN parked(entity, 'u') ELSE u END AS u,
    parked(entity, 'w') AS w, parked(entity, 'x') AS x)
FROM vehicles_base WHERE parked(entity, 'listed') < 0.8;

CREATE OR REPLACE VIEW access_events_base AS
SELECT row_number() OVER (ORDER BY e.file_day, e.occurred_at, e.pass_entity) AS n, e.pass_entity AS entity, e.u, e.w, e.x,
    c.community, c.community_code, c.alias,
    list_extract(getvariable('gates'), e.gate_index + 1) AS gate,
    list_extract(getvariable('gates'), e.gate_index + 1 - 2 * (e.gate_index % 2) + 1) AS other_gate,
    e.occurred_at, e.file_day, e.late, e.direction, e.method, e.subject_kind,
    coalesce(v.plate, e.visitor_plate) AS plate,
    p.name, CASE WHEN p.id_type = 'resident_id' THEN p.id_number END AS id_number, p.phone,
    coalesce(e.visitor_card, lpad((e.p_idx * 7 + 11000)::VARCHAR, 10, '0')) AS card
FROM passes e JOIN communities c USING (c_idx) LEFT JOIN persons p USING (p_idx)
LEFT JOIN (SELECT DISTINCT v_idx, plate FROM vehicles) v ON v.v_idx = e.v_idx;
