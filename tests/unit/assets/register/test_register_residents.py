"""Residents: exact evidence joins, different ID numbers never do, the best value survives."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from register_nights import Register, Sent, company, id_number, person

from expectations.policy import Policy

A, B = id_number(1), id_number(2, "19880808")
PHONE = "13800000001"
BORN = date(1990, 1, 1)


JOINED = [
    (person("张三", id=A), person("张山", room="202", id=A), "id_number"),
    (person("张三", id=A, phone=PHONE), person("张三", phone=PHONE), "name_phone_house"),
    (person("张三", phone=PHONE), person("张三", phones=["13900000002", PHONE]), "name_phone_house"),
    (person("张三", id=A, birth_date=BORN), person("张三", birth_date=BORN), "name_birth_house"),
    (person("张三", birth_date=BORN), person("张三", birth_date=BORN), "name_birth_house"),
    (person("张三", phone=PHONE), person("张三", phone=PHONE, unit=None), "name_phone_house"),
    (person("Li", id=A, id_type="passport"), person("Li", room="202", id=A, id_type="passport"), "id_number"),
]
APART = [
    (person("张三"), person("张三")),
    (person("张三", phone=PHONE), person("张三", room="102", phone=PHONE)),
    (person("张三", phone=PHONE), person("李四", phone=PHONE)),
    (person("张*", phone=PHONE, name_is_partial=True), person("张*", phone=PHONE, name_is_partial=True)),
    (person("张三", room=None, phone=PHONE), person("张三", room=None, phone=PHONE)),
    (person("张三", id=A, phone=PHONE, birth_date=BORN), person("张三", id=B, phone=PHONE, birth_date=BORN)),
    (person("张三", id_weak="340199199001"), person("张三", id_weak="340199199001")),
    (person("Li", id="AB1234567", id_type="passport"), person("Li", id="AB1234567", id_type="taiwan_pass")),
]


def _in_building(number: int, record: dict) -> dict:
    """The record in a building of its own, its ID number and birth date another person's: otherwise linking would see
    one person of one name and birth date in two buildings."""
    ids = {A: id_number(10 + number), B: id_number(110 + number)}
    number_sent = record["id_number"]
    place = {"building": str(number)} if "building" in record else {}
    moved = {k: v + timedelta(days=400 * number) for k, v in record.items() if k == "birth_date"}
    return {**record, **place, **moved, "id_number": ids.get(number_sent, number_sent)}


def _cases(cases: list[tuple]) -> Sent:
    return Sent("residents", [_in_building(n, r) for n, (left, right, *_) in enumerate(cases) for r in (left, right)])


def test_exact_evidence_makes_one_resident(register: Register) -> None:
    night = register.night(_cases(JOINED))
    entities = night.entity_of()
    rules = {s["row_number"]: s["match_rule"] for s in night.rows("sources") if s["entity_type"] == "resident"}
    for n, (*_, rule) in enumerate(JOINED):
        left, right = 2 * n + 2, 2 * n + 3
        assert entities[left] == entities[right], JOINED[n]
        assert (rules[left], rules[right]) == (rule, rule)
    assert set(night.column("residents", "source_count")) == {2}
    assert set(night.column("residents", "match_confidence")) == {1.0}


def test_less_than_exact_evidence_makes_two(register: Register) -> None:
    night = register.night(_cases(APART))
    entities = night.entity_of()
    for n, case in enumerate(APART):
        assert entities[2 * n + 2] != entities[2 * n + 3], case


def test_a_record_without_id_joins_only_where_its_keys_lead_to_one_id(register: Register) -> None:
    one = register.night(
        Sent(
            "residents",
            [person("张三", id=A, phone=PHONE), person("张三", id=A, room="102"), person("张三", phone=PHONE)],
        )
    )
    assert one.report.tables["residents"] == 1
    two = register.night(
        Sent(
            "residents",
            [person("张三", id=A, phone=PHONE), person("张三", id=B, phone=PHONE), person("张三", phone=PHONE)],
        )
    )
    entities = two.entity_of()
    assert len(set(entities.values())) == 3, "both IDs and the doubtful record stand alone"


def test_a_chain_without_ids_that_leads_to_two_ids_stays_together_and_alone(register: Register) -> None:
    other = "13900000002"
    night = register.night(
        Sent(
            "residents",
            [
                person("张三", id=A, phone=PHONE),
                person("张三", phone=PHONE, birth_date=BORN),
                person("张三", phone=other, birth_date=BORN),
                person("张三", id=B, phone=other),
            ],
        )
    )
    entities = night.entity_of()
    assert entities[3] == entities[4]
    assert len(set(entities.values())) == 3


def test_an_owner_of_several_houses_is_one_resident_with_several_occupancies(register: Register) -> None:
    register.companies["other"] = company("other")
    night = register.night(
        Sent("residents", [person("张三", id=A, role="owner"), person("张三", room="102", id=A, role="owner")]),
        Sent("residents", [person("张三", room="909", id=A, role="owner")], company="other"),
    )
    assert night.report.tables["residents"] == 1
    assert night.column("occupancies", "role") == ["owner"] * 3
    assert len(set(night.column("occupancies", "house_id"))) == 3
    assert night.one("communities")["resident_count"] == 1


def test_a_name_and_phone_shared_by_very_many_records_is_no_evidence(register: Register) -> None:
    night = register.night(Sent("residents", [person("业主", phone=PHONE, valid_from=date(2020, 1, 1))] * 101))
    assert night.report.tables["residents"] == 101
    assert night.report.counts["resident_hot_keys"] == 1


def test_the_golden_record_prefers_verified_and_whole_values(register: Register) -> None:
    register.companies["acme"] = company(trust=10)
    night = register.night(
        Sent(
            "residents",
            [
                person("张*", id=A, name_is_partial=True, sex="male", birth_date=BORN),
                person("张三", id=A, id_verified=False, sex="female", phone=PHONE, updated_at=datetime(2026, 5, 1)),
                person("张三丰", id=A, id_verified=False, phone="13900000002", updated_at=datetime(2026, 6, 1)),
            ],
        )
    )
    [golden] = night.rows("residents")
    assert golden["name"] == "张三", "whole names first, then the fuller record"
    assert (golden["sex"], golden["birth_date"], golden["id_number"]) == ("male", BORN, A)
    assert golden["id_verified"] is True
    assert golden["phone"] == PHONE
    given = {s["row_number"]: s["surviving_columns"] for s in night.rows("sources") if s["entity_type"] == "resident"}
    assert given == {
        2: ["sex", "birth_date", "id_type", "id_number", "id_verified"],
        3: ["name", "phone"],
        4: [],
    }


def test_the_policy_decides_the_order_of_preference(register: Register) -> None:
    register.companies |= {"near": company("near", trust=90), "acme": company(trust=10)}
    sent = (
        Sent("residents", [person("张三", id=A, phone=PHONE, updated_at=datetime(2026, 6, 1))]),
        Sent("residents", [person("张三", id=A, phone="13900000002")], company="near"),
    )
    assert register.night(*sent).column("residents", "phone") == [PHONE]
    register.policy = Policy.model_validate({"survivorship": {"residents": ["trusted"]}})
    assert register.night(*sent).column("residents", "phone") == ["13900000002"]


def test_a_later_delta_corrects_by_house_and_person(register: Register) -> None:
    register.companies["acme"] = company(mode="delta")
    night = register.night(
        Sent("residents", [person("张三", id=A, phone=PHONE), person("李四"), person("王五", record_key="K5")]),
        Sent(
            "residents",
            [person("张三", id=A, phone="13900000002"), person("王武", record_key="K5")],
            on=date(2026, 11, 21),
        ),
    )
    assert night.report.counts["residents_superseded"] == 2
    assert {r["name"] for r in night.rows("residents")} == {"张三", "李四", "王武"}
    assert night.one("residents", name="张三")["phone"] == "13900000002"
