"""Whether the ids of tonight are still those of the last release: in all, and community by community.

In all, because a broken export or a change of rules would merge, split or retire too many. By community, because two
communities that were taken for each other keep their people's ids and are too few to show in a city.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb

from assets.merge import Merge
from assets.register.report import Churn
from assets.release.acknowledge import CHURN, acknowledged
from assets.release.city import SQL
from expectations.checks import CheckResult
from expectations.examples import MOST
from resources.duck import quote
from resources.models import run_model

_TABLES = {"resident": "residents", "house": "houses", "vehicle": "vehicles"}


def churn_audits(
    con: duckdb.DuckDBPyConnection, merge: Merge, before: dict[str, dict[str, Any]]
) -> Iterator[CheckResult]:
    """The ids merged, split or retired tonight, and the communities that lost their residents, houses or vehicles,
    stay within the budgets of ``register.yaml``; what somebody let through only warns."""
    if merge.previous is None:
        return
    allowed = acknowledged(merge)
    for result in (*_in_all(con, merge, before), *_by_community(con, merge)):
        if result.passed or allowed is None:
            yield result
        else:
            said = f"{result.observed}; let through by {allowed.by} on {allowed.at.date()}: {allowed.why}"
            yield replace(result, observed=said, severity="warning")


def _in_all(con: duckdb.DuckDBPyConnection, merge: Merge, before: dict[str, dict[str, Any]]) -> Iterator[CheckResult]:
    budget = merge.policy.churn
    told = dict(
        con.execute(
            "SELECT entity_type, count(*) FROM restricted.changes "
            "WHERE change IN ('merged', 'split', 'retired') GROUP BY entity_type"
        ).fetchall()
    )
    for kind, table in _TABLES.items():
        if table not in before:
            continue
        allowed = getattr(budget, table)
        churn = Churn(told.get(kind, 0), before[table]["rows"], allowed, budget.at_least)
        yield CheckResult(
            CHURN,
            table,
            not churn.exceeds,
            f"{churn.changed} of {churn.living_before} ids merged, split or retired ({churn.share:.1%})",
            f"at most {allowed:.0%}, or fewer than {budget.at_least} (churn.{table} in register.yaml)",
        )


def _by_community(con: duckdb.DuckDBPyConnection, merge: Merge) -> Iterator[CheckResult]:
    budget = merge.policy.churn
    assert merge.previous is not None
    con.execute(f"ATTACH {quote(merge.previous / 'curated.duckdb')} AS before (READ_ONLY)")
    try:
        run_model(con, SQL / "left.sql")
    finally:
        con.execute("DETACH before")
    for kind, table in _TABLES.items():
        rows = con.execute(
            "SELECT community_id, gone, before FROM left_communities WHERE entity_type = ? AND gone >= ? "
            "AND gone > before * ? ORDER BY gone DESC, community_id",
            [kind, budget.at_least, budget.community],
        ).fetchall()
        said = ", ".join(f"{community} {gone} of {before}" for community, gone, before in rows[:MOST])
        yield CheckResult(
            f"{CHURN}_by_community",
            table,
            not rows,
            f"{len(rows)} communities lost their {table}: {said}" if rows else "no community lost its own",
            f"of a community's {table} at most {budget.community:.0%} are gone from it or elsewhere after a night, or "
            f"fewer than {budget.at_least} (churn.community in register.yaml)",
            examples=tuple(community for community, _, _ in rows[:MOST]),
        )
