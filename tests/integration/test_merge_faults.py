"""The machine fails in a merge, or its clock is wrong: said in words, the release before stays, the next is right."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

import duckdb
import pytest
from city_nights import load_all

from assets.landing import deliveries
from assets.nightly import run_merge
from assets.release import list_releases, rollback
from assets.status import company_statuses
from benchmarks.faults.history import content, drop_night, installation
from resources.machine import trouble
from resources.sample_city.company import write_company
from resources.sample_city.tiers import plan_city
from resources.settings import Settings

DAY = timedelta(days=1)
_OVERRIDES = 1
"""The number of the capability that lets root write where no mode allows it."""


class _Tomorrow(datetime):
    """A clock that is a day ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + DAY


@contextmanager
def a_day_ahead() -> Iterator[None]:
    """While the block runs, every module of the project sees a clock that is a day ahead."""
    own = ("assets", "expectations", "pipelines", "resources")
    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.split(".")[0] in own and getattr(module, "datetime", None) is datetime:
                patch.setattr(module, "datetime", _Tomorrow)
        real = time.time
        patch.setattr(time, "time", lambda: real() + DAY.total_seconds())
        yield


@dataclass(frozen=True)
class Nights:
    """A company of the hamlet after two undisturbed nights: the releases, and what the second one holds."""

    settings: Settings
    first: Path
    second: Path
    undisturbed: dict[str, str]


def _two_nights(root: Path) -> Nights:
    """The first night is loaded and merged with the clock a day ahead, the second with the right one."""
    plan = plan_city("hamlet", 7)
    (company,) = (c for c in plan.companies if c.dialect == "gbk_csv")
    write_company(plan, company, root / "city", root / "truth", 2)
    settings = replace(installation(root / "city", root / "data"), threads=2)
    drop_night(root / "city", 1, settings)
    _written(settings, datetime.now(UTC) + DAY - timedelta(minutes=1))
    with a_day_ahead():
        load_all(settings)
        first = run_merge(settings).release
    drop_night(root / "city", 2, settings)
    load_all(settings)
    second = run_merge(settings).release
    return Nights(settings, first, second, content(settings))


def _written(settings: Settings, moment: datetime) -> None:
    """As the files look that were written at that time by the machine's clock."""
    for path in settings.drop.rglob("*.*"):
        if path.is_file():
            os.utime(path, (moment.timestamp(),) * 2)


def test_a_wrong_clock_and_then_a_machine_that_fails_in_every_way(tmp_path):
    # one test, since it is the nights before that take long
    nights = _two_nights(tmp_path)
    _was_right_though_the_clock_was_a_day_ahead(nights)
    _fails_in_every_way_before_it_is_well(nights)


def _was_right_though_the_clock_was_a_day_ahead(nights: Nights) -> None:
    first, second = list_releases(nights.settings)
    assert first.created_at > datetime.now(UTC) + DAY / 2  # the clock was really off
    # names sort, and times follow, in the order of making
    assert (first.folder, second.folder) == (nights.first, nights.second)
    assert first.created_at < second.created_at
    assert second.is_current
    # the day of a delivery is its own, whatever the clock said
    landed = deliveries(nights.settings)
    assert landed and all(d.status == "loaded" for d in landed)
    assert {d.delivered_on.isoformat() for d in landed if d.mode == "snapshot"} == {first.as_of, second.as_of}
    with duckdb.connect(str(second.folder / "curated.duckdb"), read_only=True) as con:
        (duration,) = con.execute("SELECT min(duration_seconds) FROM releases").fetchone() or (None,)
        (newest,) = con.execute("SELECT arg_max(release_id, created_at) FROM releases").fetchone() or (None,)
    assert duration is not None and duration >= 0
    assert newest == second.release_id
    # its arrivals in the future don't stand for fresh ones, and are told
    (status,) = company_statuses(nights.settings)
    assert status.state == "fine" and status.age_hours is not None and 0 <= status.age_hours < 1
    assert "clock" in (status.clock_trouble or "")
    (later,) = company_statuses(nights.settings, datetime.now(UTC) + 10 * DAY)
    assert later.state == "late" and later.clock_trouble is None
    # files that were read are not waited for until their time has come
    with pytest.MonkeyPatch.context() as patch:
        waits: list[float] = []
        patch.setattr(time, "sleep", waits.append)
        load_all(nights.settings)
    assert waits == []


def _nowhere_to_put_releases(settings: Settings) -> None:
    settings.releases.chmod(0o555)
    # root may write all the same, unless it gives that right away
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    sets[0] &= ~(1 << _OVERRIDES)
    assert libc.capset(header, sets) == 0


def _little_disk(_: Settings) -> None:
    # every file that grows beyond this fails as it would on a full disk: the databases of the candidate do
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))


def _merge_with(hinder: Callable[[Settings], None], settings: Settings, said: Connection) -> None:
    hinder(settings)
    try:
        run_merge(settings)
    except Exception as e:
        said.send(trouble(e))
    else:
        said.send("merged")


def _said_by_merge_with(hinder: Callable[[Settings], None], settings: Settings) -> str | None:
    apart = multiprocessing.get_context("spawn")
    here, there = apart.Pipe(duplex=False)
    process = apart.Process(target=_merge_with, args=(hinder, settings, there))
    process.start()
    there.close()
    told: str | None = here.recv()
    process.join()
    return told


def _fails_in_every_way_before_it_is_well(nights: Nights) -> None:
    settings = nights.settings
    rollback(settings, nights.first.name)
    before = content(settings)

    def stands() -> bool:
        return settings.current.resolve() == nights.first and content(settings) == before

    with pytest.raises(duckdb.OutOfMemoryException) as short:
        run_merge(replace(settings, memory_limit="1MB"))
    assert "REGISTER_MEMORY" in (trouble(short.value) or "")
    assert stands()

    said = _said_by_merge_with(_nowhere_to_put_releases, settings)
    settings.releases.chmod(0o755)
    assert said is not None and "permission is missing" in said and str(settings.releases) in said
    assert stands()

    said = _said_by_merge_with(_little_disk, settings)
    assert said is not None and "larger than is allowed here" in said
    assert stands()

    merged = run_merge(settings)
    assert merged.published and content(settings) == nights.undisturbed
    # nothing is left of those that failed
    assert [r.folder for r in list_releases(settings)] == [nights.first, nights.second, merged.release]
    assert not list(settings.releases.glob(".*"))
    assert [p.name for p in settings.ledger.iterdir() if p.name.startswith(".")] == []
