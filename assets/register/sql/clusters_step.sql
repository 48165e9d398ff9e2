-- Makes:  labels, one step further: every node takes the smallest label among its neighbours', then its label's label.
-- Reads:  labels, neighbours.
-- Holds:  labels never grow; the step changes nothing exactly when all connected nodes have one label.
CREATE OR REPLACE TEMP TABLE stepped AS
SELECT n.node, least(any_value(own.label), min(near.label)) AS label
FROM neighbours n
JOIN labels own ON own.node = n.node
JOIN labels near ON near.node = n.neighbour
GROUP BY n.node;

CREATE OR REPLACE TEMP TABLE jumped AS
SELECT s.node, least(s.label, j.label) AS label
FROM stepped s
JOIN stepped j ON j.node = s.label;
