"""Linking, through the whole register: each kind of near match with the right outcome."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from register_nights import Night, Register, Sent, car, id_number, person

from assets.register.linking import PAIRS, score, units
from assets.register.linking.comparisons import PLACE, gamma
from expectations.policy import Linking, Policy

PHONE, OTHER_PHONE = "13800000001", "13900000002"
BORN, LONG_AGO = date(1990, 1, 12), date(1962, 5, 6)
NUMBER = id_number(17, "19900112")


def whole(name: str = "欧阳建国", **more: Any) -> dict:
    """Somebody with a valid ID number."""
    return person(name, **{"id": NUMBER, "phone": PHONE, "birth_date": BORN, "sex": "male"} | more)


def partial(name: str, **more: Any) -> dict:
    return person(name, name_is_partial=True, **more)


def typed(number: str, at: int) -> str:
    """The number with one digit wrong."""
    return number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]


def swapped(number: str, at: int) -> str:
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


MASKED = NUMBER[:6] + "********" + NUMBER[-4:]
ONE_PERSON = {
    "homophone": (whole("张伟民"), person("张玮民", birth_date=BORN, phone=PHONE, sex="male")),
    "homophone in one house, no birth date": (whole("张伟民"), person("张玮民", phone=PHONE)),
    "look-alike": (whole("李曦晴"), person("李曦睛", birth_date=BORN, phone=PHONE)),
    "look-alike elsewhere": (whole("李曦晴"), person("李曦睛", room="909", birth_date=BORN, phone=PHONE)),
    "characters in another order": (whole("李曦晴"), person("李晴曦", birth_date=BORN, phone=PHONE)),
    "another character, past the age of twins at home": (
        whole("王国强", id=id_number(17, "19620506"), birth_date=LONG_AGO),
        person("王图强", birth_date=LONG_AGO, phone=PHONE, sex="male"),
    ),
    "another character elsewhere, grown up": (
        whole("王国强"),
        person("王图强", room="909", birth_date=BORN, phone=PHONE, sex="male"),
    ),
    "compound surname, masked": (whole("欧阳建国"), partial("欧阳**", id_weak=MASKED, phone=PHONE)),
    "one digit wrong": (whole(), person("欧阳建国", room="909", id_weak=typed(NUMBER, 15), birth_date=BORN)),
    "digits swapped": (whole(), person("欧阳建国", room="909", id_weak=swapped(NUMBER, 10), phone=PHONE)),
    "a digit left out": (whole(), person("欧阳建国", room="909", id_weak=NUMBER[:9] + NUMBER[10:], phone=PHONE)),
    "tail lost": (whole(), person("欧阳建国", room="909", id_weak=NUMBER[:15], phone=PHONE)),
    "masked number": (whole(), person("欧阳建国", room="909", id_weak=MASKED, phone=PHONE)),
    "masked phone": (whole(), person("欧阳建国", room="909", phone_weak="138****0001", birth_date=BORN)),
    "damaged name": (whole(), partial("欧阳?国", room="909", phone=PHONE, birth_date=BORN)),
    "day and month swapped": (whole(), person("欧阳建国", room="909", phone=PHONE, birth_date=date(1990, 12, 1))),
    "name, birth date and phone elsewhere": (whole(), person("欧阳建国", room="909", phone=PHONE, birth_date=BORN)),
    "two damaged forms of one number": (
        person("欧阳建国", phone=PHONE, birth_date=BORN, id_weak=MASKED),
        person("欧阳建国", room="909", phone=PHONE, birth_date=BORN, id_weak=NUMBER[:15]),
    ),
    "two without numbers": (
        person("欧阳建国", phone=PHONE, birth_date=BORN, sex="male"),
        person("欧阳建国", room="909", phone=PHONE, birth_date=BORN, sex="male"),
    ),
}
TWO_PEOPLE = {
    "name and house": (person("欧阳建国"), person("欧阳建国")),
    "name and phone, where no name is known to be rare": (whole(), person("欧阳建国", room="909", phone=PHONE)),
    "same-name neighbours": (whole(), person("欧阳建国", room="102", phone=OTHER_PHONE)),
    "same-name neighbours, other birth dates": (whole(), person("欧阳建国", room="102", birth_date=date(1962, 5, 6))),
    "father and son with one phone": (whole("王建国"), person("王建军", phone=PHONE, birth_date=date(2015, 3, 4))),
    "father and son, no birth date": (whole("王建国"), person("王建军", phone=PHONE)),
    "twins": (whole("王梓涵"), person("王梓轩", phone=PHONE, birth_date=BORN, sex="male")),
    "twins with the tail of the number lost": (
        whole("王梓涵"),
        person("王梓轩", phone=PHONE, birth_date=BORN, sex="male", id_weak=NUMBER[:15]),
    ),
    "brother and sister with like-sounding names": (
        whole("王思雨"),
        person("王思宇", phone=PHONE, birth_date=BORN, sex="female"),
    ),
    "twins, one of them by surname only": (
        whole("王梓涵"),
        partial("王**", birth_date=BORN, sex="male"),
    ),
    "siblings with one name": (whole(), person("欧阳建国", phone=PHONE, birth_date=date(1992, 7, 30), sex="male")),
    "masked name in one house": (whole(), partial("欧**", phone=PHONE)),
    "two masked names": (partial("欧**", phone=PHONE), partial("欧**", phone=PHONE)),
    "masked number of somebody else": (
        whole(),
        person("欧阳建国", room="909", id_weak=NUMBER[:6] + "********0000", birth_date=BORN),
    ),
    "two valid numbers": (whole(), whole(id=id_number(18, "19900112"))),
}


def sent(*records: dict) -> Sent:
    return Sent("residents", list(records))


@pytest.mark.parametrize("case", ONE_PERSON)
def test_one_person(register: Register, case: str) -> None:
    night = register.night(sent(*ONE_PERSON[case]))
    assert night.report.tables["residents"] == 1
    [linked] = [s for s in night.rows("sources") if s["match_rule"] == "linked" and s["row_number"] == 3]
    [resident] = night.rows("residents")
    assert Linking().accept <= resident["match_confidence"] == linked["match_probability"] < 1


@pytest.mark.parametrize("case", TWO_PEOPLE)
def test_two_people(register: Register, case: str) -> None:
    night = register.night(sent(*TWO_PEOPLE[case]))
    assert night.report.tables["residents"] == 2
    assert set(night.column("residents", "match_confidence")) == {1.0}


def household(room: str, **more: Any) -> list[dict]:
    """A mother and her son, without ID numbers or phones of their own."""
    return [
        person("赵晓红", room=room, birth_date=date(1985, 5, 5), sex="female"),
        person("王梓涵", room=room, sex="male", **more),
    ]


def test_one_household_in_two_homes_tells_of_a_child_without_a_birth_date(register: Register) -> None:
    def child(night: Night) -> dict[str, Any]:
        return next(p for p in pairs(night) if p["gamma_birth_date"] == -1)

    known = household("101", birth_date=date(2015, 3, 4))
    night = register.night(sent(*known, *household("909")))
    found = child(night)
    assert found["gamma_place"] == gamma(PLACE, "same household elsewhere")
    assert found["mw_place"] > 8
    register.policy = Policy(linking=Linking(review_from=0))
    alone = child(register.night(sent(known[1], household("909")[1])))
    assert alone["weight"] < found["weight"] - 7


def test_one_car_at_two_homes_tells_of_its_holder(register: Register) -> None:
    def moved(owner: str) -> Night:
        cars = [car("皖A12345", owner_id_number=NUMBER), car("皖A12345", room="909", owner_name=owner)]
        people = sent(whole(), person("欧阳建国", room="909", birth_date=BORN, phone=OTHER_PHONE))
        return Register(register.root / owner).night(people, Sent("vehicles", cars))

    night = moved("欧阳建国")
    assert night.report.tables["residents"] == 1
    [pair] = pairs(night)
    assert pair["mw_car"] > 10
    assert moved("赵晓红").report.tables["residents"] == 2


def test_an_agents_phone_does_not_speak_against_a_person(register: Register) -> None:
    """Whoever is reached through an agent has another phone too."""
    lodgers = [person(f"{s}伟", room=str(200 + n), phone=OTHER_PHONE) for n, s in enumerate("王李张刘陈杨黄赵吴周徐孙")]
    former = person("欧阳建国", room="909", phone=OTHER_PHONE, birth_date=BORN, sex="male")
    night = register.night(sent(whole(), former, *lodgers))
    [pair] = pairs(night)
    assert (pair["gamma_phone"], pair["mw_phone"]) == (-1, 0)


def test_a_record_that_two_people_claim_joins_neither(register: Register) -> None:
    night = register.night(
        sent(
            whole("王梓涵", id=id_number(17, "19900112")),
            whole("王梓轩", id=id_number(18, "19900112")),
            partial("王梓?", phone=PHONE, birth_date=BORN, sex="male"),
        )
    )
    assert night.report.tables["residents"] == 3
    assert [(p["verdict"], p["reason"]) for p in pairs(night)] == [("grey", "ambiguous")] * 2


def test_a_planted_bad_edge_joins_nobody_else(register: Register) -> None:
    """A clerk copied one person's ID number, with a slip, onto another's row: their clusters stay apart."""
    stranger = whole("赵晓红", id=id_number(40, "19850505"), birth_date=date(1985, 5, 5), phone=OTHER_PHONE, room="909")
    bridge = person("欧阳建国", phone=PHONE, id_weak=typed(stranger["id_number"], 15))
    night = register.night(sent(whole(), bridge, stranger, {**stranger, "room": "808"}))
    entities = night.entity_of()
    assert entities[2] != entities[4] == entities[5]
    ids = {r["id_number"] for r in night.rows("residents") if r["id_number"]}
    assert ids == {NUMBER, stranger["id_number"]}


def test_an_over_large_group_is_cut_at_its_weakest_pair_and_shown(register: Register) -> None:
    register.policy = Policy(linking=Linking(largest=2))
    same = {"birth_date": BORN, "phone": PHONE}
    rooms = [("101", "male"), ("808", "male"), ("909", None)]
    night = register.night(sent(*(person("欧阳建国", room=room, sex=sex, **same) for room, sex in rooms)))
    entities = night.entity_of()
    assert entities[2] == entities[3] != entities[4]
    held = {(p["left_row_number"], p["right_row_number"]): p["reason"] for p in pairs(night) if p["verdict"] == "grey"}
    assert held == {(2, 4): "too large", (3, 4): "too large"}


def test_a_household_is_compared_only_where_names_are_alike(register: Register) -> None:
    def compared(*names: str) -> int:
        return register.night(sent(*(person(n) for n in names))).report.counts["resident_pairs_compared"]

    assert compared("欧阳建国", "王小红", "李曦晴") == 0
    assert compared("欧阳建国", "欧阳建民") == 1, "surname"
    assert compared("王建国", "李建国") == 1, "end of the name"
    assert compared("李曦晴", "晴曦李") == 1, "characters"


def test_an_agents_phone_joins_nobody(register: Register) -> None:
    names = [
        f"{s}{g}"
        for s in "王李张刘陈杨黄赵吴周"
        for g in "伟芳娜敏静强磊军洋勇艳杰娟涛明超秀霞平刚桂文辉力玲建飞兰红梅"
    ]
    rows = [person(name, room=str(100 + n), phone=PHONE) for n, name in enumerate(names)]
    again = person(names[0], room="999", phone=PHONE, sex="male")
    night = register.night(sent(*rows, again))
    assert len(rows) == 300
    assert night.report.tables["residents"] == 301
    assert night.report.counts["resident_hot_link_keys"] >= 1


EVERYBODY = [
    {**r, "building": str(n), "row_number": 2 * n + place}
    for n, case in enumerate((*ONE_PERSON.values(), *TWO_PEOPLE.values()), start=1)
    for place, r in enumerate(case)
]


def linked(root: Path, rows: list[dict]) -> tuple[Any, ...]:
    night = Register(root).night(Sent("residents", rows, delivery="d_1"))
    return night.entity_of(), night.rows("residents"), pairs(night)


def test_the_order_of_records_and_files_does_not_matter(tmp_path: Path) -> None:
    assert linked(tmp_path / "one", EVERYBODY) == linked(tmp_path / "other", EVERYBODY[::-1])


def test_a_large_register_is_linked_in_slices_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_numbers = [whole(room="808", row_number=900), whole(room="809", row_number=901)]  # a unit of two records
    at_once = linked(tmp_path / "at once", [*EVERYBODY, *whole_numbers])
    monkeypatch.setattr(units, "GATHERED_AT_ONCE", 3)
    monkeypatch.setattr(score, "PAIRS_AT_ONCE", 7)
    assert linked(tmp_path / "in slices", [*EVERYBODY, *whole_numbers]) == at_once


def test_the_policy_decides_what_is_accepted_and_what_is_kept_for_review(register: Register) -> None:
    register.policy = Policy(linking=Linking(accept=1))
    night = register.night(sent(*ONE_PERSON["homophone"]))
    assert night.report.tables["residents"] == 2
    [pair] = pairs(night)
    assert (pair["verdict"], pair["left_row_number"], pair["right_row_number"]) == ("grey", 2, 3)
    assert pair["left_file"] == "export.csv"
    assert pair["probability"] > 0.97
    assert pair["mw_birth_date"] > 0


def test_a_night_with_nothing_open_keeps_no_pairs(register: Register) -> None:
    assert pairs(register.night(sent(whole()))) == []


def pairs(night: Night) -> list[dict]:
    return pq.read_table(night.merge.state / PAIRS).to_pylist()
