"""Auditing a candidate: every check that must hold before it may become the current release, and closing it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import duckdb

from assets.merge import Merge
from assets.receivers.audit import audit_receivers
from assets.release.candidate import CONTENTS, Candidate, previous_manifest
from assets.release.checks import checks_table
from assets.release.churn import churn_audits
from assets.release.conservation import conservation_audits, volume_audits
from assets.release.database import attached, copy_to_parquet
from assets.release.days import day_audits, new_days
from assets.release.history import delivery_audits
from assets.release.manifest import write_manifest
from assets.release.page import write_page
from expectations.audits import audit, examples
from expectations.checks import CheckResult
from expectations.contracts.model import Table
from expectations.contracts.tables import TABLES
from expectations.privacy import column_audits, mask_audit, text_audit
from expectations.relations import databases_of, table_relation
from expectations.suites import PREFIX, nightly_relations, run_suites
from resources.duck import limit, quote


def audit_release(candidate: Candidate, merge: Merge, con: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """Run every check, write the results into the candidate and close it with its manifest.

    May be run again on the same candidate. A failed check does not raise here: :func:`publish` refuses.
    """
    contents = json.loads((candidate.folder / CONTENTS).read_text(encoding="utf-8"))
    # beside the audits: Great Expectations is mostly Python, and keeps no more than one processor busy
    with attached(con, merge.settings, candidate, read_only=True), ThreadPoolExecutor(1) as beside:
        suites = beside.submit(_suites, merge, candidate)
        results = [*_sql_audits(con, merge, candidate, contents)]
        results += _with_examples(con, suites.result())
    results.sort(key=lambda r: (r.table, r.check, r.company or ""))
    _close(con, merge, candidate, contents, results)
    return results


def _sql_audits(
    con: duckdb.DuckDBPyConnection, merge: Merge, candidate: Candidate, contents: dict[str, Any]
) -> Iterator[CheckResult]:
    yield from column_audits(con)
    for table in TABLES.values():
        if table.name != "checks":
            yield from _table_audits(con, table, new_days(table, candidate, contents["days"]))
    yield from day_audits(con, merge, candidate, contents["days"])
    yield from audit_receivers(con, merge.settings, candidate, contents)
    yield from conservation_audits(con, merge, contents)
    yield from delivery_audits(merge)
    before = previous_manifest(merge).get("tables", {})
    yield from volume_audits(merge, contents["tables"], before)
    yield from churn_audits(con, merge, before)
    yield from accuracy_audits(con, merge)


def accuracy_audits(con: duckdb.DuckDBPyConnection, merge: Merge) -> Iterator[CheckResult]:
    """Warns when residents are put together worse than ``register.yaml`` allows, chance left aside: when even the
    upper end of the interval over all companies is below the floor."""
    policy = merge.policy.accuracy
    found = (
        con.execute(
            "SELECT precision, precision_high, recall, recall_high FROM curated.accuracy "
            "WHERE company IS NULL AND stratum = 'all'"
        ).fetchone()
        or (None,) * 4
    )
    for rate, (value, high) in (("precision", found[:2]), ("recall", found[2:])):
        floor = getattr(policy, f"{rate}_floor")
        yield CheckResult(
            f"{rate}_of_linking",
            "accuracy",
            high is None or high >= floor,
            "too few people to measure" if high is None else f"{value:.4f}, at best {high:.4f}",
            f"not surely below {floor} (accuracy.{rate}_floor in register.yaml)",
            "warning",
        )


def _table_audits(con: duckdb.DuckDBPyConnection, table: Table, rows: str | None) -> Iterator[CheckResult]:
    """A table that is in both databases has the same rows in both: its values are audited in full in the restricted
    one; in the open one what is different there, its columns, masks and own rules. The open copy has a suite too
    (:func:`expectations.suites.nightly_relations`)."""
    first, *copies = (table_relation(table, database) for database in databases_of(table))
    yield from audit(con, first, rows)
    for relation in (first, *copies):
        if relation.database == "curated":
            yield from (r for r in (text_audit(con, relation, rows), mask_audit(con, relation)) if r)


def _suites(merge: Merge, candidate: Candidate) -> list[CheckResult]:
    """The Great Expectations suites of the open copies."""

    def attach(own: duckdb.DuckDBPyConnection) -> None:
        limit(own, merge.settings.shared(2))
        own.execute(f"ATTACH {quote(candidate.curated)} AS curated (READ_ONLY)")

    return run_suites([(r, r.place) for r in nightly_relations()], attach)


def _with_examples(con: duckdb.DuckDBPyConnection, suites: Iterable[CheckResult]) -> Iterator[CheckResult]:
    """Which rows are broken, SQL tells."""
    chosen = {r.name: r for r in nightly_relations()}
    for found in suites:
        relation = chosen[found.table]
        check = next((c for c in relation.checks if PREFIX + c.name == found.check), None)
        named = check and not found.passed
        yield replace(found, examples=examples(con, relation, check, relation.place)) if named and check else found


def _close(
    con: duckdb.DuckDBPyConnection,
    merge: Merge,
    candidate: Candidate,
    contents: dict[str, Any],
    results: list[CheckResult],
) -> None:
    """Write the checks and the duration into both databases, then the manifest: from here on nothing is changed."""
    checks, releases = TABLES["checks"], TABLES["releases"]
    seconds = (datetime.now(UTC) - candidate.started_at).total_seconds()
    con.register("release_checks", checks_table(results))
    with attached(con, merge.settings, candidate):
        for database in databases_of(checks):
            con.execute(f"DELETE FROM {database}.checks")
            con.execute(
                f"""INSERT INTO {database}.checks BY NAME
                SELECT $id AS release_id, * FROM release_checks ORDER BY "table", "check", company""",
                {"id": candidate.release_id},
            )
            con.execute(
                f"UPDATE {database}.releases SET duration_seconds = $s WHERE release_id = $id",
                {"s": round(seconds, 1), "id": candidate.release_id},
            )
        for table in (checks, releases):
            copy_to_parquet(con, table, candidate)
    con.unregister("release_checks")
    contents["tables"]["checks"]["rows"] = len(results)
    write_page(candidate, merge, results)
    write_manifest(candidate, merge, contents, results)
