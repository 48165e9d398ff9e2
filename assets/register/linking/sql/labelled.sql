-- Makes:  clustered (records by themselves), labels (unit_l, unit_r): pairs of records that one valid ID number makes one
--         person; unnumbered, the nodes as they are when nobody had sent an ID number.
-- Reads:  nodes (node, exclusive).
-- Holds:  of a person with an ID number two records are left, so that nobody is counted for a crowd: neither as pairs
--         nor as the holders of a phone.
CREATE OR REPLACE TEMP TABLE unnumbered AS
SELECT node, NULL::BIGINT AS exclusive, exclusive AS person
FROM nodes
QUALIFY exclusive IS NULL OR row_number() OVER (PARTITION BY exclusive ORDER BY node) <= 2;

CREATE OR REPLACE TEMP TABLE clustered AS
SELECT node, node AS cluster, 'single' AS rule, 1.0::DOUBLE AS probability FROM unnumbered;

CREATE OR REPLACE TEMP TABLE labels AS
SELECT person AS unit_l, node AS unit_r FROM unnumbered WHERE person <> node;
