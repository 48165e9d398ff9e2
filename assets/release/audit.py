"""Auditing a candidate: every check that must hold before it may become the current release, and closing it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from assets.merge import Merge
from assets.receivers.audit import audit_receivers
from assets.release.candidate import CONTENTS, Candidate, previous_manifest
from assets.release.conservation import churn_audits, conservation_audits, volume_audits
from assets.release.database import attached, copy_to_parquet, databases_of
from assets.release.days import day_audits, new_days
from assets.release.manifest import write_manifest
from expectations.audits import Audited, audit_rule, audit_table, rule_examples
from expectations.checks import CheckResult
from expectations.contracts.tables import TABLES
from expectations.privacy import column_audits, mask_audit, text_audit
from expectations.rules import OPEN_RULES, RESTRICTED_RULES
from expectations.suites import SUITE_TABLES, run_suites

_SCHEMA = pa.schema(
    [*((name, pa.string()) for name in ("check", "table")), ("passed", pa.bool_())]
    + [(name, pa.string()) for name in ("observed", "expected", "severity")]
    + [("examples", pa.list_(pa.string()))]
)


def audit_release(candidate: Candidate, merge: Merge, con: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """Run every check, write the results into the candidate and close it with its manifest.

    May be run again on the same candidate. A failed check does not raise here: :func:`publish` refuses.
    """
    contents = json.loads((candidate.folder / CONTENTS).read_text(encoding="utf-8"))
    with attached(con, merge.settings, candidate, read_only=True):
        results = [*_sql_audits(con, merge, candidate, contents)]
    results += _with_examples(con, merge, candidate, run_suites(candidate.curated, SUITE_TABLES))
    results.sort(key=lambda r: (r.table, r.check))
    _close(con, merge, candidate, contents, results)
    return results


def _with_examples(
    con: duckdb.DuckDBPyConnection, merge: Merge, candidate: Candidate, results: list[CheckResult]
) -> list[CheckResult]:
    """A suite reads no rows out of the database: those that break one of its cross rules are named here. (What it says
    of single columns, the audit of the table has named already.)"""
    rules = {(r.table, f"gx.{r.name}"): r for r in OPEN_RULES}
    broken = {r: rules[r.table, r.check] for r in results if not r.passed and (r.table, r.check) in rules}
    if not broken:
        return results
    with attached(con, merge.settings, candidate, read_only=True):
        return [replace(r, examples=rule_examples(con, broken[r])) if r in broken else r for r in results]


def _sql_audits(
    con: duckdb.DuckDBPyConnection, merge: Merge, candidate: Candidate, contents: dict[str, Any]
) -> Iterator[CheckResult]:
    yield from column_audits(con)
    for table in TABLES.values():
        if table.name == "checks":
            continue
        for database in databases_of(table):
            audited = Audited(table, database, new_days(table, candidate, contents["days"]))
            yield from _table_audits(con, audited)
    for rule in RESTRICTED_RULES:
        yield audit_rule(con, rule)
    yield from day_audits(con, merge, candidate, contents["days"])
    yield from audit_receivers(con, merge.settings, candidate, contents)
    yield from conservation_audits(con, merge, contents)
    before = previous_manifest(merge).get("tables", {})
    yield from volume_audits(merge, contents["tables"], before)
    yield from churn_audits(con, merge, before)


def _table_audits(con: duckdb.DuckDBPyConnection, audited: Audited) -> Iterator[CheckResult]:
    """A table that is in both databases has the same rows in both: its values are audited in full in the restricted
    one; in the open one what is different there, its columns and masks. The entity tables also have suites."""
    first = audited.database == databases_of(audited.table)[0]
    results = [*audit_table(con, audited)] if first else []
    if audited.is_open:
        results += [r for r in (text_audit(con, audited), mask_audit(con, audited)) if r]
    yield from results


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
    con.register("release_checks", pa.Table.from_pylist([asdict(r) for r in results], schema=_SCHEMA))
    with attached(con, merge.settings, candidate):
        for database in databases_of(checks):
            con.execute(f"DELETE FROM {database}.checks")
            con.execute(
                f"""INSERT INTO {database}.checks BY NAME
                SELECT $id AS release_id, * FROM release_checks ORDER BY "table", "check" """,
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
    write_manifest(candidate, merge, contents, results)
