"""Links: roles, periods across nights, and whose a vehicle is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from register_nights import COMMUNITY, DAY, Night, Register, Sent, car, company, house, id_number, person

A, B = id_number(1), id_number(2, "19880808")
PHONE = "13800000001"
NEXT = DAY + timedelta(days=1)


def test_roles_are_as_sent_else_follow_from_the_relation(register: Register) -> None:
    night = register.night(
        Sent(
            "residents",
            [
                person("甲", room="101", role="owner", relation_to_head="self"),
                person("乙", room="102", relation_to_head="spouse"),
                person("丙", room="103", relation_to_head="not_related"),
                person("丁", room="104"),
            ],
        )
    )
    rooms = {h["house_id"]: h["room"] for h in night.rows("houses")}
    found = {rooms[o["house_id"]]: (o["role"], o["relation_to_head"]) for o in night.rows("occupancies")}
    assert found == {
        "101": ("owner", "self"),
        "102": ("family", "spouse"),
        "103": ("other", "not_related"),
        "104": ("other", None),
    }


def test_a_named_role_goes_before_a_missing_one(register: Register) -> None:
    register.companies["doors"] = company("doors")
    night = register.night(
        Sent("residents", [person("甲", id=A, valid_to=date(2020, 1, 1), role="tenant")]),
        Sent("residents", [person("甲", id=A), person("甲", id=A, role="owner", sex="male")], company="doors"),
    )
    [occupancy] = night.rows("occupancies")
    assert (occupancy["role"], occupancy["valid_to"], occupancy["is_current"]) == ("owner", None, True)


def test_validity_is_judged_on_the_day_of_the_merge(register: Register) -> None:
    night = register.night(
        Sent(
            "residents",
            [
                person("甲", room="101", valid_from=date(2020, 1, 1), valid_to=DAY),
                person("乙", room="102", valid_from=date(2020, 1, 1), valid_to=DAY - timedelta(days=1)),
                person("丙", room="103", valid_from=NEXT),
                person("丁", room="104"),
            ],
        )
    )
    rooms = {h["house_id"]: h for h in night.rows("houses")}
    current = {rooms[o["house_id"]]["room"]: o["is_current"] for o in night.rows("occupancies")}
    assert current == {"101": True, "102": False, "103": False, "104": True}
    assert {h["room"]: h["resident_count"] for h in rooms.values()} == {"101": 1, "102": 0, "103": 0, "104": 1}
    assert night.one("communities")["resident_count"] == 2
    assert {o["valid_from"] for o in night.rows("occupancies")} == {date(2020, 1, 1), NEXT, DAY}


def test_a_link_no_longer_delivered_is_closed_and_opens_anew_when_it_comes_back(register: Register) -> None:
    lives, moved = [person("甲", id=A), person("乙", id=B)], [person("甲", room="202", id=A), person("乙", id=B)]
    days = [DAY + timedelta(days=n) for n in range(4)]
    first = register.night(Sent("residents", lives, on=days[0]))
    second = register.night(Sent("residents", moved, on=days[1]), previous=first)
    third = register.night(Sent("residents", moved, on=days[2]), previous=second)
    fourth = register.night(Sent("residents", lives, on=days[3]), previous=third)

    def periods(night: Night) -> list[tuple]:
        resident = night.one("residents", id_number=A)["resident_id"]
        rooms = {h["house_id"]: h["room"] for h in night.rows("houses")}
        return sorted(
            (rooms[o["house_id"]], o["valid_from"], o["valid_to"], o["is_current"])
            for o in night.rows("occupancies")
            if o["resident_id"] == resident
        )

    assert periods(first) == [("101", days[0], None, True)]
    moved_in = ("202", days[1], None, True)
    assert periods(second) == periods(third) == [("101", days[0], days[1], False), moved_in]
    assert periods(fourth) == [("101", days[0], days[1], False), ("101", days[3], None, True)]
    with_retired_house = fourth.report.id_events["house"]
    assert with_retired_house == {"retired": 1}, "periods of the retired house wait in the state"


def test_a_period_keeps_its_first_day_and_takes_over_a_sent_one(register: Register) -> None:
    first = register.night(Sent("residents", [person("甲", id=A, role="owner")]))
    second = register.night(Sent("residents", [person("甲", id=A, role="owner")], on=NEXT), previous=first)
    assert second.column("occupancies", "valid_from") == [DAY]
    sent = person("甲", id=A, role="owner", valid_from=date(2019, 5, 1))
    third = register.night(Sent("residents", [sent], on=NEXT), previous=second)
    assert third.column("occupancies", "valid_from") == [date(2019, 5, 1)]


def test_closed_periods_follow_a_merged_resident(register: Register) -> None:
    first = register.night(Sent("residents", [person("甲", phone=PHONE), person("甲", birth_date=date(1990, 1, 1))]))
    assert first.report.tables["residents"] == 2
    both = person("甲", phone=PHONE, birth_date=date(1990, 1, 1))
    second = register.night(Sent("residents", [both], on=NEXT), previous=first)
    [occupancy] = second.rows("occupancies")
    assert occupancy["resident_id"] == second.one("residents")["resident_id"]
    assert (occupancy["valid_from"], occupancy["valid_to"]) == (DAY, None)


def test_the_holder_by_id_then_name_and_phone_then_the_only_name(register: Register) -> None:
    people = [
        person("甲", id=A, phone=PHONE),
        person("甲", id=B, phone="13900000002"),
        person("乙", room="102"),
        person("丙*", room="103", name_is_partial=True),
        person("丁", room="104", id=id_number(4)),
    ]
    cars = [
        car("皖A00001", room="909", owner_id_number=A, owner_name="甲"),
        car("皖A00002", owner_name="甲", owner_phone="13900000002"),
        car("皖A00003", owner_name="甲"),
        car("皖A00004", room="102", owner_name="乙", owner_phone="13700000000"),
        car("皖A00005", room="103", owner_name="丙*", owner_name_is_partial=True),
        car("皖A00006", room="102", owner_name="某某科技有限公司"),
        car("皖A00007", room="104", owner_name="丁", owner_id_number=id_number(5)),
        car("皖A00008", room=None, owner_name="乙"),
    ]
    night = register.night(Sent("residents", people), Sent("vehicles", cars))
    entity = night.entity_of()
    plates = {v["vehicle_id"]: v["plate"][-1] for v in night.rows("vehicles")}
    holders = {plates[h["vehicle_id"]]: h["resident_id"] for h in night.rows("vehicle_holdings")}
    assert holders == {
        "1": entity[2],
        "2": entity[3],
        "3": None,
        "4": entity[4],
        "5": None,
        "6": None,
        "7": None,
        "8": None,
    }


def test_a_holding_that_knows_less_is_not_repeated(register: Register) -> None:
    register.companies["parking"] = company("parking")
    night = register.night(
        Sent("residents", [person("甲", id=A)]),
        Sent("vehicles", [car("皖A00001", owner_id_number=A, role="owner"), car("皖A00002")]),
        Sent("vehicles", [car("皖A00001"), car("皖A00001", room=None), car("皖A00002", room=None)], company="parking"),
    )
    holdings = night.rows("vehicle_holdings")
    assert len(holdings) == 2
    full = next(h for h in holdings if h["resident_id"])
    assert (full["role"], full["is_current"], full["community_id"]) == ("owner", True, COMMUNITY)
    assert full["house_id"] is not None
    assert night.one("communities")["vehicle_count"] == 2
    assert {v["plate"]: v["source_count"] for v in night.rows("vehicles")} == {"皖A00001": 3, "皖A00002": 2}


def test_a_sold_car_closes_one_holding_and_opens_another(register: Register) -> None:
    people = Sent("residents", [person("甲", id=A), person("乙", room="102", id=B)])
    first = register.night(people, Sent("vehicles", [car("皖A00001", owner_id_number=A)]))
    sold = Sent("vehicles", [car("皖A00001", room="102", owner_id_number=B)], on=NEXT)
    second = register.night(people, sold, previous=first)
    assert second.events == {}
    entity = second.entity_of()
    found = {(h["resident_id"], h["valid_to"], h["is_current"]) for h in second.rows("vehicle_holdings")}
    assert found == {(entity[2], NEXT, False), (entity[3], None, True)}


def test_the_vehicle_takes_the_fuller_record(register: Register) -> None:
    night = register.night(
        Sent(
            "vehicles",
            [
                car("皖A00001", brand="甲牌", vehicle_type="car"),
                car("皖A00001", brand="乙牌", body_colour="red", vin="X"),
            ],
        ),
        Sent("houses", [house("101")]),
    )
    vehicle = night.one("vehicles")
    assert (vehicle["brand"], vehicle["vehicle_type"], vehicle["vin"]) == ("乙牌", "car", "X")


def test_a_car_sold_and_bought_back_has_three_periods(register: Register) -> None:
    people = [person("甲", id=A), person("乙", room="102", id=B)]
    owners = [("101", A), ("102", B), ("101", A)]
    night = None
    for n, (room, owner) in enumerate(owners):
        on = DAY + timedelta(days=n)
        sent = Sent("vehicles", [car("皖A00001", room=room, owner_id_number=owner)], on=on)
        night = register.night(Sent("residents", people, on=on), sent, previous=night)
    assert night is not None
    holder = {r["resident_id"]: r["id_number"] for r in night.rows("residents")}
    periods = sorted(
        (h["valid_from"], h["valid_to"], holder[h["resident_id"]], h["is_current"])
        for h in night.rows("vehicle_holdings")
    )
    assert periods == [
        (DAY, NEXT, A, False),
        (NEXT, NEXT + timedelta(days=1), B, False),
        (NEXT + timedelta(days=1), None, A, True),
    ]


@pytest.mark.parametrize("plates", [("皖A12B45", "皖A12845"), ("皖A12845", "皖A12B45")])
def test_periods_follow_a_car_whose_two_plates_turn_out_to_be_one(register: Register, plates: tuple[str, str]) -> None:
    """Whichever of the two ids survives."""
    register.companies["parking"] = company("parking")
    people = Sent("residents", [person("甲", id=A, phone=PHONE), person("乙", room="909", id=B)])
    listed = Sent("vehicles", [car(plates[0], owner_name="甲", owner_phone=PHONE)])
    first = register.night(people, listed, Sent("vehicles", [car(plates[1], room="909")], company="parking"))
    assert first.report.tables["vehicles"] == 2
    corrected = [car(plates[1], owner_name="甲", owner_phone=PHONE)]
    second = register.night(people, listed, Sent("vehicles", corrected, company="parking", on=NEXT), previous=first)
    vehicle = second.one("vehicles")["vehicle_id"]
    assert {h["vehicle_id"] for h in second.rows("vehicle_holdings")} == {vehicle}
    rooms = {h["house_id"]: h["room"] for h in second.rows("houses")} | {None: None}
    known = {(rooms.get(h["house_id"]), h["valid_from"], h["is_current"]) for h in second.rows("vehicle_holdings")}
    assert {("101", DAY, True), ("909", DAY, False)} <= known and len([k for k in known if k[2]]) == 1
    assert second.events["vehicle"] == {"merged": 1}


def test_a_tenancy_heard_of_after_its_end_begins_no_later_than_it_ended(register: Register) -> None:
    over = DAY - timedelta(days=90)
    night = register.night(Sent("residents", [person("甲", room="101", id=A, valid_to=over)]))
    assert [(o["valid_from"], o["valid_to"], o["is_current"]) for o in night.rows("occupancies")] == [
        (over, over, False)
    ]
    told = Sent("residents", [person("甲", room="101", id=A)])
    first = register.night(told)
    later = register.night(Sent("residents", [person("甲", room="101", id=A, valid_to=over)], on=NEXT), previous=first)
    assert [(o["valid_from"], o["valid_to"]) for o in later.rows("occupancies")] == [(over, over)]
