"""Several companies' loads side by side: in threads or in processes they leave the same, and one's error is its own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from spark_stand_in import no_pyspark, stand_in

from assets import nightly
from assets.nightly import LoadError, LoadReport, load_all
from expectations.feeds import load_companies
from resources.settings import Settings

RESIDENTS = "小区,楼栋,单元,房号,姓名,电话\n滨湖明珠,3,2,502,张三,13812345678\n滨湖明珠,3,2,503,,1381234\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=tmp_path / "data", config=tmp_path / "config", memory_limit="1GB", threads=2)
    made.feeds.mkdir(parents=True)
    for company in ("acme", "beta", "gamma"):
        content = {
            "company": company,
            "name": f"{company}物业",
            "communities": [{"name": "滨湖明珠"}],
            "feeds": {"residents": {"files": "residents*"}},
        }
        (made.feeds / f"{company}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        dropped = made.drop / company / "residents.csv"
        dropped.parent.mkdir(parents=True)
        dropped.write_text(RESIDENTS, encoding="utf-8")
    return made


def _load(settings: Settings, said: list[str]) -> dict[str, LoadReport | LoadError]:
    return dict(load_all(settings, load_companies(settings.feeds)[0].values(), progress=said.append))


def test_processes_leave_what_threads_leave(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for apart_from in (1, nightly.APART_FROM):
        monkeypatch.setattr(nightly, "APART_FROM", apart_from)
        said: list[str] = []
        reports = _load(settings, said)
        judged = {}
        for company, report in reports.items():
            assert isinstance(report, LoadReport), report
            (delivery,) = report.deliveries
            assert delivery.ledger is not None
            (file,) = delivery.ledger.files
            judged[company] = (delivery.in_effect, file.rows_read, file.accepted, file.quarantined)
        found.append((judged, sorted(said)))
        for folder in (settings.landing, settings.standard):
            shutil.rmtree(folder)
    assert found[0] == found[1]
    assert set(found[0][0].values()) == {(True, 2, 1, 1)}
    assert any(text.startswith("acme: judging residents") for text in found[0][1])


def test_an_error_of_one_company_is_its_own(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "APART_FROM", 1)
    settings.landing.mkdir(parents=True)
    (settings.landing / "beta").write_text("a file where a folder belongs", encoding="utf-8")
    reports = _load(settings, [])
    assert isinstance(reports["beta"], LoadError)
    assert "what was loaded before stays in use" in str(reports["beta"])
    assert all(isinstance(reports[c], LoadReport) for c in ("acme", "gamma"))


def test_spark_has_one_process_and_where_it_is_missing_each_company_says_so_in_a_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "APART_FROM", 1)
    on_spark = replace(settings, engine="spark", spark_rows=0)
    with monkeypatch.context() as patched:
        no_pyspark(patched)
        for company, error in _load(on_spark, []).items():
            assert isinstance(error, LoadError), company
            assert str(error).startswith("REGISTER_ENGINE=spark needs PySpark") and "\n" not in str(error)
    opened = stand_in(monkeypatch)  # known to this process alone
    assert all(isinstance(report, LoadReport) for report in _load(on_spark, []).values())
    assert len(opened) == 3
