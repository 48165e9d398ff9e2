"""The Great Expectations suites: they run on DuckDB, find what is wrong, and leave nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from dagster import AssetCheckSeverity

from expectations.audits import audit
from expectations.checks import CheckResult
from expectations.contracts.tables import TABLES
from expectations.dagster_checks import asset_check_result, summary_check_result
from expectations.relations import Relation, relations, table_relation
from expectations.suites import PREFIX, build_suite, nightly_relations, run_suites
from resources.duck import identifier

SEEN = "DATE '2026-11-20', DATE '2026-11-20'"
ROWS = [
    f"'h_1', 'c_1', '1', NULL, 5, '502', 'residential', 'private', 'let', 90.0, 0, 1, {SEEN}",
    f"'h_1', NULL, '1', NULL, 500, '503', 'residential', 'private', 'SECRET', 90.0, 7, 1, {SEEN}",
]
HOUSES = table_relation(TABLES["houses"], "curated")


def create(con: duckdb.DuckDBPyConnection, chosen: list[Relation]) -> None:
    """Empty tables as the contract declares them, without constraints."""
    for r in chosen:
        columns = ", ".join(f"{identifier(c.name)} {c.type}" for c in r.columns)
        con.execute(f"CREATE TABLE {r.place} ({columns})")


def test_a_suite_finds_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "curated.duckdb"
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{path}' AS curated")
        create(
            con,
            [HOUSES, *(table_relation(TABLES[t], "curated") for t in ("communities", "inhabitants", "occupancies"))],
        )
        con.execute(f"INSERT INTO curated.houses VALUES ({'), ('.join(ROWS)})")

    def attach(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(f"ATTACH '{path}' AS curated (READ_ONLY)")

    results = run_suites([(HOUSES, HOUSES.place)], attach)
    failed = {r.check.removeprefix(PREFIX): r.observed for r in results if not r.passed}
    assert failed == {
        "unique_key": "1 rows otherwise",
        "not_null.community_id": "1 of 2 rows otherwise",
        "references.community_id": "1 rows otherwise",
        "range.floor": "1 of 2 rows otherwise",
        "values.status": "1 of 2 rows otherwise",
        "floor_of_room": "1 rows otherwise",
        "resident_count": "1 rows otherwise",
    }
    assert len({r.check for r in results}) == len(results) > 15
    assert "SECRET" not in "".join(map(str, results))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["curated.duckdb"]
    assert "it/s" not in capfd.readouterr().err  # no progress bars
    with duckdb.connect(str(path)) as con:  # the file is free again
        con.execute("DELETE FROM houses")


def test_the_suite_and_the_audit_of_a_relation_are_the_same_checks() -> None:
    for relation in relations():
        expected = [e.meta["check"] for e in build_suite(relation).expectations]
        assert expected == ["schema", *(c.name for c in relation.checks)]
        assert len(set(expected)) == len(expected)


def test_every_suite_and_every_audit_runs_and_holds_on_nothing() -> None:
    """Every dataset and every table in every database; an expectation that can't be evaluated would count as failed."""
    chosen = list(relations())

    def attach(con: duckdb.DuckDBPyConnection) -> None:
        for database in ("standard", "restricted", "curated"):
            con.execute(f"ATTACH ':memory:' AS {database}")
        create(con, chosen)

    for result in run_suites([(r, r.place) for r in chosen], attach):
        assert result.passed, result
    with duckdb.connect() as con:
        attach(con)
        for relation in chosen:
            for result in audit(con, relation):
                assert result.passed, result


def test_every_night_runs_the_suite_of_every_open_copy_but_the_days() -> None:
    assert {r.name for r in nightly_relations()} == {
        t.name for t in TABLES.values() if t.where == "both" and t.storage == "table" and t.name != "checks"
    }


def test_a_check_becomes_an_asset_check() -> None:
    bad = CheckResult("gx.values.sex", "residents", False, "3 rows", "male, female", "error", ("r_1",))
    found = asset_check_result(bad)
    assert (found.passed, found.check_name, found.severity) == (False, "gx_values_sex", AssetCheckSeverity.ERROR)
    assert found.metadata["observed"].value == "3 rows"
    assert found.metadata["rows"].value == "r_1"
    warned = CheckResult("period", "occupancies", False, "1 rows", "none", "warning")
    assert summary_check_result([warned], check_name="all").severity == AssetCheckSeverity.WARN
    assert "residents.gx.values.sex" in (summary_check_result([bad, warned], check_name="all").description or "")


_STATISTICS = """
import sys
from expectations.suites import build_suite, nightly_relations
build_suite(nightly_relations()[0])
said = ["scipy.optimize" in sys.modules]
from scipy import stats
print(*said, stats.norm.cdf(0), "scipy.optimize" in sys.modules)
"""


def test_statistics_are_imported_only_by_who_asks_for_them() -> None:
    said = subprocess.run([sys.executable, "-c", _STATISTICS], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "0.5", "True"]
