"""Plates, codes, communities and numbers."""

from __future__ import annotations

import unicodedata

import pytest

from .conftest import ONLY, Run

# sent → plate, class by form, energy, reason or warning
PLATES = {
    "皖A12345": ("皖A12345", None, "conventional", None),
    "皖A·12345": ("皖A12345", None, "conventional", None),
    "皖a 1b2c3": ("皖A1B2C3", None, "conventional", None),
    "皖Ａ－１２３４５": ("皖A12345", None, "conventional", None),
    "皖AD12345": ("皖AD12345", "new_energy_small", "electric", None),
    "皖AF12345": ("皖AF12345", "new_energy_small", "other_new_energy", None),
    "皖A12345D": ("皖A12345D", "new_energy_large", "electric", None),
    "皖A12345K": ("皖A12345K", "new_energy_large", "other_new_energy", None),
    "皖A1234挂": ("皖A1234挂", "trailer", "conventional", None),
    "皖A1234学": ("皖A1234学", "training", "conventional", None),
    "皖A1234警": ("皖A1234警", "police", "conventional", None),
    "粤Z1234港": ("粤Z1234港", "hk_entry", "conventional", None),
    "粤ZAB12澳": ("粤ZAB12澳", "macao_entry", "conventional", None),
    "123456使": ("123456使", "embassy", "conventional", None),
    "沪A1234领": ("沪A1234领", "consulate", "conventional", None),
    "WJ皖1234T": ("WJ皖1234T", "armed_police", "conventional", None),
    "WJ12345": ("WJ12345", "armed_police", "conventional", None),
    "VA12345": ("VA12345", "military", "conventional", None),
    "皖A临12345": ("皖A临12345", "temporary", None, None),
    "合肥A12345": ("合肥A12345", "e_bike", "electric", None),
    "合肥 123456": ("合肥123456", "e_bike", "electric", None),
    "无车牌12345": (None, None, None, "plate_invalid"),
    "晥A12345": (None, None, None, "plate_invalid"),
    "皖AO12I4": ("皖A01214", None, "conventional", "plate_corrected"),
    "皖A12345，皖A54321": ("皖A12345", None, "conventional", None),
    "皖A12345 皖A54321": ("皖A12345", None, "conventional", None),
    "12345": (None, None, None, "plate_invalid"),
    "皖A1234": (None, None, None, "plate_invalid"),
    "皖I12345": (None, None, None, "plate_invalid"),
    "皖A***45": (None, None, None, "plate_invalid"),
    "未识别": (None, None, None, "plate_missing"),
    "无牌车": (None, None, None, "plate_missing"),
    "无车牌": (None, None, None, "plate_missing"),
    "-": (None, None, None, "plate_missing"),
    "000000": (None, None, None, "plate_missing"),
    None: (None, None, None, "plate_missing"),
}


def test_plates_of_vehicles(run: Run) -> None:
    judged = run("vehicles", [{"community": "翡翠湖", "plate": p, "record_key": str(n)} for n, p in enumerate(PLATES)])
    for n, (sent, (plate, kind, energy, code)) in enumerate(PLATES.items(), start=1):
        row = judged.row(n)
        if plate is None:
            assert row["reasons"] == [f"{code}:plate"], sent
        else:
            got = (row["plate"], row["plate_class"], row["energy"], row["warnings"])
            assert got == (plate, kind, energy, [f"{code}:plate"] if code else []), sent


def test_plates_of_events(run: Run) -> None:
    base = {"community": "翡翠湖", "gate": "东门", "occurred_at": "2026-11-20 08:15:00"}
    judged = run("access_events", [{**base, "plate": p, "event_code": str(n)} for n, p in enumerate(PLATES)])
    for n, (sent, (plate, _, _, code)) in enumerate(PLATES.items(), start=1):
        row = judged.accepted["a.csv", n]
        warned = [] if code in (None, "plate_missing") else [f"{code}:plate"]
        assert (row["plate"], row["warnings"]) == (plate, warned), sent


@pytest.mark.parametrize(
    ("colour", "sent", "expected"),
    [
        ("蓝", None, "small"),
        ("黄牌", None, "large"),
        ("黑", None, None),
        ("蓝", "01", "large"),
        (None, "小型汽车", "small"),
    ],
)
def test_the_class_of_a_standard_plate(run: Run, colour: str, sent: str | None, expected: str | None) -> None:
    row = {"community": "翡翠湖", "plate": "皖A12345", "plate_colour": colour, "plate_class": sent}
    assert run("vehicles", [row]).row()["plate_class"] == expected


@pytest.mark.parametrize(
    ("codes", "sent", "expected"),
    [
        ({}, "男", "male"),
        ({}, "1", "male"),
        ({}, "２", "female"),
        ({}, " f ", "female"),
        ({}, "Male", "male"),
        ({}, None, None),
        ({}, "0", "unknown"),
        ({"0": "female"}, "0", "female"),
        ({"1": "female", "2": "male"}, "1", "female"),
        ({"1": "female", "2": "male"}, "男", "male"),
        ({"x y": "male"}, "Ｘ Ｙ", "male"),
        ({}, "3", ...),
    ],
)
def test_codes(run: Run, codes: dict[str, str], sent: str | None, expected: object) -> None:
    row = {"community": "翡翠湖", "building": "1", "room": "101", "name": "张三", "sex": sent}
    judged = run("residents", [row], codes={"sex": codes}).row()
    if expected is ...:
        assert (judged["sex"], judged["warnings"]) == (None, ["code_unknown:sex"])
    else:
        assert (judged["sex"], judged["warnings"]) == (expected, [])


def test_vendor_directions_are_not_guessed(run: Run) -> None:
    base = {"community": "翡翠湖", "gate": "东门", "occurred_at": "2026-11-20 08:15:00"}
    rows = [{**base, "direction": d} for d in ("0", "1", "进", "EXIT", "both")]
    mapped = run("access_events", rows, codes={"direction": {"0": "in", "1": "out"}})
    assert [mapped.row(n)["direction"] for n in range(1, 6)] == ["in", "out", "in", "out", None]
    plain = run("access_events", rows)
    assert [plain.row(n)["direction"] for n in range(1, 6)] == [None, None, "in", "out", None]
    assert plain.ledger.warnings == {"code_unknown:direction": 3}


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("翡翠湖花园", None, ONLY),
        ("翡翠湖 花园", None, ONLY),
        ("翡翠湖花园（南）", None, ONLY),
        ("【翡翠湖】", None, ONLY),
        ("340199001001001", None, ONLY),
        (None, "340199001001001", ONLY),
        (None, "３４０１９９００１００１００１", ONLY),
        ("滨湖世纪城二期", "340199001001001", ONLY),
        ("翡翠湖", "999999", ONLY),
        ("滨湖世纪城", None, None),
        (None, None, None),
    ],
)
def test_communities(run: Run, name: str | None, code: str | None, expected: str | None) -> None:
    row = run("houses", [{"community": name, "community_code": code, "building": "3", "room": "502"}]).row()
    assert row.get("community_id") == expected
    if expected is None:
        assert row["reasons"] == ["community_unknown:community"]


HOUSE = {"community": "翡翠湖", "building": "3", "room": "502"}
UNIT = "340199001001GB00001F00010001"


@pytest.mark.parametrize(
    ("field", "sent", "expected"),
    [
        ("area_m2", "89.5", 89.5),
        ("area_m2", "89.5㎡", 89.5),
        ("area_m2", "1,089.5平方米", 1089.5),
        ("area_m2", "5", 5.0),
        ("area_m2", "4.9", None),
        ("area_m2", "2001", None),
        ("area_m2", "约90", None),
        ("area_m2", "nan", None),
        ("real_estate_number", "340199 001001 GB00001 F00010001", UNIT),
        ("real_estate_number", UNIT.lower(), UNIT),
        ("real_estate_number", UNIT[:-1], None),
    ],
)
def test_numbers(run: Run, field: str, sent: str, expected: object) -> None:
    row = run("houses", [{**HOUSE, field: sent}]).row()
    assert (row[field], row["warnings"]) == (expected, [] if expected else [f"number_invalid:{field}"])


def test_texts_are_folded_whatever_characters_they_hold(run: Run) -> None:
    every = [*map(chr, range(33, 0x3400)), *"\u3400一\u9fff\ua000가\uf900（０\U0002f800"]
    # beside ASCII and common Han, which alone are passed through
    sent = [f"北a{c}1门" for c in every if unicodedata.category(c) not in ("Cn", "Cc", "Cf", "Zs", "Zl", "Zp")]
    base = {"community": "翡翠湖", "occurred_at": "2026-11-19 08:00:00"}
    judged = run("access_events", [{**base, "gate": gate} for gate in sent])
    read = [judged.accepted["a.csv", n]["gate"] for n in range(1, len(sent) + 1)]
    assert read == [" ".join(unicodedata.normalize("NFKC", gate).split()) for gate in sent]


@pytest.mark.parametrize(
    ("sent", "kept", "right"),
    [
        ("1M8GDM9AXKP042788", "1M8GDM9AXKP042788", True),
        ("1m8gdm9axkp042788", "1M8GDM9AXKP042788", True),
        ("11111111111111111", "11111111111111111", True),
        ("1M8GDM9A1KP042788", "1M8GDM9A1KP042788", False),
        ("1M8GDM9AXKP04278", "1M8GDM9AXKP04278", False),
        ("1M8GDM9AXKP04278O", "1M8GDM9AXKP04278O", False),
    ],
)
def test_vins(run: Run, sent: str, kept: str, right: bool) -> None:
    row = run("vehicles", [{"community": "翡翠湖", "plate": "皖A12345", "vin": sent}]).row()
    assert (row["vin"], row["warnings"]) == (kept, [] if right else ["vin_check:vin"])


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"subject_kind": "访客", "name": "张三"}, "visitor"),
        ({"plate": "皖A12345", "name": "张三"}, "vehicle"),
        ({"plate": "皖A1"}, "vehicle"),
        ({"plate": "未识别"}, "unknown"),
        ({"name": "张三"}, "resident"),
        ({"card_number": "8001"}, "resident"),
        ({"subject_kind": "??", "phone": "13812345678"}, "resident"),
        ({}, "unknown"),
    ],
)
def test_who_passed(run: Run, sent: dict[str, str], expected: str) -> None:
    base = {"community": "翡翠湖", "gate": "东门", "occurred_at": "2026-11-20 08:15:00"}
    assert run("access_events", [{**base, **sent}]).row()["subject_kind"] == expected
