"""Which records are one entity: connected components over evidence, under a cannot-link rule.

The interface is general: nodes with an optional exclusive value (two different ones never share a cluster), edges
with the rule that found them and its probability. Exact evidence comes with probability 1.
"""

from __future__ import annotations

from assets.register.stage import Connection, RegisterError, count, model
from resources.models import Sql

TRUST = ("id_number", "review", "name_phone_house", "name_birth_house")
"""Rules from the most to the least trusted; any other rule ranks behind them."""

TRUST_ORDER = Sql(
    "CASE rule "
    + " ".join(f"WHEN '{rule}' THEN {place}" for place, rule in enumerate(TRUST))
    + f" ELSE {len(TRUST)} END"
)
"""A SQL integer over ``rule`` that sorts the most trusted first."""

MOST_STEPS = 100
"""Labels spread at least twice as far in every step; more steps than this means that they do not settle."""


def cluster(con: Connection, nodes: str, edges: str, clusters: str) -> int:
    """Make the table ``clusters`` (node, cluster, rule, probability) from ``nodes`` (node, exclusive) and ``edges``
    (left, right, rule, probability); returns the steps it took. What holds is said in ``sql/clusters_end.sql``."""
    names = {"nodes": Sql(nodes), "edges": Sql(edges)}
    model(con, "clusters_start", **names)
    steps = 0
    while True:
        steps += 1
        if steps > MOST_STEPS:
            raise RegisterError(f"{nodes}: components did not settle within {MOST_STEPS} steps; the edges are damaged")
        model(con, "clusters_step")
        changed = count(con, "SELECT count(*) FROM jumped j JOIN labels l ON l.node = j.node WHERE l.label <> j.label")
        con.execute("CREATE OR REPLACE TEMP TABLE labels AS FROM jumped")
        if not changed:
            break
    con.execute("DROP TABLE stepped; DROP TABLE jumped")
    model(con, "clusters_end", nodes=Sql(nodes), clusters=Sql(clusters), trust=TRUST_ORDER)
    return steps
