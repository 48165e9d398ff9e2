"""Vehicles: one per plate; a misread plate goes to its car on evidence, and never on likeness alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from register_nights import DAY, Night, Register, Sent, car, company, id_number

from expectations.contracts.evidence import FINDINGS, RULES
from expectations.policy import Policy

PHONE = "13800000001"
HELD: dict[str, Any] = {"owner_name": "张三", "owner_phone": PHONE}
NEXT = DAY + timedelta(days=1)
GOLF: dict[str, Any] = {"brand": "大众", "body_colour": "white"}


@pytest.fixture
def register(register: Register) -> Register:
    register.companies = {c: company(c) for c in ("acme", "parking", "garage")}
    return register


def _plates(night: Night) -> set[str]:
    return {v["plate"] for v in night.rows("vehicles")}


def _findings(night: Night) -> list[tuple[str, list[str]]]:
    rows = [r for r in night.rows("evidence") if r["rule"] == "misread"]
    assert all(set(r["findings"]) <= set(FINDINGS) for r in rows) and "misread" in RULES
    return [(r["verdict"], r["findings"]) for r in rows]


@pytest.mark.parametrize("misread", ["皖A128S5", "皖AI2B55", "皖A1Z855", "皖A1285S", "苏A12855", "皖A1ZB55"])
def test_one_misread_character_is_joined_where_holder_and_house_agree(register: Register, misread: str) -> None:
    right = "皖A12855"
    night = register.night(
        Sent("vehicles", [car(right, **HELD, **GOLF)]),
        Sent("vehicles", [car(misread, **HELD, **GOLF)], company="parking"),
    )
    one_character = misread not in ("皖A1ZB55", "皖AI2B55")
    assert len(night.rows("vehicles")) == (1 if one_character else 2)
    if one_character:
        ((verdict, findings),) = _findings(night)
        assert verdict == "accepted"
        assert findings[0] == ("plate_province" if misread[0] == "苏" else "plate_character")
        assert {"owner_name_same", "owner_phone_same", "house_same", "brand_same", "colour_same"} < set(findings)
        assert night.report.counts["vehicle_misreads"] == 1


def test_the_plate_that_more_lists_know_survives_and_every_record_says_its_rule(register: Register) -> None:
    night = register.night(
        Sent("vehicles", [car("皖AB2345", vin="L", **HELD, **GOLF)]),
        Sent("vehicles", [car("皖A82345", **HELD)], company="parking"),
        Sent("vehicles", [car("皖A82345", **HELD), car("皖A82345", **HELD, room="909")], company="garage"),
    )
    vehicle = night.one("vehicles")
    assert (vehicle["plate"], vehicle["brand"], vehicle["source_count"]) == ("皖A82345", "大众", 4)
    rules = {(s["company"], s["row_number"]): s["match_rule"] for s in night.rows("sources")}
    assert rules[("acme", 2)] == "misread" and set(rules.values()) == {"misread", "plate"}
    kept = [s for s in night.rows("sources") if "plate" in s["surviving_columns"]]
    assert len(kept) == 1 and kept[0]["company"] != "acme"


@pytest.mark.parametrize(
    "of_car",
    [
        pytest.param({}, id="nothing else"),
        pytest.param({"owner_name": "张三", "room": "909"}, id="a name, another house"),
        pytest.param({**GOLF, "room": "909"}, id="a usual car, another house"),
        pytest.param({"owner_phone": PHONE, "room": None}, id="a phone"),
        pytest.param({**HELD, "brand": "本田"}, id="another brand"),
        pytest.param({**HELD, "vin": "LSVAU2180N2183295"}, id="another vehicle number"),
        pytest.param({**HELD, "owner_id_number": id_number(7)}, id="another holder"),
    ],
)
def test_likeness_with_too_little_or_against_it_joins_nothing(register: Register, of_car: dict[str, Any]) -> None:
    known = {**HELD, **GOLF, "vin": "LSVAU2180N2183294", "owner_id_number": id_number(1)}
    night = register.night(
        Sent("vehicles", [car("皖A12845", **known)]),
        Sent("vehicles", [car("皖A12B45", **of_car)], company="parking"),
    )
    assert _plates(night) == {"皖A12845", "皖A12B45"}
    assert all(verdict == "grey" for verdict, _ in _findings(night))


def test_two_cars_that_one_list_tells_apart_or_several_know_stay_two(register: Register) -> None:
    both = [car("皖A12845", **HELD, **GOLF), car("皖A12B45", **HELD, **GOLF)]
    one_list = register.night(Sent("vehicles", both))
    assert _plates(one_list) == {"皖A12845", "皖A12B45"}
    ((verdict, findings),) = _findings(one_list)
    assert verdict == "grey" and "held_told_apart" in findings
    (pair,) = [r for r in one_list.rows("evidence") if r["rule"] == "misread"]
    assert {pair["entity_id"], pair["other_id"]} == {v["vehicle_id"] for v in one_list.rows("vehicles")}

    well_known = register.night(
        *(Sent("vehicles", both[:1], company=c) for c in ("acme", "parking")),
        *(Sent("vehicles", both[1:], company=c, file="more.csv", on=DAY - timedelta(days=1)) for c in ("garage",)),
        Sent("vehicles", both[1:], company="acme", file="second.csv", delivery="d_second"),
    )
    assert _plates(well_known) == {"皖A12845", "皖A12B45"}
    assert "held_both_known" in _findings(well_known)[0][1]


def test_a_plate_that_two_cars_could_be_is_left_for_a_person(register: Register) -> None:
    night = register.night(
        Sent("vehicles", [car("皖A82845", **HELD), car("皖A8ZB45", **HELD)]),
        Sent("vehicles", [car("皖A82B45", **HELD)], company="parking"),
    )
    assert len(night.rows("vehicles")) == 3
    assert night.report.counts["vehicle_pairs_grey"] == 2
    assert all("held_several_plates" in findings for _, findings in _findings(night))


def test_a_corrected_misreading_keeps_the_id_and_a_new_car_of_that_plate_gets_its_own(register: Register) -> None:
    known = Sent("vehicles", [car("皖A12845", **HELD, **GOLF)])
    first = register.night(known, Sent("vehicles", [car("皖A12B45", **HELD)], company="parking"))
    again = register.night(known, Sent("vehicles", [car("皖A12B45", **HELD)], company="parking"), previous=first)
    assert again.events == {}
    fixed = register.night(
        known,
        Sent("vehicles", [car("皖A12845", **HELD)], company="parking", on=DAY + timedelta(days=1)),
        previous=first,
    )
    assert fixed.events == {} and fixed.column("vehicles", "vehicle_id") == first.column("vehicles", "vehicle_id")
    bought = register.night(
        known,
        Sent("vehicles", [car("皖A12B45", room="909", brand="本田")], company="garage", on=DAY + timedelta(days=2)),
        previous=fixed,
    )
    assert set(first.column("vehicles", "vehicle_id")) < set(bought.column("vehicles", "vehicle_id"))
    assert sum(bought.events["vehicle"].values()) == 1


def test_the_order_of_lists_does_not_matter(register: Register) -> None:
    sent = [
        Sent("vehicles", [car("皖A12845", **HELD, **GOLF)]),
        Sent("vehicles", [car("皖A12B45", **HELD)], company="parking"),
        Sent("vehicles", [car("皖A1Z845", **HELD)], company="garage"),
    ]
    forwards, backwards = register.night(*sent), register.night(*reversed(sent))
    for table in ("vehicles", "vehicle_holdings", "sources", "evidence"):
        assert forwards.rows(table) == backwards.rows(table)
    assert forwards.one("vehicles")["source_count"] == 3


def test_every_field_can_have_its_own_order_of_preference(register: Register) -> None:
    register.companies |= {"acme": company("acme", trust=10), "garage": company("garage", trust=90)}
    sent = (
        Sent("vehicles", [car("皖A12345", brand="甲", vin="OLD", warnings=["vin_check:vin"])]),
        Sent(
            "vehicles", [car("皖A12345", brand="乙", body_colour="red")], company="parking", on=DAY + timedelta(days=1)
        ),
        Sent("vehicles", [car("皖A12345", brand="丙", vin="RIGHT")], company="garage", on=DAY - timedelta(days=1)),
    )
    orders = {"default": ["recent"], "brand": ["trusted"], "vin": ["verified", "recent"]}
    register.policy = Policy.model_validate({"survivorship": {"vehicles": orders}})
    night = register.night(*sent)
    vehicle = night.one("vehicles")
    assert (vehicle["brand"], vehicle["vin"], vehicle["body_colour"]) == ("丙", "RIGHT", "red")
    given = {s["company"]: s["surviving_columns"] for s in night.rows("sources") if s["entity_type"] == "vehicle"}
    assert given == {"acme": [], "parking": ["plate", "body_colour"], "garage": ["brand", "vin"]}
