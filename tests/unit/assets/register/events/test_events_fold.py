"""One row per real pass, whichever way it was told more than once."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from event_bench import DAY, Bench, record

from assets.register.events import EventsReport, folded_records
from expectations.policy import Events, Policy

NIGHT = DAY + timedelta(days=1)
PERSON = {"id_number": "340199199001011232", "name": "张三", "phone": "13800000001"}
CAR = {"plate": "皖A12345", "subject_kind": "vehicle"}


def counts(report: EventsReport) -> tuple[int, int, int]:
    return report.records, report.passes, report.folded


@pytest.mark.parametrize(
    "subject",
    [
        CAR,
        PERSON,
        {"name": "张三", "phone": "13800000001"},
        {"card_number": "0011"},
        {"event_code": "e1"},
    ],
    ids=["plate", "id", "phone and name", "card", "event code"],
)
def test_a_subject_within_the_time_is_one_pass(bench: Bench, subject: dict[str, Any]) -> None:
    bench.deliver("d_1", [record("08:00:00", **subject), record("08:00:03", gate="北门", **subject)])
    bench.deliver("d_2", [record("08:00:00", **subject)], feed="gates")
    _, report = bench.build()
    assert counts(report) == (3, 1, 2)


@pytest.mark.parametrize(
    "other",
    [
        {"clock": "08:00:04"},
        {"direction": "out"},
        {"community_id": "c_340199001001002"},
        {"id_number": "340199201301011231"},
        {"direction": None},
    ],
)
def test_anything_else_is_another_pass(bench: Bench, other: dict[str, Any]) -> None:
    clock = other.pop("clock", "08:00:01")
    bench.deliver("d_1", [record("08:00:00", **PERSON), record(clock, **{**PERSON, **other})])
    _, report = bench.build()
    assert counts(report) == (2, 2, 0)


def test_a_name_alone_is_nobody(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:00:00", name="张三"), record("08:00:01", name="张三")])
    assert counts(bench.build()[1]) == (2, 2, 0)


def test_without_a_subject_only_exact_repeats_fold(bench: Bench) -> None:
    stranger = {"subject_kind": "unknown"}
    bench.deliver("d_1", [record("08:00:00", **stranger), record("08:00:01", **stranger)])
    bench.deliver("d_2", [record("08:00:00", **stranger), record("08:00:00", gate="北门", **stranger)])
    assert counts(bench.build()[1]) == (4, 3, 1)


def test_a_code_that_comes_again_with_the_person_added_is_the_same_pass(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:00:00", event_code="e1", subject_kind="unknown")])
    bench.deliver("d_2", [record("08:00:00", event_code="e1", **PERSON)], NIGHT)
    assert counts(bench.build()[1]) == (2, 1, 1)


@pytest.mark.parametrize("other", [{"feed": "doors"}, {"company": "other"}])
def test_a_code_means_something_within_its_feed_only(bench: Bench, other: dict[str, str]) -> None:
    bench.deliver("d_1", [record("08:00:00", event_code="1")])
    bench.deliver("d_2", [record("08:00:00", event_code="1")], **other)
    assert counts(bench.build()[1]) == (2, 2, 0)


def test_a_running_number_that_starts_again_is_another_pass(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:00:00", event_code="1"), record("12:00:00", event_code="1")])
    assert counts(bench.build()[1]) == (2, 2, 0)


def test_the_record_of_earliest_provenance_is_kept(bench: Bench) -> None:
    bench.deliver("d_b", [record("08:00:00", **CAR)], NIGHT)
    bench.deliver("d_a", [record("08:00:01", **CAR, row_number=9), record("08:00:02", **CAR, row_number=7)], NIGHT)
    bench.deliver("d_0", [record("08:00:01", **CAR)], NIGHT + timedelta(days=1))
    merge, report = bench.build()
    assert counts(report) == (4, 1, 3)
    assert bench.rows(report, "events_identified", "delivery_id, row_number") == [("d_a", 7)]
    folded = folded_records(merge, bench.con).order("delivery_id, row_number").fetchall()
    assert folded == [
        ("acme", "d_0", "a.csv", 2, "d_a", "a.csv", 7),
        ("acme", "d_a", "a.csv", 9, "d_a", "a.csv", 7),
        ("acme", "d_b", "a.csv", 2, "d_a", "a.csv", 7),
    ]


def test_a_long_chain_is_cut_where_the_kept_record_is_out_of_reach(bench: Bench) -> None:
    bench.deliver("d_1", [record(f"08:00:0{s}", **CAR) for s in (0, 3, 6, 9)])
    merge, report = bench.build()
    assert counts(report) == (4, 2, 2)
    rows = folded_records(merge, bench.con).order("row_number").project("row_number, kept_row_number").fetchall()
    assert rows == [(3, 2), (5, 4)]


def test_no_time_folds_only_what_is_at_the_same_moment(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:00:00", **CAR), record("08:00:01", **CAR), record("08:00:01", **CAR, gate="北门")])
    policy = Policy(events=Events(second_reader_seconds=0))
    assert counts(bench.build(policy=policy)[1]) == (3, 2, 1)


def test_a_shared_card_stays_cheap(bench: Bench) -> None:
    busy = [
        record(f"{h:02}:{m:02}:{s:02}", card_number="0") for h in range(8, 12) for m in range(60) for s in (0, 2, 30)
    ]
    bench.deliver("d_1", busy)
    assert counts(bench.build()[1]) == (720, 480, 240)


def expected_kept(records: list[tuple[tuple[Any, ...], int, str]], within: int) -> set[tuple[Any, ...]]:
    """The rule in words, one record at a time: (provenance, second, subject)."""
    kept: list[tuple[tuple[Any, ...], int, str]] = []
    for r in sorted(records):
        if not any(k[2] == r[2] and abs(k[1] - r[1]) <= within for k in kept):
            kept.append(r)
    return {k[0] for k in kept}


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_the_rule_said_plainly(bench: Bench, seed: int) -> None:
    draw = random.Random(seed)
    told, plain = [], []
    for d in ("d_1", "d_2", "d_3"):
        rows = []
        for n in range(2, 120):
            second, plate = draw.randrange(60), draw.choice(("皖A00001", "皖A00002", "皖A00003"))
            # around midnight, so that both days share the decision
            day, clock = (DAY, f"23:59:{second + 30}") if second < 30 else (NIGHT, f"00:00:{second - 30:02}")
            rows.append(record(clock, day, plate=plate))
            plain.append(((d, n), second, plate))
        told.append((d, rows))
    for d, rows in told:
        bench.deliver(d, rows, NIGHT + timedelta(days=1))
    merge, report = bench.build()
    folded = {r[1:4:2] for r in folded_records(merge, bench.con).fetchall()}
    assert {p[0] for p in plain} - folded == expected_kept(plain, 3)
    assert counts(report) == (354, 354 - len(folded), len(folded))
