"""Residents: one person per cluster of records that exact evidence, and then linking, holds together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assets.register.clusters import cluster
from assets.register.evidence import keep_exact_links, keep_resident_evidence
from assets.register.golden import Survivor, completeness, golden
from assets.register.ledger import assign_ids
from assets.register.linking import link_residents
from assets.register.reviewed import keep_apart, reviewed_edges
from assets.register.sources import keep_sources
from assets.register.stage import Connection, Counts, count, leave, model, open_records, scratch, take, write_table
from expectations.policy import GOLDEN_FIELDS

if TYPE_CHECKING:
    from assets.merge import Merge

_DOUBTS = {
    "name": "name_is_partial::INT",
    # what the ID number says goes before what somebody typed
    "sex": "(sex = 'unknown')::INT * 2 + (id_number IS NULL)::INT",
    "birth_date": "(id_number IS NULL)::INT",
    "id_type": "(id_number IS NULL)::INT",
    "id_number": "(NOT verified)::INT",
}
SURVIVORS = (*(Survivor(c, _DOUBTS.get(c, "0")) for c in GOLDEN_FIELDS["residents"]), Survivor("id_verified"))

MOST_RECORDS = 100
"""More records than this with one name, one phone and one house are a placeholder somebody typed, not a person."""


def build_residents(merge: Merge, con: Connection) -> Counts:
    """The table ``residents``; leaves ``resident_of`` (rid, cluster) and the ids. Needs the houses stage.

    Returns the number of residents, of evidence edges, of steps the clustering took, of keys left out because too many
    records share them, and what linking did.
    """
    with scratch(con) as cur:
        counts = exact_clusters(cur, merge)
        counts |= link_residents(cur, merge)
        counts |= keep_apart(cur, merge)
        cur.execute("DROP TABLE nodes")
        cur.execute("CREATE TEMP TABLE resident_of AS SELECT node AS rid, cluster FROM clustered")
        leave(cur, merge, "resident_of")
        cur.execute(
            "CREATE TEMP TABLE clusters AS SELECT o.cluster, count(*) AS records, min(r.first_on) AS first_on, "
            "max(r.delivered_on) AS last_on FROM residents_in r JOIN resident_of o ON o.rid = r.rid GROUP BY o.cluster"
        )
        model(cur, "resident_keys")
        assign_ids(cur, merge, "resident", made_of=("named_records", "id_numbers"))
        _survive(cur, merge)
        cur.execute("CREATE TEMP VIEW members AS SELECT node AS rid, cluster, rule, probability FROM clustered")
        keep_sources(cur, merge, "resident", SURVIVORS)
        keep_resident_evidence(cur, merge)
        return {"residents": write_table(cur, merge, "residents", _RESIDENTS), **counts}


def exact_clusters(con: Connection, merge: Merge) -> Counts:
    """``clustered`` (node, cluster, rule, probability), ``nodes`` (node, exclusive) and ``id_numbers`` from what exact
    evidence says, and the views ``residents_in``, ``vehicles_in`` and ``house_of``."""
    open_records(con, merge, "residents", "vehicles")
    take(con, merge, "house_of", "house_ids")
    steps = hold_exact(con)
    counts = {
        "resident_edges": count(con, "SELECT count(*) FROM edges"),
        "resident_cluster_steps": steps,
        "resident_hot_keys": count(con, f"SELECT count(*) FROM shared WHERE records > {MOST_RECORDS}"),
    }
    counts |= reviewed_edges(con, merge)
    keep_exact_links(con, merge)
    con.execute("DROP TABLE edges; DROP TABLE namesakes; DROP TABLE candidates; DROP TABLE evidence; DROP TABLE shared")
    return counts


def hold_exact(con: Connection) -> int:
    """``clustered`` from the exact evidence of ``residents_in`` and ``house_of``, with the tables that it came from;
    returns the steps it took."""
    model(con, "resident_numbers")
    model(con, "residents", most_records=MOST_RECORDS)
    return cluster(con, "nodes", "edges", "clustered")


def _survive(con: Connection, merge: Merge) -> None:
    """``golden`` and ``survived`` of the residents. A number that is not verified counts as no ``id_verified``."""
    filled = completeness([s.column for s in SURVIVORS if s.column != "id_verified"])
    con.execute(
        "CREATE TEMP VIEW resident_records AS SELECT o.cluster, r.rid, r.trust, r.id_verified AS verified, "
        f"{filled} AS complete, r.updated_at, r.delivered_on, r.name, r.name_is_partial, "
        "r.sex, r.birth_date, r.id_type, r.id_number, "
        "CASE WHEN r.id_verified THEN true END AS id_verified, r.phone, r.population_type "
        "FROM residents_in r JOIN resident_of o ON o.rid = r.rid"
    )
    golden(con, "resident_records", SURVIVORS, merge.policy.survivorship.residents)
    con.execute("DROP TABLE sizes")


_RESIDENTS = """
SELECT
    i.entity_id AS resident_id, g.name, g.sex, g.birth_date, g.id_type, g.id_number,
    coalesce(g.id_verified, false) AS id_verified, g.phone, g.population_type, c.records AS source_count,
    p.match_confidence, e.first_seen, c.last_on AS last_seen
FROM golden g
JOIN clusters c ON c.cluster = g.cluster
JOIN ids i ON i.cluster = g.cluster
JOIN lives e ON e.entity_id = i.entity_id
JOIN (SELECT cluster, min(probability) AS match_confidence FROM clustered GROUP BY cluster) p ON p.cluster = g.cluster
"""
