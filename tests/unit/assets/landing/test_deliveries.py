"""What makes a delivery, what is read again, and which deliveries are in effect."""

from __future__ import annotations

import os
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from assets.landing import current_deliveries, deliveries, find_deliveries, plan, read_delivery, shelf
from assets.landing.delivery import delivery_folder
from assets.landing.plan import DropFile, named_date

DAY = timedelta(days=1)
HEADER = "小区,楼栋,房号,姓名\n"


def people(*names: str) -> str:
    return HEADER + "".join(f"滨湖明珠,3,502,{n}\n" for n in names)


def statuses(office) -> list[tuple[str, str]]:
    return [(d.delivered_on.isoformat(), d.status) for d in office.land()]


@pytest.mark.parametrize(
    ("file", "day"),
    [
        ("住户20261120.xlsx", "2026-11-20"),
        ("a_2026-11-20.csv", "2026-11-20"),
        ("a_2026_11_20_part2.csv", "2026-11-20"),
        ("a_20261120083000.csv", "2026-11-20"),
        ("a_202611200830.csv", "2026-11-20"),
        ("20261119/a_20261120.csv", "2026-11-20"),
        ("2026-11-20/a.csv", "2026-11-20"),
        ("archive_20260101/2026_11_20/a.csv", "2026-11-20"),
        ("a_20261399_20261120.csv", "2026-11-20"),
        ("138201112201234.csv", "2026-11-21"),
        ("a_2026-11_20.csv", "2026-11-21"),
        ("a.csv", "2026-11-21"),
    ],
)
def test_the_date_is_in_the_name_else_in_the_folder_else_the_files(file, day):
    # 2026-11-20 20:00 UTC is the 21st in Hefei
    written = DropFile(Path(file), file, 1, 1_795_204_800 * 10**9)
    assert (named_date(file) or written.written_on) == date.fromisoformat(day)


def test_files_of_one_folder_and_date_are_one_delivery(office):
    for name in ("b/residents_20261120_2.csv", "b/residents_20261120_1.csv", "residents_20261120_3.csv"):
        office.put(name, people(name))
    office.put("b/RESIDENTS_20261121.CSV", people("x"))
    office.put("b/other_20261121.csv", "x")
    for hidden in (".residents.csv", "residents.csv.part", "~$residents.xlsx", "residents.tmp", ".x/residents.csv"):
        office.put(hidden, "x")
    found = find_deliveries(office.settings, office.company)
    assert [(p.delivered_on.day, [f.file for f in p.files]) for p in found] == [
        (20, ["b/residents_20261120_1.csv", "b/residents_20261120_2.csv"]),
        (20, ["residents_20261120_3.csv"]),
        (21, ["b/RESIDENTS_20261121.CSV"]),
    ]


def test_no_drop_folder_is_no_delivery(office):
    os.rmdir(office.drop)
    assert office.land() == []


def test_a_delivery_is_read_once(office, monkeypatch):
    first = office.land_one("residents_20261120.csv", people("张三"))
    monkeypatch.setattr("assets.landing.load.write_data", lambda *_: pytest.fail("read again"))
    monkeypatch.setattr("assets.landing.plan._sha256", lambda _: pytest.fail("hashed again"))
    assert office.land() == [first]
    assert read_delivery(delivery_folder(office.settings, "acme", first.delivery_id)) == first


def test_the_id_is_of_the_content_not_of_the_name(office):
    first = office.land_one("residents_20261120.csv", people("张三"))
    (office.drop / "residents_20261120.csv").rename(office.drop / "residents_new_20261120.csv")
    assert office.land()[0].delivery_id == first.delivery_id


def test_a_changed_feed_reads_again(office):
    office.land_one("residents_20261120.csv", people("张三"))
    feeds = {"residents": {"files": ["*residents*"], "constants": {"unit": "1"}}}
    office.company = office.company.model_validate({**office.company.model_dump(), "feeds": feeds})
    (again,) = office.land()
    assert office.rows(again, "unit") == [("1",)]


def test_a_reading_that_fails_keeps_the_good_data(office):
    first = office.land_one("residents_20261120.csv", people("张三"))
    feeds = {"residents": {"files": ["*residents*"], "ignore": ["姓名"]}}
    changed = office.company.model_validate({**office.company.model_dump(), "feeds": feeds})
    good, office.company = office.company, changed
    (failed,) = office.land()
    assert (failed.status, failed.code) == ("failed", "missing_column")
    (kept,) = current_deliveries(office.settings, good, "residents")
    assert kept.delivery_id == first.delivery_id
    assert "missing_column" in kept.warnings[0]
    assert office.rows(kept, "name") == [("张三",)]


def test_the_same_bytes_on_a_later_day_are_a_duplicate(office):
    office.put("residents_20261120.csv", people("张三"))
    office.put("residents_20261121.csv", people("李四"))
    office.put("residents_20261122.csv", people("张三"))
    assert [s for _, s in statuses(office)] == ["loaded", "loaded", "duplicate"]
    first, second, again = deliveries(office.settings, "acme")
    assert again.files[0].duplicate_of == f"{first.delivery_id}/residents_20261120.csv"
    assert current_deliveries(office.settings, office.company, "residents") == [second]
    assert statuses(office)[2] == ("2026-11-22", "duplicate")


def test_the_order_of_arrival_changes_nothing(office, tmp_path):
    office.put("residents_20261122.csv", people("张三"))
    assert statuses(office) == [("2026-11-22", "loaded")]
    office.put("residents_20261120.csv", people("张三"))
    assert statuses(office) == [("2026-11-20", "loaded"), ("2026-11-22", "duplicate")]


def test_one_part_seen_before_leaves_the_others(office):
    office.put("residents_20261120_1.csv", people("张三"))
    office.put("residents_20261121_1.csv", people("张三"))
    office.put("residents_20261121_2.csv", people("李四"))
    office.put("residents_20261121_3.csv", people("李四"))
    _, later = office.land()
    assert [(f.file[-5], f.status) for f in sorted(later.files, key=lambda f: f.file)] == [
        ("1", "duplicate"), ("2", "loaded"), ("3", "duplicate"),
    ]  # fmt: skip
    assert office.rows(later, "name") == [("李四",)]


def test_a_correction_under_the_same_name_replaces(office):
    office.land_one("residents_20261120.csv", people("张三"))
    corrected = office.land_one("residents_20261120.csv", people("张叁"))
    assert current_deliveries(office.settings, office.company, "residents") == [corrected]
    assert deliveries(office.settings) == [corrected]


def test_a_correction_that_cannot_be_read_does_not(office):
    first = office.land_one("residents_20261120.csv", people("张三"))
    assert office.land_one("residents_20261120.csv", "x").status == "failed"
    assert current_deliveries(office.settings, office.company, "residents") == [first]


def test_a_late_part_completes_its_delivery(office):
    office.land_one("residents_20261120_1.csv", people("张三"))
    whole = office.land_one("residents_20261120_2.csv", people("李四"))
    assert office.rows(whole, "name") == [("张三",), ("李四",)]
    assert deliveries(office.settings) == [whole]


def test_a_part_that_comes_after_the_first_was_moved_away_stands_beside_it(office):
    office.put("events_20261120_1.csv", "小区,通道,时间\n滨湖明珠,东门,2026-11-20 08:00\n")
    (first,) = office.land()
    (office.drop / "events_20261120_1.csv").unlink()
    second = office.land_one("events_20261120_2.csv", "小区,通道,时间\n滨湖明珠,东门,2026-11-20 18:00\n")
    in_effect = current_deliveries(office.settings, office.company, "access_events")
    assert {d.delivery_id for d in in_effect} == {first.delivery_id, second.delivery_id}


TODAY = date(2026, 11, 20)


def _on(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    for module in (plan, shelf):
        monkeypatch.setattr(module, "today", lambda: day)


def _put(office, content: str, day: date) -> None:
    """The file of every night, which has no date in its name; by its writer's clock, of ``day``."""
    noon = datetime.combine(day, time(12), plan.ZONE).timestamp()
    os.utime(office.put("residents.csv", content), (noon, noon))


def test_a_file_dated_by_a_fast_clock_does_not_hide_the_next_one(office, monkeypatch):
    _on(monkeypatch, TODAY)
    _put(office, people("张三"), TODAY + 5 * DAY)
    (first,) = office.land()
    assert first.delivered_on == TODAY and "2026-11-25, by a clock that is ahead" in first.warnings[0]
    _on(monkeypatch, TODAY + DAY)
    assert office.land() == [first] == deliveries(office.settings)  # it stays of the day it was found on
    _put(office, people("李四"), TODAY + DAY)
    (second,) = office.land()
    assert second.delivered_on == TODAY + DAY and not second.warnings
    assert current_deliveries(office.settings, office.company, "residents") == [second]


@pytest.mark.parametrize("overwritten", [False, True])
def test_what_the_machines_own_fast_clock_dated_is_dated_anew(office, monkeypatch, overwritten):
    _on(monkeypatch, TODAY + 5 * DAY)
    _put(office, people("张三"), TODAY + 5 * DAY)
    (wrong,) = office.land()
    assert wrong.delivered_on == TODAY + 5 * DAY and not wrong.warnings
    _on(monkeypatch, TODAY)
    if overwritten:
        _put(office, people("李四"), TODAY)
    (right,) = office.land()
    assert right.delivered_on == TODAY
    assert current_deliveries(office.settings, office.company, "residents") == [right] == deliveries(office.settings)


def test_a_date_in_the_name_is_the_senders_word(office, monkeypatch):
    _on(monkeypatch, TODAY)
    office.put("residents_20261125.csv", people("张三"))
    office.put("residents_20261120.csv", people("李四"))
    assert [d.delivered_on.day for d in office.land()] == [20, 25]
    assert len(deliveries(office.settings)) == 2


@pytest.mark.parametrize(("mode", "in_effect"), [("snapshot", ["22"]), ("delta", ["20", "21", "22"])])
def test_what_is_in_effect_follows_the_mode(office, mode, in_effect):
    feeds = {"residents": {"files": ["*residents*"], "mode": mode}}
    office.company = office.company.model_validate({**office.company.model_dump(), "feeds": feeds})
    for day in ("22", "20", "21"):
        office.put(f"residents_202611{day}.csv", people(day))
    office.land()
    found = current_deliveries(office.settings, office.company, "residents")
    assert [f"{d.delivered_on.day}" for d in found] == in_effect


def test_only_some_feeds(office):
    from assets.landing import land_company

    office.put("residents_20261120.csv", people("张三"))
    office.put("events_20261120.csv", "x")
    landed = land_company(office.settings, office.company, feeds=["residents"], settle_seconds=0)
    assert [d.feed for d in landed] == ["residents"]


def test_a_file_may_belong_to_two_feeds(office):
    feeds = {"residents": {"files": ["*.csv"]}, "houses": {"files": ["*.csv"], "ignore": ["姓名"]}}
    office.company = office.company.model_validate({**office.company.model_dump(), "feeds": feeds})
    office.put("all_20261120.csv", people("张三"))
    assert sorted(d.feed for d in office.land()) == ["houses", "residents"]


def test_progress_is_told(office):
    from assets.landing import land_company

    office.put("residents_20261120.csv", people("张三"))
    told: list[tuple[int, int, str]] = []
    land_company(office.settings, office.company, progress=lambda *a: told.append(a), settle_seconds=0)
    assert told == [(0, 1, "residents 2026-11-20"), (1, 1, "landed")]
