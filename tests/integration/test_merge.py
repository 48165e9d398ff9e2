"""Whole nights on the small made-up city: released, repeated, reordered, and with one company's file broken."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from city_nights import city_settings, load_all

from assets.landing import current_deliveries, deliveries
from assets.merge import current_release
from assets.nightly import has_news, run_merge
from assets.release import read_manifest
from assets.standard import read_ledger, standard_folder
from assets.summary import summary
from expectations.feeds import load_companies
from pipelines.instance import open_instance
from pipelines.partitions import COMPANIES
from pipelines.run import Runner
from resources.settings import Settings


def _copy(city: Path, to: Path) -> Settings:
    """A city that a test may change. Times are kept: a file's time is part of when it was received."""
    shutil.copytree(city, to, symlinks=True)
    return city_settings(to)


def _manifest(settings: Settings) -> dict[str, Any]:
    return read_manifest(current_release(settings))


def _content(settings: Settings) -> dict[str, str]:
    """The checksums of what the register says, leaving out what tells of a release itself or of times of arrival."""
    about_the_release = {"checks", "releases", "changes", "loads", "id_ledger"}
    tables = _manifest(settings)["tables"]
    return {name: told["checksum"] for name, told in tables.items() if name not in about_the_release}


def _query(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.current.resolve() / "curated.duckdb"), read_only=True) as con:
        return con.sql(sql).fetchall()


def test_the_first_night_is_released_and_accounts_for_every_row(merged_city: Path) -> None:
    settings = city_settings(merged_city)
    companies, _ = load_companies(settings.feeds)
    files = 0
    for company in companies.values():
        for feed in company.feeds:
            for delivery in current_deliveries(settings, company, feed):
                ledger = read_ledger(standard_folder(settings, company.company, delivery.delivery_id))
                files += len(ledger.files)
                assert [f.file for f in ledger.files if f.balance] == []
    assert files > 50
    found = summary(settings)
    assert found.checks["errors"] == 0 and found.checks["passed"] > 50
    assert found.register["residents"] > 5000 and found.register["access_events"] > 50_000
    loaded = sum(c.rows_read for c in found.companies)
    assert _query(settings, "SELECT sum(rows_read) FROM loads WHERE status = 'loaded'")[0][0] >= loaded


def test_an_unchanged_night_changes_nothing(merged_city: Path, tmp_path: Path) -> None:
    settings = _copy(merged_city, tmp_path / "city")
    before, content = current_release(settings), _content(settings)
    companies, _ = load_companies(settings.feeds)
    assert [c for c, company in companies.items() if has_news(settings, company)] == []
    started = time.monotonic()
    load_all(settings)
    report = run_merge(settings)
    assert not report.published and report.release == before
    assert time.monotonic() - started < 30
    forced = run_merge(settings, force=True)
    assert forced.published and forced.release != before
    assert _content(settings) == content
    assert _query(settings, "SELECT count(*) FROM changes") == [(0,)]


def test_files_in_another_order_make_the_same_register(sample_city: Path, merged_city: Path, tmp_path: Path) -> None:
    other = tmp_path / "city"
    shutil.copytree(sample_city / "config", other / "config")
    drops = [p for p in (sample_city / "drop").rglob("*") if p.is_file()]
    for path in sorted(drops, reverse=True):  # laid down, and so listed, in another order
        target = other / "drop" / path.relative_to(sample_city / "drop")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    settings = city_settings(other)
    load_all(settings, reverse=True)
    run_merge(settings)
    assert _content(settings) == _content(city_settings(merged_city))


@pytest.fixture
def broken(merged_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The city on the next day, when one company has sent a list of residents that is cut off."""
    settings = _copy(merged_city, tmp_path / "city")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    for name in ("REGISTER_DATA", "REGISTER_CONFIG"):
        monkeypatch.setenv(name, "")
    good = next(d for d in deliveries(settings, "xlsx_titled_03") if d.dataset == "residents" and d.status == "loaded")
    source = settings.drop / "xlsx_titled_03" / good.files[0].path
    day = good.delivered_on.strftime("%Y%m%d")
    target = source.with_name(source.name.replace(day, "20261224"))
    assert target != source
    target.write_bytes(source.read_bytes()[:5000])
    # later than the good list, whatever the machine's speed: what came before a good delivery is put right by it
    later = source.stat().st_mtime + 1
    os.utime(target, (later, later))
    return settings


def test_one_broken_file_fails_alone_and_the_night_is_released(broken: Settings) -> None:
    residents = _query(broken, "SELECT count(*) FROM residents")
    with open_instance(broken) as instance:
        runner = Runner(broken, instance, lambda _: None)
        outcomes = {c: runner.load(c) for c in ("xlsx_titled_03", "gbk_csv_01") if c in runner.companies()}
        merged = runner.merge(force=False)
        states = {
            company: instance.get_materialized_partitions(dg.AssetKey(["landing", "residents"])) & {company}
            for company in outcomes
        }
        run = instance.get_run_by_id(outcomes["xlsx_titled_03"].run_id)
        assert set(runner.companies()) == set(instance.get_dynamic_partitions(str(COMPANIES.name)))
    assert outcomes["gbk_csv_01"].success
    said = outcomes["xlsx_titled_03"].errors["load_residents"]
    assert "20261224" in said and "重新" in said
    assert run is not None and run.tags["dagster/partition"] == "xlsx_titled_03"
    assert states == {"gbk_csv_01": {"gbk_csv_01"}, "xlsx_titled_03": set()}

    assert merged.success, merged.errors
    assert _query(broken, "SELECT count(*) FROM residents") == residents
    ((status, message),) = _query(broken, "SELECT status, message FROM loads WHERE file LIKE '%20261224%'")
    assert status == "failed" and message and message in said
    (problem,) = [p for p in summary(broken).problems if p.what == "residents"]
    assert problem.company == "xlsx_titled_03" and problem.message in said
