"""Dates and times in all their spellings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from .conftest import Run

BASE = {"community": "翡翠湖", "building": "1", "room": "101"}
D = date(1990, 1, 2)
LOST, EMPTY = "date_unreadable", "date_placeholder"

BIRTHS = {
    "1990年1月2日": (D, None),
    "1990.1.2": (D, None),
    "1990-01-02": (D, None),
    "1990/1/2": (D, None),
    "19900102": (D, None),
    "90-1-2": (D, None),
    "26-1-2": (date(2026, 1, 2), None),
    "27-1-2": (date(1927, 1, 2), None),
    "32875": (D, None),
    "1990-01-02 00:00:00": (D, None),
    "1990-01-02T00:00:00": (D, None),
    "１９９０年１月２日": (D, None),
    " 1990 年 1 月": (None, LOST),
    "1990年1月": (None, LOST),
    "1990-01": (None, LOST),
    "1990-02-30": (None, LOST),
    "19900230": (None, LOST),
    "1990": (None, LOST),
    "不详": (None, LOST),
    "1900-01-01": (None, EMPTY),
    "19000101": (None, EMPTY),
    "9999-12-31": (None, EMPTY),
    "2026-11-21": (None, EMPTY),
    "长期": (None, EMPTY),
    "2026-11-20": (date(2026, 11, 20), None),
    None: (None, None),
}


def test_births(run: Run) -> None:
    judged = run("residents", [{**BASE, "name": f"甲{n}", "birth_date": s} for n, s in enumerate(BIRTHS)])
    for n, (sent, (day, code)) in enumerate(BIRTHS.items(), start=1):
        row = judged.accepted["a.csv", n]
        assert (row["birth_date"], row["warnings"]) == (day, [f"{code}:birth_date"] if code else []), sent


PERIODS = {
    ("2020-05-01", "2027年6月30日"): (date(2020, 5, 1), date(2027, 6, 30), []),
    ("43952", "长期"): (date(2020, 5, 1), None, []),
    ("2020-05-01", "9999-12-31"): (date(2020, 5, 1), None, []),
    ("9999-12-31", "1900-01-01"): (None, None, [f"{EMPTY}:valid_from", f"{EMPTY}:valid_to"]),
    ("去年", "2027-06"): (None, None, [f"{LOST}:valid_from", f"{LOST}:valid_to"]),
}


def test_periods(run: Run) -> None:
    rows = [{**BASE, "name": f"甲{n}", "valid_from": a, "valid_to": b} for n, (a, b) in enumerate(PERIODS)]
    judged = run("residents", rows)
    for n, (sent, expected) in enumerate(PERIODS.items(), start=1):
        row = judged.accepted["a.csv", n]
        assert (row["valid_from"], row["valid_to"], row["warnings"]) == expected, sent


CHANGES = {
    "2026-11-01 08:15:00": datetime(2026, 11, 1, 8, 15),
    "2026/11/1 8:15": datetime(2026, 11, 1, 8, 15),
    "20261101081500": datetime(2026, 11, 1, 8, 15),
    "2026-11-01T00:15:00Z": datetime(2026, 11, 1, 8, 15),
    "2026-11-01": datetime(2026, 11, 1),
    "昨天": None,
    "20261101": None,
    "46327": None,
}


def test_changes(run: Run) -> None:
    judged = run("residents", [{**BASE, "name": f"甲{n}", "updated_at": s} for n, s in enumerate(CHANGES)])
    for n, (sent, at) in enumerate(CHANGES.items(), start=1):
        row = judged.accepted["a.csv", n]
        assert (row["updated_at"], row["warnings"]) == (at, [] if at else [f"{LOST}:updated_at"]), sent


AT = datetime(2026, 11, 20, 0, 15, tzinfo=UTC)
TIMES = {
    "2026-11-20T08:15:00+08:00": AT,
    "2026-11-20T08:15:00+0800": AT,
    "2026-11-20T08:15:00+08": AT,
    "2026-11-20T08:15:00.250+08:00": AT + timedelta(milliseconds=250),
    "2026-11-20T00:15:00Z": AT,
    "2026-11-20T00:15:00.250Z": AT + timedelta(milliseconds=250),
    "2026-11-19T19:15:00-05:00": AT,
    "2026-11-20T05:45:00+05:30": AT,
    "2026-11-20 8:15:00Z": AT + timedelta(hours=8),
    "2026-11-20 08:15+08": AT,
    "2026-11-20 00:15+00": AT,
    "2026-11-20T08:15:00": AT,
    "2026-11-20 08:15:00": AT,
    "2026-11-20 08:15": AT,
    "2026/11/20 8:15:00": AT,
    "20261120081500": AT,
    "1795133700000": AT,
    "1795133700": AT,
    "2026年11月20日 08:15:00": AT,
    "２０２６－１１－２０　０８：１５：００": AT,
    "2010-01-01 00:00:00": datetime(2009, 12, 31, 16, tzinfo=UTC),
    "2026-11-21 23:59:59": datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC),
    "2026-11-22 00:00:00": "time_in_future",
    "2038-01-19 11:14:07": "time_in_future",
    "2009-12-31 23:59:59": "time_clock_reset",
    "1970-01-01 08:00:00": "time_clock_reset",
    "2000-01-01T00:00:00+08:00": "time_clock_reset",
    "0000000000": "time_clock_reset",
    "946684800": "time_clock_reset",
    "37735471": "time_clock_reset",
    "0": "time_unreadable",
    "946684800000": "time_clock_reset",
    "2026-11-20": "time_unreadable",
    "2026-11-20 25:00:00": "time_unreadable",
    "20261320081500": "time_unreadable",
    "上午八点": "time_unreadable",
    "20261120": "time_unreadable",
    None: "time_unreadable",
}


def test_event_times(run: Run) -> None:
    judged = run("access_events", [{"community": "翡翠湖", "gate": "东门", "occurred_at": s} for s in TIMES])
    for n, (sent, expected) in enumerate(TIMES.items(), start=1):
        row = judged.row(n)
        if isinstance(expected, str):
            assert row["reasons"] == [f"{expected}:occurred_at"], sent
        else:
            assert row["occurred_at"] == expected, sent
            assert row["event_date"] == (expected + timedelta(hours=8)).date(), sent


@pytest.mark.parametrize(
    ("time", "sent"),
    [
        ({"zone": "UTC"}, "2026-11-20 00:15:00"),
        ({"zone": "UTC"}, "20261120001500"),
        ({"zone": "UTC"}, "2026-11-20T08:15:00+08:00"),
        ({"zone": "America/New_York"}, "2026-11-19 19:15:00"),
        ({"zone": "UTC"}, "1795133700"),
        ({"format": "%d.%m.%Y %H-%M-%S"}, "20.11.2026 08-15-00"),
        ({"format": "%d.%m.%Y %H-%M", "zone": "UTC"}, "20.11.2026 00-15"),
        ({"format": "%Y%m%dT%H%M%S%z"}, "20261120T001500+0000"),
    ],
)
def test_the_feeds_own_time(run: Run, time: dict[str, str], sent: str) -> None:
    row = run("access_events", [{"community": "翡翠湖", "gate": "东门", "occurred_at": sent}], time=time).row()
    assert row["occurred_at"] == AT


def test_what_the_feeds_own_pattern_does_not_read(run: Run) -> None:
    rows = [{"community": "翡翠湖", "gate": "东门", "occurred_at": "2026-11-20 08:15:00"}]
    row = run("access_events", rows, time={"format": "%d.%m.%Y"}).row()
    assert row["reasons"] == ["time_unreadable:occurred_at"]
