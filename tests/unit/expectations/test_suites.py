"""The Great Expectations suites: they run on a DuckDB file, find what is wrong, and leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from dagster import AssetCheckSeverity

from expectations.checks import CheckResult
from expectations.contracts.tables import TABLES
from expectations.dagster_checks import asset_check_result, summary_check_result
from expectations.dictionary import columns_of
from expectations.suites import run_suite

SEEN = "DATE '2026-11-20', DATE '2026-11-20'"
ROWS = [
    f"'h_1', 'c_1', '1', NULL, 5, '502', 'residential', 'private', 'let', 90.0, 0, 1, {SEEN}",
    f"'h_1', NULL, '1', NULL, 500, '503', 'residential', 'private', 'SECRET', 90.0, 7, 1, {SEEN}",
]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "curated.duckdb"
    with duckdb.connect(str(path)) as con:
        for name in ("houses", "occupancies"):
            columns = ", ".join(f'"{e.column}" {e.type}' for e in columns_of(TABLES[name], is_open=True))
            con.execute(f"CREATE TABLE {name} ({columns})")
        con.execute(f"INSERT INTO houses VALUES ({'), ('.join(ROWS)})")
    return path


def test_a_suite_finds_what_is_wrong(database: Path, capfd: pytest.CaptureFixture[str]) -> None:
    results = run_suite(database, "houses")
    failed = {r.check.removeprefix("gx."): r.observed for r in results if not r.passed}
    assert failed == {
        "column_values_to_be_unique.house_id": "2 of 2 rows otherwise",
        "column_values_to_not_be_null.community_id": "1 of 2 rows otherwise",
        "column_values_to_be_between.floor": "1 of 2 rows otherwise",
        "column_values_to_be_in_set.status": "1 of 2 rows otherwise",
        "resident_count": "1 rows otherwise",
    }
    assert len({r.check for r in results}) == len(results) > 15
    assert "SECRET" not in "".join(map(str, results))
    assert sorted(p.name for p in database.parent.iterdir()) == ["curated.duckdb"]
    assert "it/s" not in capfd.readouterr().err  # no progress bars
    with duckdb.connect(str(database)) as con:  # the file is free again
        con.execute("DELETE FROM houses")


def test_a_check_becomes_an_asset_check() -> None:
    bad = CheckResult("gx.values.sex", "residents", False, "3 rows", "male, female", "error")
    found = asset_check_result(bad)
    assert (found.passed, found.check_name, found.severity) == (False, "gx_values_sex", AssetCheckSeverity.ERROR)
    assert found.metadata["observed"].value == "3 rows"
    warned = CheckResult("period", "occupancies", False, "1 rows", "none", "warning")
    assert summary_check_result([warned], check_name="all").severity == AssetCheckSeverity.WARN
    assert "residents.gx.values.sex" in (summary_check_result([bad, warned], check_name="all").description or "")
