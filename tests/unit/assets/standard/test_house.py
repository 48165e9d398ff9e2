"""Houses: one key out of every way to write an address."""

from __future__ import annotations

import pytest

from .conftest import Run

KEY = ("3", "2", "502")

ADDRESSES = {
    "3号楼2单元502室": KEY,
    "3号楼2单元502": KEY,
    "3幢2单元502室": KEY,
    "3栋2单元502号": KEY,
    "3座2单元502房": KEY,
    "3#2单元502": KEY,
    "3#楼2单元502": KEY,
    "3-2-502": KEY,
    "3－2－502": KEY,
    "3号楼2-502": KEY,
    "03号楼02单元0502室": KEY,
    "３号楼２单元５０２室": KEY,
    "3号楼 2单元 502室": KEY,
    "三栋二单元502": KEY,
    "三栋二单元五〇二室": KEY,
    "3栋2单元5层502室": KEY,
    "3号楼2单元502室(东户)": KEY,
    "翡翠湖花园3号楼2单元502室": KEY,
    "翡翠湖花园(南) 3-2-502": KEY,
    "蜀山区翡翠路12号3号楼2单元502室": KEY,
    "翡翠路12号3-2-502": KEY,
    "滨湖世纪城二期3号楼2单元502室": KEY,
    "3-502": ("3", None, "502"),
    "3栋502": ("3", None, "502"),
    "3#502": ("3", None, "502"),
    "A座1201": ("A", None, "1201"),
    "B2栋1单元301": ("B2", "1", "301"),
    "十二号楼一单元301": ("12", "1", "301"),
    "二十一栋301": ("21", None, "301"),
    "二期3号楼2单元502": ("2期-3", "2", "502"),
    "2期3-2-502": ("2期-3", "2", "502"),
    "A区5栋1单元301": ("A区-5", "1", "301"),
    "南区5栋301室": ("南区-5", None, "301"),
    "12栋甲单元502A室": ("12", "甲", "502A"),
}


def test_addresses(run: Run) -> None:
    rows = [{"community": "翡翠湖", "address": a, "record_key": str(n)} for n, a in enumerate(ADDRESSES)]
    judged = run("houses", rows)
    for n, (sent, key) in enumerate(ADDRESSES.items(), start=1):
        row = judged.row(n)
        assert (row.get("building"), row.get("unit"), row.get("room")) == key, sent


# building, unit, room, address → key
COLUMNS = [
    (("3", "2", "502", None), KEY),
    (("3号楼", "2单元", "502室", None), KEY),
    (("三幢", "二单元", "0502", None), KEY),
    (("03", "02", "502", None), KEY),
    (("3座", None, "502", None), ("3", None, "502")),
    (("3#", "0", "502", None), ("3", None, "502")),
    (("二期3号楼", "2", "502", None), ("2期-3", "2", "502")),
    (("A区5栋", "1", "301", None), ("A区-5", "1", "301")),
    (("A", "1", "301", None), ("A", "1", "301")),
    (("会所", "-", "101", None), ("会所", None, "101")),
    (("3栋2单元", None, "502", None), KEY),
    (("3", None, "2-502", None), KEY),
    (("3", "2", "3-2-502", None), KEY),
    ((None, None, "3-2-502", None), KEY),
    ((None, None, "3-502", None), ("3", None, "502")),
    (("3", "2", "502-1", None), ("3", "2", "502-1")),
    (("3", None, None, "9号楼2单元502室"), KEY),
    (("3", "2", "502", "2026-03-12"), KEY),
]


def test_columns_win_and_the_address_fills(run: Run) -> None:
    rows = [
        dict(zip(("building", "unit", "room", "address"), sent, strict=True)) | {"community": "翡翠湖"}
        for sent, _ in COLUMNS
    ]
    judged = run("houses", [r | {"record_key": str(n)} for n, r in enumerate(rows)])
    for n, (sent, key) in enumerate(COLUMNS, start=1):
        row = judged.row(n)
        assert (row.get("building"), row.get("unit"), row.get("room")) == key, sent


DAMAGED = (
    "2026-03-12", "2026/3/12", "2026-03-12 00:00:00", "2026-03-12T00:00:00", "3月12日", "2026年3月12日", "12-Mar",
    "Mar-12", "12-Mar-26", "1.2E+3", "1E+05",
)  # fmt: skip


@pytest.mark.parametrize("field", ["building", "unit", "room", "address"])
def test_cells_turned_into_dates_and_numbers(run: Run, field: str) -> None:
    whole: dict[str, str | None] = {"community": "翡翠湖", "building": "3", "unit": "2", "room": "502"}
    if field == "address":
        whole = {"community": "翡翠湖"}
    houses = run("houses", [{**whole, field: v} for v in DAMAGED])
    residents = run("residents", [{**whole, field: v, "name": "张三"} for v in DAMAGED])
    for n, sent in enumerate(DAMAGED, start=1):
        assert houses.quarantined["a.csv", n]["reasons"] == [f"room_damaged:{field}"], sent
        row = residents.accepted["a.csv", n]
        assert row["warnings"] == [f"room_damaged:{field}"], sent
        assert (row["building"], row["unit"], row["room"]) == (None, None, None)


@pytest.mark.parametrize(
    ("sent", "column"),
    [
        ({"building": "3", "unit": "2"}, "address"),
        ({"room": "502"}, "room"),
        ({"address": "翡翠湖花园"}, "address"),
        ({"address": "3号楼2单元"}, "address"),
        ({"address": "502室"}, "address"),
        ({"building": "无", "room": "502"}, "room"),
    ],
)
def test_half_a_key_is_none(run: Run, sent: dict[str, str], column: str) -> None:
    told = [f"house_incomplete:{column}"]
    assert run("houses", [{"community": "翡翠湖", **sent}]).row()["reasons"] == told
    for dataset, more in (("residents", {"name": "张三"}), ("vehicles", {"plate": "皖A12345"})):
        row = run(dataset, [{"community": "翡翠湖", **more, **sent}]).accepted["a.csv", 1]
        assert (row["warnings"], row["building"], row["unit"], row["room"]) == (told, None, None, None)


def test_no_house_at_all(run: Run) -> None:
    vehicle = run("vehicles", [{"community": "翡翠湖", "plate": "皖A12345"}])
    assert vehicle.row()["warnings"] == []
    resident = run("residents", [{"community": "翡翠湖", "name": "张三"}])
    assert resident.row()["warnings"] == ["house_incomplete:address"]
    assert run("houses", [{"community": "翡翠湖", "floor": "3"}]).row()["reasons"] == ["house_incomplete:address"]


@pytest.mark.parametrize(
    ("room", "floor", "expected", "warnings"),
    [
        ("502", None, 5, []),
        ("1201", None, 12, []),
        ("502", "6", 6, []),
        ("502", "6层", 6, []),
        ("502", "-1", -1, []),
        ("02", None, None, []),
        ("502A", None, None, []),
        ("502", "999", None, ["number_invalid:floor"]),
        ("502", "3.5", None, ["number_invalid:floor"]),
        ("502", "顶", None, ["number_invalid:floor"]),
    ],
)
def test_floors(run: Run, room: str, floor: str | None, expected: int | None, warnings: list[str]) -> None:
    row = run("houses", [{"community": "翡翠湖", "building": "3", "room": room, "floor": floor}]).row()
    assert (row["floor"], row["warnings"]) == (expected, warnings)
