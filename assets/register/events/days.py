"""Which days a merge lists, which deliveries make each, and whether a day is already written.

A record is decided by records of earlier provenance only (see ``fold``), so a delivery of tonight never changes a day
that it has no record of. That is what lets day files be immutable and a night write only the days it touched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from assets.register.events.deliveries import EventDelivery, events_folder
from expectations.policy import Events
from resources.settings import Settings
from resources.version import code_version

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of ``event_date``."""

CHAIN = 10
"""How many readers in a row are followed across midnight: a day is read with this many times the folding time of its
neighbours. A record of the day is folded by one that much earlier or later at most through a chain of records of the
same subject, each within the folding time of the next and each of earlier provenance."""

MANIFEST = "day.json"


@dataclass(frozen=True)
class DayPlan:
    """One day to list: its deliveries in order of provenance (those that only reach it from around midnight
    included), and the folder its files are in, or will be."""

    day: date
    deliveries: tuple[EventDelivery, ...]
    folder: Path
    within: timedelta

    @property
    def start(self) -> datetime:
        """Midnight at the beginning, less the time that folding looks back."""
        return _midnight(self.day) - CHAIN * self.within

    @property
    def stop(self) -> datetime:
        """Midnight at the end, plus the time that folding looks ahead."""
        return _midnight(self.day + timedelta(days=1)) + CHAIN * self.within

    @property
    def is_written(self) -> bool:
        """Whether the folder is there and whole."""
        return (self.folder / MANIFEST).exists()


def first_day(as_of: date, policy: Events) -> date:
    """The oldest day that a release may still carry."""
    return as_of - timedelta(days=policy.keep_days)


def plan_days(settings: Settings, deliveries: Sequence[EventDelivery], policy: Events, oldest: date) -> list[DayPlan]:
    """A plan for each day from ``oldest`` on that any delivery has records of, oldest first."""
    within = timedelta(seconds=policy.second_reader_seconds)
    ordered = sorted(deliveries, key=lambda d: d.order)
    days = sorted({f.date for d in ordered for f in d.days if f.date >= oldest})
    return [_plan(settings, ordered, day, within) for day in days]


def _plan(settings: Settings, ordered: list[EventDelivery], day: date, within: timedelta) -> DayPlan:
    last = max(d.order for d in ordered if any(f.date == day for f in d.days))
    # of the deliveries that only come near the day, those later than all of its own decide nothing about it
    chosen = tuple(d for d in ordered if d.order <= last and _reaches(d, day, CHAIN * within))
    content = {
        "day": day.isoformat(),
        "deliveries": sorted([d.company, d.delivery_id, d.content] for d in chosen),
        "second_reader_seconds": within.seconds,
        "code": code_version("assets/register/events"),
    }
    fingerprint = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    return DayPlan(day, chosen, events_folder(settings) / day.isoformat() / fingerprint, within)


def _reaches(delivery: EventDelivery, day: date, margin: timedelta) -> bool:
    start = _microseconds(_midnight(day) - margin)
    stop = _microseconds(_midnight(day + timedelta(days=1)) + margin)
    return any(
        f.date == day
        or (f.date == day - timedelta(days=1) and f.last_us >= start)
        or (f.date == day + timedelta(days=1) and f.first_us < stop)
        for f in delivery.days
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000
