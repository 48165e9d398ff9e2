"""Ids: kept while anything of the entity is recognised, and every change in the ledger with its cause."""

from __future__ import annotations

import itertools
import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from register_nights import DAY, Night, Register, Sent, car, company, house, id_number, person

from assets.register import RETIRED
from expectations.contracts.columns import ENTITY_TYPES

A, B = id_number(1), id_number(2, "19880808")
PHONE, OTHER = "13800000001", "13900000002"
BORN = date(1990, 1, 1)
TABLES = ("houses", "residents", "vehicles", "occupancies", "vehicle_holdings", "communities", "sources")


def _residents(*records: dict, night: int = 0) -> Sent:
    return Sent("residents", list(records), on=DAY + timedelta(days=night))


def _id_of(night: Night, **where: object) -> str:
    return night.one("residents", **where)["resident_id"]


def test_ids_sort_as_their_types_do() -> None:
    letters = [t[0] for t in sorted(ENTITY_TYPES)]
    assert letters == sorted(set(letters)), (
        "register tables are sorted by ids alone: each type needs a letter of its own"
    )


def test_unchanged_input_changes_nothing(register: Register) -> None:
    sent = (
        Sent("houses", [house("101"), house("102", unit="2")]),
        _residents(
            person("张三", id=A, phone=PHONE),
            person("张三", id=B, phone=PHONE),
            person("张三", phone=PHONE),
            person("李四"),
            person("李四"),
            person("王*", room=None, name_is_partial=True),
            person("赵六", room="102", unit=None, phone=OTHER),
        ),
        Sent("vehicles", [car("皖A12345", owner_name="张三", owner_phone=PHONE), car("皖A12346", room=None)]),
    )
    first = register.night(*sent)
    second = register.night(*sent, previous=first)
    assert second.events == {}
    for table in (*TABLES, "id_ledger"):
        assert second.rows(table) == first.rows(table), table
    assert all(c.changed == 0 for c in second.report.churn.values())


def test_a_newer_snapshot_of_the_same_people_keeps_every_id(register: Register) -> None:
    people = [person("张三", id=A), person("李四", phone=PHONE), person("王五", record_key="K9"), person("赵六")]
    first = register.night(_residents(*people))
    moved = [
        person("张三丰", room="909", id=A),
        person("李四", phone=PHONE, sex="male"),
        person("王五", room="908", record_key="K9"),
        person("赵六", sex="female"),
    ]
    second = register.night(_residents(*reversed(moved), night=1), previous=first)
    assert second.events.get("resident") is None
    ids = {r["resident_id"]: (r["first_seen"], r["last_seen"]) for r in second.rows("residents")}
    assert ids == {i: (DAY, DAY + timedelta(days=1)) for i in first.column("residents", "resident_id")}
    assert _id_of(second, name="王五") == _id_of(first, name="王五")


def test_two_ids_whose_records_come_together_are_merged_into_the_older(register: Register) -> None:
    first = register.night(_residents(person("张三", phone=PHONE)))
    second = register.night(
        _residents(person("张三", phone=PHONE), person("张三", birth_date=BORN), night=1), previous=first
    )
    assert second.events["resident"] == {"created": 1}
    together = person("张三", id=A, phone=PHONE, birth_date=BORN)
    third = register.night(_residents(together, night=2), previous=second)
    older = _id_of(first)
    assert third.column("residents", "resident_id") == [older]
    [merged] = third.ledger("merged")
    assert merged["other_id"] == older
    assert "birth date" in merged["cause"]
    assert third.one("residents")["first_seen"] == DAY
    fourth = register.night(_residents(together, night=2), previous=third)
    assert fourth.events == {}
    assert fourth.current_id(merged["entity_id"]) == older
    assert fourth.current_id(older) == older
    assert fourth.current_id("r_never") is None


def test_a_split_leaves_the_id_with_the_verified_number(register: Register) -> None:
    first = register.night(_residents(person("张三", id=A, phone=PHONE), *[person("张三", phone=PHONE)] * 3))
    assert first.report.tables["residents"] == 1
    second = register.night(
        _residents(
            person("张三", id=A, phone=OTHER),
            *[person("张三", phone=PHONE, sex="male"), person("张三", phone=PHONE, sex="female")],
            night=1,
        ),
        previous=first,
    )
    assert _id_of(second, id_number=A) == _id_of(first)
    assert second.events["resident"] == {"split": 1}
    [split] = second.ledger("split")
    assert split["other_id"] == _id_of(first)
    assert split["entity_id"] == _id_of(second, id_number=None)
    assert "name, phone and house" in split["cause"]


def test_a_split_without_a_number_leaves_the_id_with_the_larger_part(register: Register) -> None:
    bridge = person("张三", phone=PHONE, birth_date=BORN)
    small, large = person("张三", phone=PHONE), [person("张三", birth_date=BORN, sex=s) for s in ("male", "female")]
    first = register.night(_residents(small, bridge, *large))
    second = register.night(_residents(small, *large, night=1), previous=first)
    assert _id_of(second, source_count=2) == _id_of(first)
    assert second.events["resident"] == {"split": 1}


def test_retired_once_and_restored(register: Register) -> None:
    both = (person("张三", id=A), person("李四", room="102", phone=PHONE))
    first = register.night(_residents(*both))
    gone = _id_of(first, name="李四")
    second = register.night(_residents(both[0], night=1), previous=first)
    assert second.events == {"resident": {"retired": 1}, "house": {"retired": 1}}
    assert second.report.churn["resident"].share == 0.5
    assert not second.report.churn["resident"].exceeds, "never for so few"
    assert second.current_id(gone) == RETIRED
    third = register.night(_residents(both[0], night=2), previous=second)
    assert third.events == {}
    fourth = register.night(_residents(*both, night=3), previous=third)
    assert fourth.events == {"resident": {"restored": 1}, "house": {"restored": 1}}
    assert _id_of(fourth, name="李四") == gone
    assert fourth.one("residents", name="李四")["first_seen"] == DAY
    assert fourth.current_id(gone) == gone
    causes = {r["cause"] for r in fourth.rows("id_ledger")}
    assert all(causes), "every event says why"
    assert not any(secret in cause for cause in causes for secret in ("张", "李", A, PHONE))


def test_a_new_person_with_another_number_never_takes_a_living_id(register: Register) -> None:
    first = register.night(_residents(person("张三", id=A, phone=PHONE, birth_date=BORN)))
    second = register.night(
        _residents(
            person("张三", id=A, phone=PHONE, birth_date=BORN),
            person("张三", id=B, phone=PHONE, birth_date=BORN),
            night=1,
        ),
        previous=first,
    )
    assert _id_of(second, id_number=A) == _id_of(first)
    assert second.events["resident"] == {"created": 1}, "not a split: they share no record"


def test_a_corrected_number_keeps_the_id_and_frees_the_wrong_number(register: Register) -> None:
    first = register.night(_residents(person("张三", id=A, phone=PHONE)))
    second = register.night(_residents(person("张三", id=B, phone=PHONE), night=1), previous=first)
    assert second.events == {}
    assert _id_of(second) == _id_of(first)
    third = register.night(
        _residents(person("张三", id=B, phone=PHONE), person("李四", room="102", id=A), night=2), previous=second
    )
    assert third.events["resident"] == {"created": 1}
    assert _id_of(third, id_number=B) == _id_of(first)


def test_two_numbers_are_never_merged_into_one_id(register: Register) -> None:
    first = register.night(_residents(person("张三", id=A, phone=PHONE), person("张三", id=B, birth_date=BORN)))
    second = register.night(_residents(person("张三", id=A, phone=PHONE, birth_date=BORN), night=1), previous=first)
    assert second.events == {"resident": {"retired": 1}}
    assert _id_of(second) == _id_of(first, id_number=A)


def test_a_record_key_used_for_another_person_moves_no_id(register: Register) -> None:
    first = register.night(_residents(person("张三", record_key="1"), person("李四", room="102", record_key="2")))
    second = register.night(
        _residents(person("王五", room="103", record_key="1"), person("张三", record_key="2"), night=1), previous=first
    )
    assert _id_of(second, name="张三") == _id_of(first, name="张三")
    assert second.events["resident"] == {"created": 1, "retired": 1}


def test_a_split_cluster_with_the_first_record_gets_an_id_of_its_own(register: Register) -> None:
    # the anchor record of the old id is in the part that loses it: the new id must not be the old one again
    anchor = person("张三", phone=PHONE)
    bridge = person("张三", phone=PHONE, birth_date=BORN)
    rest = [person("张三", birth_date=BORN, sex=s) for s in ("male", "female")]
    sent = _residents(anchor, bridge, *rest)
    first = register.night(sent)
    records = Sent("residents", [anchor, *rest], on=DAY)
    second = register.night(records, previous=first)
    ids = second.column("residents", "resident_id")
    assert len(set(ids)) == 2
    assert _id_of(first) in ids


def test_churn_counts_merged_split_and_retired_against_the_budget(register: Register) -> None:
    register.policy = register.policy.model_copy(
        update={"churn": register.policy.churn.model_copy(update={"at_least": 1})}
    )
    first = register.night(Sent("vehicles", [car(f"皖A1234{n}") for n in range(4)]))
    second = register.night(Sent("vehicles", [car("皖A12340")], on=DAY + timedelta(days=1)), previous=first)
    churn = second.report.churn["vehicle"]
    assert (churn.changed, churn.living_before, churn.budget, churn.exceeds) == (3, 4, 0.10, True)


@pytest.fixture(scope="module")
def city() -> tuple[dict, ...]:
    """Two companies' deliveries with every kind of evidence, as (company, dataset, records with row numbers)."""
    names, phones, ids = ("张三", "李四"), (PHONE, OTHER, None), (A, B, None)
    people = [
        person(n, room=r, id=i, phone=p, birth_date=b, unit=u, row_number=k)
        for k, (n, r, i, p, b, u) in enumerate(
            itertools.product(names, ("101", "102"), ids, phones, (BORN, None), ("1", None)), start=2
        )
    ]
    rng = random.Random(7)
    rng.shuffle(people)
    return (
        {"company": "acme", "dataset": "residents", "records": people[:20]},
        {"company": "other", "dataset": "residents", "records": people[20:40]},
        {"company": "acme", "dataset": "houses", "records": [house("101", row_number=2), house("101", row_number=3)]},
        {
            "company": "other",
            "dataset": "vehicles",
            "records": [
                car("皖A12345", owner_name="张三", owner_phone=PHONE, row_number=2),
                car("皖A12345", owner_id_number=A, row_number=3),
            ],
        },
    )


def _build(root: Path, city: tuple[dict, ...], rng: random.Random | None = None) -> dict[str, list[dict]]:
    """The tables of a city, in stored order; ``rng`` shuffles the deliveries and the rows within each."""
    register = Register(root, {"acme": company(trust=20), "other": company("other", trust=80)})
    sent = [Sent(**{**d, "records": list(d["records"])}, delivery=f"d_{d['company']}_{d['dataset']}") for d in city]
    if rng:
        rng.shuffle(sent)
        for s in sent:
            rng.shuffle(s.records)
    night = register.night(*sent)
    return {t: night.rows(t, order=None) for t in (*TABLES, "id_ledger")}


@pytest.fixture(scope="module")
def straight(city: tuple[dict, ...], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict]]:
    return _build(tmp_path_factory.mktemp("straight"), city)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1_000_000))
def test_the_order_of_rows_and_deliveries_does_not_matter(
    city: tuple[dict, ...],
    straight: dict[str, list[dict]],
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
) -> None:
    assert _build(tmp_path_factory.mktemp("mixed"), city, random.Random(seed)) == straight


def test_an_id_leads_along_every_merge_to_the_one_that_stands(register: Register) -> None:
    """Three ids become one over two nights; then its records go, and come back."""
    apart = (
        person("张三", phone=PHONE),
        person("张三", phone=OTHER, birth_date=BORN),
        person("张三", room="102", id=A),
    )
    first = register.night(*(_residents(p, night=n) for n, p in enumerate(apart[:1])))
    second = register.night(_residents(*apart[:2], night=1), previous=first)
    third = register.night(_residents(*apart, night=2), previous=second)
    oldest, middle, newest = (_id_of(third, **w) for w in ({"phone": PHONE}, {"phone": OTHER}, {"id_number": A}))
    both = person("张三", phone=OTHER, birth_date=BORN, id=A)
    fourth = register.night(_residents(apart[0], both, night=3), previous=third)
    assert (fourth.current_id(newest), fourth.current_id(middle)) == (middle, middle)
    all_of_it = person("张三", phone=PHONE, birth_date=BORN, id=A)
    fifth = register.night(_residents(all_of_it, night=4), previous=fourth)
    assert fifth.column("residents", "resident_id") == [oldest]
    assert [fifth.current_id(i) for i in (oldest, middle, newest)] == [oldest] * 3
    gone = register.night(_residents(person("李四", room="909"), night=5), previous=fifth)
    assert [gone.current_id(i) for i in (oldest, middle, newest)] == [RETIRED] * 3
    back = register.night(_residents(all_of_it, night=6), previous=gone)
    assert [back.current_id(i) for i in (oldest, middle, newest)] == [oldest] * 3
