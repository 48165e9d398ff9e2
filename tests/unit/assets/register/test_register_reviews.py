"""Verdicts: they win over evidence and model, not over ID numbers; they last, and can be taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from register_nights import Night, Register, Sent, id_number, person

from assets.register.hold import Link, hold
from assets.verdicts import Verdict

A, B = id_number(1), id_number(2, "19880808")
PHONE, OTHER = "13800000001", "13900000002"
BORN = date(1990, 1, 1)
PAIR = "p_0123456789abcdef"

TWO = [person("张三", birth_date=BORN), person("张三", room="909")]
"""Records that nothing joins."""
LINKED = [
    person("欧阳震华", phone=PHONE, birth_date=BORN, sex="male"),
    person("欧阳震华", room="909", phone=PHONE, birth_date=BORN, sex="male"),
]
"""Records that the linking model joins."""
EXACT = [person("张三", phone=PHONE), person("张三", phone=PHONE, birth_date=BORN)]
"""Records that exact evidence joins."""


def decide(register: Register, night: Night, verdict: str, rows: tuple[int, int] = (2, 3)) -> None:
    """Decide about two rows, by the names that a first verdict of any kind brings to light."""
    names = _names(register, night, rows)
    register.verdicts = (_verdict(verdict, *names),)


def _verdict(verdict: str, left: tuple[str, ...], right: tuple[str, ...], pair: str = PAIR) -> Verdict:
    return Verdict.model_validate(
        {"pair": pair, "verdict": verdict, "left": left, "right": right, "by": "me", "at": datetime.now(UTC)}
    )


def _names(register: Register, night: Night, rows: tuple[int, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    import duckdb

    from assets.register.stage import model, open_records

    with duckdb.connect() as con:
        open_records(con, night.merge, "residents")
        model(con, "record_names")
        found = dict(con.execute("SELECT rid % 4294967296, name FROM record_names").fetchall())
    return (found[rows[0]],), (found[rows[1]],)


def review_rows(night: Night) -> list[dict[str, Any]]:
    return [r for r in night.rows("evidence") if r["rule"] == "review"]


def test_same_joins_and_undoing_it_parts_again(register: Register) -> None:
    sent = Sent("residents", TWO)
    first = register.night(sent)
    assert first.report.tables["residents"] == 2
    decide(register, first, "same")
    second = register.night(sent, previous=first)
    assert second.report.tables["residents"] == 1 and second.events["resident"] == {"merged": 1}
    (row,) = review_rows(second)
    assert (row["pair_id"], row["verdict"], row["probability"]) == (PAIR, "accepted", 1.0)
    assert "reviewed_same" in row["findings"]
    assert {s["match_rule"] for s in second.rows("sources") if s["entity_type"] == "resident"} == {"review"}
    register.verdicts = ()
    third = register.night(sent, previous=second)
    assert third.report.tables["residents"] == 2 and review_rows(third) == []


@pytest.mark.parametrize("records", [LINKED, EXACT], ids=["linked", "exact"])
def test_different_keeps_apart_what_would_be_joined(register: Register, records: list[dict]) -> None:
    sent = Sent("residents", records)
    first = register.night(sent)
    assert first.report.tables["residents"] == 1
    decide(register, first, "different")
    second = register.night(sent, previous=first)
    assert second.report.tables["residents"] == 2
    (row,) = second.rows("evidence") if records is LINKED else review_rows(second)
    assert (row["rule"], row["verdict"], row["other_id"] is not None) == ("review", "rejected", True)
    rules = {s["match_rule"] for s in second.rows("sources") if s["entity_type"] == "resident"}
    assert rules == {"single"}


def test_a_third_record_goes_where_its_strongest_link_leads(register: Register) -> None:
    records = [*EXACT, person("张三", phone=OTHER, birth_date=BORN)]
    first = register.night(Sent("residents", records))
    assert first.report.tables["residents"] == 1
    decide(register, first, "different", (2, 4))
    second = register.night(Sent("residents", records))
    entities = second.entity_of()
    assert entities[2] != entities[4] and entities[3] in (entities[2], entities[4])


def test_two_id_numbers_are_never_joined_and_one_never_parted(register: Register) -> None:
    two = Sent("residents", [person("张三", id=A), person("张三", room="909", id=B)])
    decide(register, register.night(two), "same")
    assert register.night(two).report.tables["residents"] == 2
    one = Sent("residents", [person("张三", id=A), person("张三", room="909", id=A)])
    decide(register, register.night(one), "different")
    assert register.night(one).report.tables["residents"] == 1


def test_a_verdict_holds_when_rows_files_and_days_change_and_waits_while_its_record_is_gone(register: Register) -> None:
    first = register.night(Sent("residents", TWO))
    decide(register, first, "same")
    moved = Sent("residents", [person("李四"), *reversed(TWO)], on=date(2026, 12, 1), file="other.csv")
    assert register.night(moved).report.tables["residents"] == 2
    gone = register.night(Sent("residents", TWO[:1]))
    assert gone.report.counts["resident_verdicts_waiting"] == 1


def test_a_record_key_keeps_a_verdict_through_a_new_phone(register: Register) -> None:
    keyed = [person("张三", record_key="K1"), person("张三", room="909", record_key="K2")]
    decide(register, register.night(Sent("residents", keyed)), "same")
    changed = [{**keyed[0], "phone": OTHER, "phones": [OTHER]}, {**keyed[1], "room": "808"}]
    assert register.night(Sent("residents", changed)).report.tables["residents"] == 1


def test_hold_takes_links_in_order_and_never_brings_foes_together() -> None:
    links = [Link(1, 2), Link(2, 3), Link(3, 4), Link(5, 6, certain=True)]
    groups = hold(range(1, 7), links, {}, [(1, 3), (5, 6)])
    assert groups == {1: 1, 2: 1, 3: 3, 4: 3, 5: 5, 6: 5}
    assert hold([1, 2, 3], [Link(1, 2), Link(2, 3)], {1: 1, 3: 3}, []) == {1: 1, 2: 1, 3: 3}
