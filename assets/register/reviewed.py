"""Reviewers' verdicts on residents: they win over exact evidence and over the linking model, but not over ID numbers.

``same`` joins two records with rule ``review``, unless they hold different ID numbers. ``different`` keeps two records
apart, however they would have come together, unless they hold one ID number. ``unsure`` changes nothing but that
nobody is asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from assets.register.clusters import TRUST_ORDER
from assets.register.hold import Link, hold
from assets.register.linking import PAIRS
from assets.register.stage import Connection, Counts, count, model
from resources.duck import quote

if TYPE_CHECKING:
    from assets.merge import Merge

_VERDICTS = pa.schema([*((c, pa.string()) for c in ("pair", "verdict", "side", "name")), ("place", pa.int64())])


def reviewed_edges(con: Connection, merge: Merge) -> Counts:
    """Let the verdicts change ``clustered``, before linking.

    Needs ``clustered`` and ``edges`` of the exact evidence, ``nodes`` and ``residents_in``. Makes ``reviewed`` (pair,
    verdict, left, right), for :func:`keep_apart` and the evidence. Returns how many verdicts were given, and how many
    wait for a record that nobody delivers.
    """
    con.execute('CREATE OR REPLACE TEMP TABLE reviewed (pair VARCHAR, verdict VARCHAR, "left" BIGINT, "right" BIGINT)')
    if not merge.verdicts:
        return {}
    rows = [
        {"pair": v.pair, "verdict": v.verdict, "side": side, "name": name, "place": place}
        for v in merge.verdicts
        for side, names in (("left", v.left), ("right", v.right))
        for place, name in enumerate(names)
    ]
    con.register("verdicts", pa.Table.from_pylist(rows, schema=_VERDICTS))
    model(con, "record_names")
    model(con, "reviewed")
    con.unregister("verdicts")
    _touch(
        con,
        'SELECT cluster FROM clustered SEMI JOIN (SELECT unnest(["left", "right"]) AS node FROM reviewed '
        "WHERE verdict <> 'unsure') v ON v.node = clustered.node",
    )
    links = con.execute(
        f"""SELECT "left", "right", rule FROM (
            SELECT e."left", e."right", e.rule FROM edges e
            JOIN touched l ON l.node = e."left" JOIN touched r ON r.node = e."right" AND r.cluster = l.cluster
            UNION ALL SELECT "left", "right", 'review' FROM reviewed WHERE verdict = 'same')
        ORDER BY {TRUST_ORDER}, "left", "right" """
    ).fetchall()
    groups = _regroup(con, [Link(left, right, rule == "id_number") for left, right, rule in links])
    _place(con, groups)
    _mark_reviewed(con)
    con.execute("CREATE OR REPLACE TEMP TABLE unlinked AS FROM clustered")
    found = count(con, "SELECT count(*) FROM reviewed")
    return {"resident_verdicts": len(merge.verdicts), "resident_verdicts_waiting": len(merge.verdicts) - found}


def keep_apart(con: Connection, merge: Merge) -> Counts:
    """Undo what linking joined against a verdict: its strongest pairs that respect all verdicts hold, the rest not.

    Needs ``reviewed`` and what linking left. Changes ``clustered``. Returns how many verdicts could not be followed:
    ID numbers that came later, or other verdicts, say otherwise.
    """
    if not merge.verdicts:
        return {}
    _part_linked(con, merge)
    con.execute("DROP TABLE unlinked")
    refused = count(
        con,
        'SELECT count(*) FROM reviewed v JOIN clustered l ON l.node = v."left" JOIN clustered r ON r.node = v."right" '
        "WHERE CASE v.verdict WHEN 'same' THEN l.cluster <> r.cluster WHEN 'different' THEN l.cluster = r.cluster END",
    )
    return {"resident_verdicts_not_followed": refused}


def _part_linked(con: Connection, merge: Merge) -> None:
    """Put the clusters together anew in which linking brought two records that are to be apart."""
    _touch(
        con,
        'SELECT l.cluster FROM reviewed v JOIN clustered l ON l.node = v."left" JOIN clustered r ON r.node = v."right" '
        'JOIN unlinked a ON a.node = v."left" JOIN unlinked b ON b.node = v."right" '
        "WHERE v.verdict = 'different' AND l.cluster = r.cluster AND a.cluster <> b.cluster",
    )
    if not count(con, "SELECT count(*) FROM touched"):
        return
    units = "SELECT u.cluster, u.node FROM unlinked u JOIN touched t ON t.node = u.node"
    links = con.execute(
        f"""SELECT "left", "right", weight IS NULL FROM (
            SELECT cluster AS "left", node AS "right", NULL AS weight FROM ({units})
            UNION ALL SELECT p."left", p."right", p.weight FROM read_parquet({quote(merge.state / PAIRS)}) p
            JOIN touched t ON t.node = p."left" WHERE p.verdict = 'accepted')
        ORDER BY weight DESC NULLS FIRST, "left", "right" """
    ).fetchall()
    _place(con, _regroup(con, [Link(left, right, is_unit) for left, right, is_unit in links]))
    # who is alone again is held by what held it before linking
    con.execute(
        """CREATE OR REPLACE TEMP TABLE clustered AS
        SELECT c.node, c.cluster, coalesce(u.rule, c.rule) AS rule,
            coalesce(u.probability, c.probability) AS probability
        FROM clustered c LEFT JOIN (
            SELECT u.node, u.rule, u.probability,
                min(u.cluster) OVER same <> max(u.cluster) OVER same AS is_linked
            FROM unlinked u JOIN touched t ON t.node = u.node JOIN clustered c ON c.node = u.node
            WINDOW same AS (PARTITION BY c.cluster)) u
        ON u.node = c.node AND NOT u.is_linked"""
    )


def _touch(con: Connection, clusters: str) -> None:
    """``touched`` (node, cluster, exclusive): the nodes of these clusters."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE touched AS SELECT c.node, c.cluster, n.exclusive FROM clustered c "
        f"JOIN nodes n ON n.node = c.node SEMI JOIN ({clusters}) k ON k.cluster = c.cluster"
    )


def _regroup(con: Connection, links: list[Link]) -> dict[int, int]:
    """Node → cluster for the touched nodes, under the verdicts ``different``."""
    nodes = con.execute("SELECT node, exclusive FROM touched ORDER BY node").fetchall()
    apart = con.execute('SELECT "left", "right" FROM reviewed WHERE verdict = \'different\'').fetchall()
    return hold((n for n, _ in nodes), links, {n: e for n, e in nodes if e is not None}, apart)


def _place(con: Connection, groups: dict[int, int]) -> None:
    table = pa.table({"node": pa.array(groups.keys(), pa.int64()), "cluster": pa.array(groups.values(), pa.int64())})
    con.register("placed", table)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE clustered AS "
        "SELECT c.node, coalesce(p.cluster, c.cluster) AS cluster, c.rule, c.probability "
        "FROM clustered c LEFT JOIN placed p ON p.node = c.node"
    )
    con.unregister("placed")


def _mark_reviewed(con: Connection) -> None:
    """Say of every touched record what holds it now: an edge it still has, else the verdict, else nothing."""
    con.execute(
        """CREATE OR REPLACE TEMP TABLE ends AS
        SELECT l.node, l.cluster, r.cluster AS other_cluster, e.rule FROM (
            SELECT "left" AS node, "right" AS other, rule FROM edges
            UNION ALL SELECT "right", "left", rule FROM edges
            UNION ALL SELECT "left", "right", 'review' FROM reviewed WHERE verdict = 'same'
            UNION ALL SELECT "right", "left", 'review' FROM reviewed WHERE verdict = 'same') e
        JOIN touched t ON t.node = e.node JOIN clustered l ON l.node = e.node JOIN clustered r ON r.node = e.other"""
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE clustered AS
        SELECT c.node, c.cluster, CASE WHEN t.node IS NULL THEN c.rule ELSE coalesce(e.rule, 'single') END AS rule,
            CASE WHEN t.node IS NULL THEN c.probability ELSE 1.0 END AS probability
        FROM clustered c LEFT JOIN touched t ON t.node = c.node
        LEFT JOIN (
            SELECT node, arg_min(rule, {TRUST_ORDER}) AS rule FROM ends WHERE cluster = other_cluster GROUP BY node
        ) e ON e.node = c.node"""
    )
    con.execute("DROP TABLE ends")
