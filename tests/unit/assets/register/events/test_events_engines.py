"""The events stage says nothing that Spark would not understand, or understand otherwise."""

from __future__ import annotations

from event_bench import Bench, record
from portable_stages import PortableOnly

from assets.register.events import build_events
from assets.register.events.fold import SQL
from resources import models


def test_whatever_runs_on_spark_is_translated(bench: Bench, monkeypatch) -> None:
    run = set()
    read = models._read
    monkeypatch.setattr(models, "_read", lambda path: (run.add(path), read(path))[1])
    bench.deliver("d_1", [record("08:00:00", plate="皖A12345"), record("08:00:01", plate="皖A12345")])
    report = build_events(bench.merge(), PortableOnly(bench.con))
    assert (report.passes, report.folded) == (1, 1)
    assert run == set(SQL.glob("*.sql"))
