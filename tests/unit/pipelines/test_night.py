"""The night's decisions: which night it is, when the merge is due, what the schedule and the sensors ask for."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from two_companies import HOUSES, House

from expectations.policy import Schedule
from pipelines import night
from pipelines.night import (
    NIGHT,
    Look,
    companies,
    dropped_files,
    merge_is_due,
    merge_when_loaded,
    night_of,
    nightly_schedule,
)
from pipelines.partitions import COMPANIES, sync_partitions

SHANGHAI = ZoneInfo("Asia/Shanghai")
DONE, FAILED, RUNNING = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED


def _at(hour: int, minute: int = 0, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(_at(2), 20), (_at(1, 59), 19), (_at(23), 20), (datetime(2026, 11, 19, 18, 30, tzinfo=UTC), 20)],
)
def test_a_night_lasts_from_start_to_start(moment: datetime, expected: int) -> None:
    assert night_of(moment, Schedule()).date == date(2026, 11, expected)


def test_a_deadline_before_the_start_is_on_the_next_day() -> None:
    assert night_of(_at(23), Schedule(start="22:00", deadline="05:00")).deadline == _at(5, day=21)


@pytest.mark.parametrize(
    ("moment", "runs", "due"),
    [
        (_at(3), {"a": [DONE], "b": [FAILED]}, True),
        (_at(3), {"a": [DONE], "b": [RUNNING]}, False),
        (_at(3), {"a": [DONE]}, False),
        (_at(3), {"a": [DONE], "b": [FAILED, RUNNING]}, False),
        (_at(5), {"a": [DONE], "b": [RUNNING]}, True),
        (_at(5), {}, False),
    ],
    ids=["all finished", "one running", "one not started", "one retried", "deadline", "no night"],
)
def test_the_merge_waits_for_the_loads_until_the_deadline(
    moment: datetime, runs: dict[str, list[dg.DagsterRunStatus]], due: bool
) -> None:
    decided, why = merge_is_due(moment, night_of(moment, Schedule()), ["a", "b"], runs)
    assert decided is due and why


def test_the_schedule_starts_one_load_per_company(house: House) -> None:
    schedule = nightly_schedule(house.settings)
    assert schedule.cron_schedule == "0 2 * * *"
    assert schedule.execution_timezone == "Asia/Shanghai"
    with dg.instance_for_test(overrides={"telemetry": {"enabled": False}}) as instance:  # schedules reopen theirs
        context = dg.build_schedule_context(
            instance=instance, scheduled_execution_time=_at(2), resources={"installation": house.installation}
        )
        with context:
            requests = schedule(context)
        assert instance.get_dynamic_partitions("company") == ["acme", "beta"]
    assert [r.partition_key for r in requests] == ["acme", "beta"]
    assert {r.tags[NIGHT] for r in requests} == {"2026-11-20"}


def _sensor(house: House, cursor: str | None = None) -> dg.SensorEvaluationContext:
    return dg.build_sensor_context(
        instance=house.instance, cursor=cursor, resources={"installation": house.installation}, definitions=house.defs
    )


def test_the_merge_starts_once_when_the_loads_have_finished(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night, "now", lambda: _at(3))
    assert isinstance(merge_when_loaded(_sensor(house)), dg.SkipReason)
    house.load("acme", **{NIGHT: "2026-11-20"})
    skipped = merge_when_loaded(_sensor(house))
    assert isinstance(skipped, dg.SkipReason) and "waiting for beta" in str(skipped.skip_message)
    house.configure("beta", wrong=True)  # a failed load is a finished load
    assert not house.load("beta", **{NIGHT: "2026-11-20"}).success
    context = _sensor(house)
    request = merge_when_loaded(context)
    assert isinstance(request, dg.RunRequest) and request.run_key == "2026-11-20"
    assert isinstance(merge_when_loaded(_sensor(house, context.cursor)), dg.SkipReason)


def test_the_merge_starts_at_the_deadline_without_the_late(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.load("acme", **{NIGHT: "2026-11-20"})
    monkeypatch.setattr(night, "now", lambda: _at(4, 59))
    assert isinstance(merge_when_loaded(_sensor(house)), dg.SkipReason)
    monkeypatch.setattr(night, "now", lambda: _at(5))
    assert isinstance(merge_when_loaded(_sensor(house)), dg.RunRequest)


def test_a_night_that_a_clock_ran_early_is_run_again_when_its_time_has_come(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(cursor: str | None, moment: datetime, up_hours: float) -> tuple[Any, str | None]:
        monkeypatch.setattr(night, "now", lambda: moment)
        monkeypatch.setattr(night, "uptime", lambda: 3600 * up_hours)
        context = _sensor(house, cursor)
        return merge_when_loaded(context), context.cursor

    for company in ("acme", "beta"):  # the clock is a day ahead: the night of the 20th runs on the 19th
        house.load(company, **{NIGHT: "2026-11-20"})
    request, cursor = look(None, _at(3), 1)
    assert isinstance(request, dg.RunRequest) and request.run_key == "2026-11-20"
    skipped, cursor = look(cursor, _at(3, 1), 1.02)
    assert isinstance(skipped, dg.SkipReason)
    # the clock was set right; Dagster asks again when the time of its last look has passed, a day later
    loads, cursor = look(cursor, _at(3, 2), 25.03)
    assert [(r.job_name, r.partition_key) for r in loads] == [("load_company", "acme"), ("load_company", "beta")]
    (label,) = {r.tags[NIGHT] for r in loads}
    assert label != "2026-11-20" and not {r.run_key for r in loads} & {"2026-11-20:acme", "2026-11-20:beta"}
    waiting, cursor = look(cursor, _at(3, 3), 25.05)
    assert isinstance(waiting, dg.SkipReason)
    for company in ("acme", "beta"):
        house.load(company, **{NIGHT: label})
    merge, cursor = look(cursor, _at(3, 4), 25.07)
    assert isinstance(merge, dg.RunRequest) and merge.run_key == merge.tags[NIGHT] == label
    skipped, cursor = look(cursor, _at(3, 5), 25.08)
    assert isinstance(skipped, dg.SkipReason)
    assert json.loads(look(cursor, _at(2, 1, day=21), 48.0)[1] or "")["night"] == "2026-11-21"


def test_a_clock_set_right_in_passing_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tonight = night_of(_at(3), Schedule())
    last = Look("2026-11-20", merged=True, at=_at(3).timestamp(), up=100.0)
    for up, moment in ((400.0, _at(3, 1)), (5.0, _at(4)), (3700.0, _at(4))):  # 4 minutes back; a new start; an hour on
        monkeypatch.setattr(night, "uptime", lambda up=up: up)
        assert night.next_look(last, moment, tonight) == (Look("2026-11-20", True, moment.timestamp(), up), None)


def test_the_sensor_asks_dagster_for_what_it_can_start(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sync_partitions(house.instance, house.settings)
    monkeypatch.setattr(night, "now", lambda: _at(3))
    last = Look("2026-11-20", merged=True, at=_at(3).timestamp(), up=time.monotonic() - 86_400)
    sensor = house.defs.resolve_sensor_def("merge_when_loaded")
    with dg.partition_loading_context(dynamic_partitions_store=house.instance):
        told = sensor.evaluate_tick(_sensor(house, json.dumps(vars(last))))
    assert [(r.job_name, r.tags["dagster/partition"]) for r in told.run_requests or ()] == [
        ("load_company", "acme"),
        ("load_company", "beta"),
    ]


def _age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_dropped_file_is_loaded_when_it_has_stopped_growing(house: House) -> None:
    sync_partitions(house.instance, house.settings)
    path = house.drop("acme", "houses_20261120.csv", HOUSES)
    _age(path, 60)
    first = dropped_files(_sensor(house))
    assert not first.run_requests
    path.write_text(HOUSES + "滨湖明珠,3,2,504,88\n", encoding="utf-8")
    _age(path, 50)
    second = dropped_files(_sensor(house, first.cursor))
    assert not second.run_requests
    third = dropped_files(_sensor(house, second.cursor))
    assert [r.partition_key for r in third.run_requests] == ["acme"]
    house.load("acme")
    fourth = dropped_files(_sensor(house, third.cursor))
    assert not fourth.run_requests
    assert json.loads(fourth.cursor)["acme"][1] is True


def test_a_file_written_to_just_now_is_left_alone(house: House) -> None:
    sync_partitions(house.instance, house.settings)
    house.drop("acme", "houses_20261120.csv", HOUSES)
    first = dropped_files(_sensor(house))
    assert not dropped_files(_sensor(house, first.cursor)).run_requests


def test_a_file_from_the_future_is_not_waited_for_until_its_time_comes(house: House) -> None:
    sync_partitions(house.instance, house.settings)
    _age(house.drop("acme", "houses_20261120.csv", HOUSES), -86_400)
    first = dropped_files(_sensor(house))
    assert [r.partition_key for r in dropped_files(_sensor(house, first.cursor)).run_requests] == ["acme"]


def test_the_partitions_follow_the_feed_files(house: House) -> None:
    added = companies(_sensor(house))
    assert added.dynamic_partitions_requests[0].partition_keys == ["acme", "beta"]
    sync_partitions(house.instance, house.settings)
    assert isinstance(companies(_sensor(house)), dg.SkipReason)
    (house.settings.feeds / "beta.yaml").unlink()
    (removed,) = companies(_sensor(house)).dynamic_partitions_requests
    assert removed.partition_keys == ["beta"]
    assert sync_partitions(house.instance, house.settings) == ["acme"]
    assert house.instance.get_dynamic_partitions(str(COMPANIES.name)) == ["acme"]


def test_a_night_does_not_outlive_the_next_start() -> None:
    first = night_of(_at(2), Schedule())
    assert night_of(_at(2) + timedelta(hours=24), Schedule()).date == first.date + timedelta(days=1)
