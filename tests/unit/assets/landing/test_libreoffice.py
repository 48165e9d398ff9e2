"""Workbooks saved by a real spreadsheet program."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "libreoffice"
FIELDS = ("community", "building", "unit", "room", "name", "sex", "id_number", "phone", "birth_date")


def sent() -> list[tuple[str, ...]]:
    with (FIXTURES / "residents.csv").open(encoding="utf-8") as f:
        return [tuple(row) for row in csv.reader(f)][1:]


def test_text_cells_come_as_they_stand(office):
    landed = office.land_one("residents.xlsx", (FIXTURES / "residents_as_text.xlsx").read_bytes())
    assert office.rows(landed, *FIELDS) == sent()
    assert office.rows(landed, "row_number") == [(2,), (3,), (4,), (5,), (6,)]


@pytest.mark.parametrize("suffix", ["xls", "xlsx"])
def test_damage_is_shown_and_not_hidden(office, suffix):
    landed = office.land_one(f"residents.{suffix}", (FIXTURES / f"residents_typed_freely.{suffix}").read_bytes())
    assert landed.files[0].format == suffix
    # fifteen digits are left of a number typed as a number; the one that ends in X was text
    expected = [i if i.endswith("X") else i[:15] + "000" for *_, i, _, _ in sent()]
    assert [i for (i,) in office.rows(landed, "id_number")] == expected
    days = ["1990-01-02", "1992-03-04", "1958-11-30", "1985-06-07", "2001-08-09"]
    assert [d for (d,) in office.rows(landed, "birth_date")] == days
    # 3-12 became a date, of whatever year the file was made in
    rooms = [r for (r,) in office.rows(landed, "room")]
    assert rooms[2].endswith("-03-12")
    assert [rooms[i] for i in (0, 1, 3, 4)] == ["502", "502", "101", "102"]
    assert [p for (p,) in office.rows(landed, "phone")] == [row[7] for row in sent()]


def test_titles_above_and_totals_below(office):
    feeds = {"houses": {"files": ["*"]}}
    office.company = office.company.model_validate({**office.company.model_dump(), "feeds": feeds})
    landed = office.land_one("houses.xls", (FIXTURES / "houses_with_titles.xls").read_bytes())
    assert landed.files[0].header_row == 3
    kinds = ["record", "record", "record", "blank", "footer", "footer"]
    assert office.rows(landed, "row_number", "row_kind") == list(enumerate(kinds, 4))
    assert office.rows(landed, "area_m2")[:3] == [("89.5",), ("120.36",), ("98",)]
