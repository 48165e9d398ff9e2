"""What is past its limit goes, with its dropped files; what a merge takes stays, however old."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from assets.landing import deliveries
from assets.locks import company_lock
from assets.merge import Merge, open_merge
from assets.nightly import load_company
from assets.retention import enforce_retention, orphans
from expectations.policy import Policy, PolicyError, load_policy

RESIDENTS = "小区,楼栋,单元,房号,姓名,身份证号\n滨湖明珠,3,2,502,张三,\n滨湖明珠,3,2,503,李四{n},\n"
EVENTS = "小区,通道,方向,通行时间,姓名\n滨湖明珠,东门,进,{day} 08:00:00,张三\n"
AS_OF = date(2026, 6, 30)


def _put(office, day: date, *, broken: bool = False) -> None:
    office.put(f"residents_{day:%Y%m%d}.csv", "" if broken else RESIDENTS.format(n=day))
    office.put(f"events_{day:%Y%m%d}.csv", EVENTS.format(day=day))


def _merge(office, **limits: int) -> Merge:
    load_company(office.settings, office.company)
    merge = replace(open_merge(office.settings), companies={"acme": office.company}, as_of=AS_OF)
    return replace(merge, policy=Policy.model_validate({"retention": limits}))


def _held(office) -> set[tuple[str, str, str]]:
    return {(d.dataset, d.delivered_on.isoformat(), d.status) for d in deliveries(office.settings)}


@pytest.fixture
def stocked(office, monkeypatch: pytest.MonkeyPatch):
    """Lists and passes of a day now, one 40 and one 200 days old; the last list could not be read."""
    monkeypatch.setattr("assets.landing.plan.time.sleep", lambda _: None)
    (office.settings.feeds).mkdir(parents=True)
    text = json.dumps(office.company.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
    (office.settings.feeds / "acme.yaml").write_text(text, encoding="utf-8")
    for days, broken in ((0, False), (40, False), (200, False), (201, True)):
        _put(office, AS_OF - timedelta(days=days), broken=broken)
    return office


def test_old_deliveries_go_with_their_dropped_files(stocked) -> None:
    merge = _merge(stocked)
    removed = enforce_retention(merge)
    assert removed.places["landing"] == removed.places["drop"] == removed.places["standard"] + 1
    assert _held(stocked) == {
        ("residents", "2026-06-30", "loaded"),
        ("residents", "2026-05-21", "loaded"),  # replaced, and within its limit
        ("access_events", "2026-06-30", "loaded"),  # passes of a day that no release carries any more go at once
    }
    assert sorted(p.name for p in stocked.drop.iterdir()) == [
        "events_20260630.csv",
        "residents_20260521.csv",
        "residents_20260630.csv",
    ]
    assert list(orphans(stocked.settings)) == []
    said = json.loads((stocked.settings.data / "retention.json").read_text())
    assert said["removed"] == removed.places and said["limits"]["events.keep_days"] == 30


def test_it_is_done_once(stocked) -> None:
    merge = _merge(stocked)
    enforce_retention(merge)
    load_company(stocked.settings, stocked.company)
    assert enforce_retention(merge).places == {}


def test_what_a_merge_takes_stays_however_old(stocked) -> None:
    for path in stocked.drop.glob("residents_20260[56]*"):
        path.unlink()
    enforce_retention(_merge(stocked))
    oldest = (AS_OF - timedelta(days=200)).isoformat()
    assert ("residents", oldest, "loaded") in _held(stocked)  # the newest good list there is
    assert (stocked.drop / f"residents_{oldest.replace('-', '')}.csv").exists()


def test_limits_are_the_operators(stocked) -> None:
    enforce_retention(_merge(stocked, superseded_days=30))
    assert {d for kind, d, _ in _held(stocked) if kind == "residents"} == {"2026-06-30"}


def test_a_company_that_is_being_loaded_waits_for_the_next_night(stocked) -> None:
    merge = _merge(stocked)
    before = _held(stocked)
    with company_lock(stocked.settings, "acme"):
        assert enforce_retention(merge).busy == ("acme",)
    assert _held(stocked) == before


def test_workbooks_and_reports_go_by_age(stocked) -> None:
    settings = stocked.settings
    merge = _merge(stocked)
    for path, days in (
        (settings.returns / "acme" / "old.xlsx", 91),
        (settings.returns / "acme" / "new.xlsx", 89),
        (settings.releases / "failed" / "x.json", 31),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        when = time.time() - days * 86_400
        os.utime(path, (when, when))
    removed = enforce_retention(merge)
    assert (removed.places["returns"], removed.places["failed reports"]) == (1, 1)
    assert (settings.returns / "acme" / "new.xlsx").exists()


def test_a_limit_is_checked(tmp_path: Path) -> None:
    (tmp_path / "register.yaml").write_text("retention: {superseded_days: 0}")
    with pytest.raises(PolicyError, match=r"retention\.superseded_days"):
        load_policy(tmp_path)
