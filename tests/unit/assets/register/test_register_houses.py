"""Houses: which mentions are one house, and what survives of its records."""

from __future__ import annotations

from datetime import date, datetime

from register_nights import COMMUNITY, DAY, Night, Register, Sent, car, company, house, person

from expectations.contracts.tables import TABLES


def _keys(night: Night) -> set[tuple[str, str | None, str]]:
    return {(h["building"], h["unit"], h["room"]) for h in night.rows("houses")}


def test_every_dataset_names_houses(register: Register) -> None:
    night = register.night(
        Sent("houses", [house("101")]),
        Sent("residents", [person("张三", room="101"), person("李四", room="102")]),
        Sent("vehicles", [car("皖A12345", room="103")]),
    )
    assert _keys(night) == {("1", "1", "101"), ("1", "1", "102"), ("1", "1", "103")}
    listed = night.one("houses", room="101")
    assert (listed["source_count"], listed["resident_count"]) == (1, 1), "made from its own record, not from mentions"


def test_a_unit_is_found_where_only_one_has_the_room(register: Register) -> None:
    night = register.night(
        Sent("houses", [house("101", unit="2")]), Sent("residents", [person("张三", room="101", unit=None)])
    )
    assert _keys(night) == {("1", "2", "101")}
    assert night.report.counts["houses_with_found_unit"] == 1
    assert night.column("occupancies", "house_id") == night.column("houses", "house_id")


def test_an_ambiguous_unit_stays_unknown(register: Register) -> None:
    night = register.night(
        Sent("houses", [house("101", unit="1"), house("101", unit="2")]),
        Sent("residents", [person("张三", room="101", unit=None)]),
    )
    assert _keys(night) == {("1", "1", "101"), ("1", "2", "101"), ("1", None, "101")}
    unknown = night.one("houses", unit=None)
    assert night.column("occupancies", "house_id") == [unknown["house_id"]]


def test_a_house_keeps_its_id_when_its_unit_becomes_known_and_doubtful_again(register: Register) -> None:
    lone = Sent("residents", [person("张三", room="101", unit=None)])
    first = register.night(lone)
    second = register.night(lone, Sent("houses", [house("101", unit="2")]), previous=first)
    kept = first.column("houses", "house_id")
    assert second.column("houses", "house_id") == kept
    assert second.events == {}
    third = register.night(lone, Sent("houses", [house("101", unit="2"), house("101", unit="1")]), previous=second)
    assert [third.one("houses", unit="2")["house_id"]] == kept, "the full key goes before the doubtful one"
    assert third.events["house"] == {"created": 1, "split": 1}
    assert third.one("id_ledger", event="split")["other_id"] == kept[0]


def test_a_phase_is_found_where_only_one_building_has_the_number(register: Register) -> None:
    first = register.night(Sent("houses", [house("101", building="1")]))
    listed = first.column("houses", "house_id")
    residents = Sent("residents", [person("张三", room="101", building="1期-1")])
    night = register.night(Sent("houses", [house("101", building="1")]), residents, previous=first)
    assert _keys(night) == {("1期-1", "1", "101")}
    assert night.column("houses", "house_id") == night.column("occupancies", "house_id") == listed
    assert night.events == {"resident": {"created": 1}}


def test_buildings_that_a_file_tells_apart_stay_apart(register: Register) -> None:
    night = register.night(
        Sent("houses", [house("101", building="1"), house("101", building="2期-1")]),
        Sent("residents", [person("张三", room="101", building="2期-1")]),
    )
    assert _keys(night) == {("1", "1", "101"), ("2期-1", "1", "101")}


def test_an_ambiguous_phase_stays_unknown(register: Register) -> None:
    night = register.night(
        Sent("houses", [house("101", building="1期-1"), house("101", building="2期-1")]),
        Sent("residents", [person("张三", room="101", building="1")]),
    )
    assert _keys(night) == {("1期-1", "1", "101"), ("2期-1", "1", "101"), ("1", "1", "101")}


def test_floor_comes_from_the_room_where_nobody_sends_it(register: Register) -> None:
    night = register.night(
        Sent("houses", [house("1203"), house("301", floor=4), house("12"), house("A101"), house("99901")])
    )
    assert {h["room"]: h["floor"] for h in night.rows("houses")} == {
        "1203": 12,
        "301": 4,
        "12": None,
        "A101": None,
        "99901": None,
    }


def test_survivorship_prefers_recent_then_trusted_and_never_a_null(register: Register) -> None:
    register.companies["trusted"] = company("trusted", trust=90)
    night = register.night(
        Sent("houses", [house("101", area_m2=80.0, use="residential", updated_at=datetime(2026, 1, 1))]),
        Sent("houses", [house("101", area_m2=90.0, status="vacant")], company="trusted"),
        Sent("houses", [house("101", area_m2=95.0, tenure="private")], file="b.csv"),
    )
    golden = night.one("houses", room="101")
    assert (golden["area_m2"], golden["use"]) == (80.0, "residential"), "the one with a time of change is recent"
    assert (golden["status"], golden["tenure"]) == ("vacant", "private")
    given = {(s["company"], s["file"]): s["surviving_columns"] for s in night.rows("sources")}
    assert given == {
        ("acme", "export.csv"): ["use", "area_m2"],
        ("trusted", "export.csv"): ["status"],
        ("acme", "b.csv"): ["tenure"],
    }
    assert set(night.column("sources", "match_rule")) == {"house_key"}


def test_a_corrected_house_key_keeps_the_id_by_the_record_key(register: Register) -> None:
    first = register.night(Sent("houses", [house("101", record_key="F1"), house("102", record_key="F2")]))
    second = register.night(
        Sent("houses", [house("101", record_key="F1"), house("103", record_key="F2")], on=date(2026, 11, 21)),
        previous=first,
    )
    assert second.one("houses", room="103")["house_id"] == first.one("houses", room="102")["house_id"]
    assert second.events == {}


def test_renumbered_records_change_no_house(register: Register) -> None:
    first = register.night(Sent("houses", [house("101", record_key="1"), house("102", record_key="2")]))
    rows = [house("100", record_key="1"), house("101", record_key="2"), house("102", record_key="3")]
    second = register.night(Sent("houses", rows, on=date(2026, 11, 21)), previous=first)
    for room in ("101", "102"):
        assert second.one("houses", room=room)["house_id"] == first.one("houses", room=room)["house_id"]
    assert second.events == {"house": {"created": 1}}


def test_delta_deliveries_correct_by_record_key_else_by_natural_key(register: Register) -> None:
    register.companies["acme"] = company(mode="delta")
    night = register.night(
        Sent("houses", [house("101", record_key="F1"), house("102", area_m2=70.0), house("103")]),
        Sent("houses", [house("201", record_key="F1"), house("102", area_m2=75.0)], on=date(2026, 11, 21)),
    )
    assert {h["room"]: h["area_m2"] for h in night.rows("houses")} == {"201": None, "102": 75.0, "103": None}
    assert night.report.counts["houses_superseded"] == 2
    assert night.one("houses", room="102")["first_seen"] == DAY, "the first delivery that had it, corrected or not"


def test_communities_of_two_companies_are_one_row_with_counts(register: Register) -> None:
    register.companies["other"] = company("other")
    night = register.night(
        Sent("residents", [person("张三", room="101", phone="13800000001"), person("张三", room="102")]),
        Sent("vehicles", [car("皖A12345")], company="other"),
    )
    [row] = night.rows("communities")
    assert (row["community_id"], row["company"]) == (COMMUNITY, "acme,other")
    assert (row["house_count"], row["resident_count"], row["vehicle_count"]) == (2, 2, 1)


def test_an_empty_register_has_every_table_with_its_columns(register: Register) -> None:
    night = register.night()
    assert night.report.tables["communities"] == 1
    for table in ("houses", "residents", "vehicles", "occupancies", "vehicle_holdings", "sources", "id_ledger"):
        assert night.rows(table) == []
        assert night.columns(table) == [(c.name, c.type) for c in TABLES[table].columns]
