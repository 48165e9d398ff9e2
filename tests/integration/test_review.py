"""Explain and review from the command line, on a small city that leaves questions open."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from review_city import ACME, HEAD, PERSONAL, City


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> City:
    """After its first night. Tests that decide make a city of their own."""
    city = City(tmp_path_factory.mktemp("review"))
    assert city.merge()
    return city


def _personal(printed: str) -> list[str]:
    return [p for p in PERSONAL if p in printed]


def test_explain_reads_well_in_five_cases(merged: City) -> None:
    ids = {
        "exact": "SELECT entity_id FROM sources WHERE match_rule = 'name_phone_house'",
        "linked": "SELECT entity_id FROM sources WHERE match_rule = 'linked'",
        "open": "SELECT entity_id FROM evidence WHERE verdict = 'grey'",
        "house": "SELECT entity_id FROM sources WHERE match_rule = 'house_key'",
        "vehicle": "SELECT vehicle_id FROM vehicles",
    }
    says = {
        "exact": (
            "same name, phone and house, certain",
            "姓名、电话、房屋均相同",
            "acme",
            "beta",
            "made from 2 records",
        ),
        "linked": (
            "the linking model weighed all the evidence",
            "综合多项证据",
            "the names are equal; the birth dates are equal",
        ),
        "open": ("Looked at, and not joined", "比对后未合并", "for a person to decide"),
        "house": ("same community, building, unit and room", "房屋相同"),
        "vehicle": ("There is one record only", "仅有一条记录", "plate 车牌号: #1"),
    }
    for case, query in ids.items():
        (entity_id,), *_ = merged.query(query)
        code, printed = merged.run("explain", entity_id)
        flat = " ".join(printed.split())
        assert code == 0 and not _personal(printed), case
        assert [s for s in says[case] if s not in flat] == [], printed
        assert "residents_20261120.csv" in flat or case == "vehicle"
        assert "created: records that no known id claims" in flat and "新建：" in flat


def test_explain_shows_values_only_when_asked_and_has_json(merged: City) -> None:
    (entity_id,), *_ = merged.query("SELECT entity_id FROM sources WHERE match_rule = 'linked'")
    said = merged.json("explain", entity_id)
    assert said["values"] is None and not _personal(str(said))
    assert {r["company"] for r in said["records"]} == {"acme", "beta"}
    assert "name" in {c for r in said["records"] for c in r["surviving_columns"]}
    assert merged.json("explain", entity_id, "--values")["values"]["name"] == "欧阳样本"
    assert "欧阳样本" in merged.run("explain", entity_id, "--values")[1]


def test_an_unknown_id_is_said_so(merged: City) -> None:
    code, printed = merged.run("explain", "r_0000000000000000")
    assert code == 1 and "no release ever published this id" in " ".join(printed.split())


def test_the_queue_shows_both_sides_masked(merged: City) -> None:
    (pair,) = merged.json("review", "list")
    assert pair["effect"] > 0 and not _personal(str(pair))
    code, printed = merged.run("review", "show", pair["pair_id"][:8])
    assert code == 0 and "王*" in printed and not _personal(printed)
    assert "the house is the same" in printed and "房屋相同" in printed
    assert "王样例" in merged.run("review", "show", pair["pair_id"], "--values")[1]
    assert merged.run("review", "show", "p_nope")[0] == 1


def test_a_record_that_could_be_either_of_two_people_is_asked_about_first(tmp_path: Path) -> None:
    """Its evidence is strong for both, so by probability alone it would come last."""
    city = City(tmp_path)
    one = "滨湖明珠,3,2,602,钱甲,男,2010-01-01,{},13812340002\n"
    claims = "".join(one.format(number) for number in ("340199201001010013", "34019920100101003X", ""))
    city.drop("acme", "residents_20261120.csv", HEAD + ACME + claims)
    city.merge()
    *either, last = city.json("review", "list")
    assert len(either) == 2
    for pair in either:
        assert "held_ambiguous" in pair["findings"] and pair["probability"] > last["probability"]
        assert pair["effect"] > last["effect"] > 0


def test_same_joins_at_the_next_merge_and_undo_parts_again(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.merge()
    before = city.residents()
    (pair,) = city.json("review", "list")
    assert city.run("review", "decide", pair["pair_id"], "same", "--by", "Wang", "--note", "=cmd")[0] == 0
    assert city.json("review", "list") == []
    assert city.merge(), "a verdict alone makes a new release"
    assert city.residents() == before - 1
    sides = {pair["left"]["entity_id"], pair["right"]["entity_id"]}
    for entity_id in sides:
        code, printed = city.run("explain", entity_id)
        assert code == 0 and "a person decided" in printed and "人工审核" in printed
        assert "merged into another id" in printed
    assert city.run("review", "undo", pair["pair_id"], "--by", "Wang")[0] == 0
    assert city.run("review", "undo", pair["pair_id"], "--by", "Wang")[0] == 1
    city.merge()
    assert city.residents() == before and len(city.json("review", "list")) == 1


@pytest.mark.parametrize("verdict", ["different", "unsure"])
def test_nobody_is_asked_twice_whatever_comes_in(tmp_path: Path, verdict: str) -> None:
    city = City(tmp_path)
    city.merge()
    before = city.residents()
    (pair,) = city.json("review", "list")
    assert city.run("review", "decide", pair["pair_id"], verdict, "--by", "Wang")[0] == 0
    # a later delivery of the same people, in other rows of another file
    residents = next(city.settings.drop.glob("acme/residents*")).read_text(encoding="utf-8").splitlines()
    city.drop("acme", "residents_20261121.csv", "\n".join([residents[0], *reversed(residents[1:])]) + "\n")
    assert city.merge()
    assert city.json("review", "list") == [] and city.residents() == before
    assert not city.merge(), "nothing new, no release"


def test_what_the_model_joined_can_be_parted(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.merge()
    before = city.residents()
    (pair_id,), *_ = city.query("SELECT pair_id FROM evidence WHERE rule = 'linked' AND verdict = 'accepted'")
    assert city.run("review", "decide", pair_id, "different", "--by", "Wang")[0] == 0
    city.merge()
    assert city.residents() == before + 1
    ((verdict,),) = city.query(f"SELECT verdict FROM evidence WHERE pair_id = '{pair_id}'")
    told = city.run("explain", next(iter(city.query("SELECT entity_id FROM evidence WHERE rule = 'review'")))[0])[1]
    assert "a reviewer decided that they are different (Wang, 20" in told
    assert verdict == "rejected" and pair_id not in {p["pair_id"] for p in city.json("review", "list")}


def test_a_retired_id_is_still_explained(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.merge()
    ((vehicle_id,),) = city.query("SELECT vehicle_id FROM vehicles")
    city.drop("acme", "vehicles_20261121.csv", "小区,楼栋,单元,房号,车牌号\n滨湖明珠,3,2,502,皖A54321\n")
    city.merge()
    code, printed = city.run("explain", vehicle_id)
    flat = " ".join(printed.split())
    assert code == 0 and "This id is retired" in flat and "此编号已停用" in flat and not _personal(printed)
    assert "retired: no delivery in effect has a record of it" in flat
    assert city.json("explain", vehicle_id)["records"] == []


def test_a_team_decides_in_a_spreadsheet(tmp_path: Path) -> None:
    city = City(tmp_path / "city")
    city.merge()
    sheet = tmp_path / "queue.csv"
    assert city.run("review", "export", str(sheet))[0] == 0
    assert os.stat(sheet).st_mode & 0o077 == 0
    text = sheet.read_text(encoding="utf-8-sig")
    assert not _personal(text)
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 1 and rows[0]["verdict"] == "" and rows[0]["left_name"] == "王*"

    def fill(**cells: str) -> tuple[int, str]:
        with sheet.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerow(rows[0] | cells)
        return city.run("review", "import", str(sheet))

    assert fill() == (0, "✓ 0 verdicts recorded, 0 stood already, 1 rows left blank\n")
    code, printed = fill(verdict="perhaps", by="Li")
    assert code == 1 and "line 2" in printed and "nothing was recorded" in printed
    assert fill(verdict="same")[0] == 1, "nobody is named"
    assert "1 verdicts recorded" in fill(verdict="同一人", by="Li", note="'=1+1")[1]
    assert "1 stood already" in fill(verdict="same", by="Li")[1]
    city.merge()
    assert city.query("SELECT count(*) FROM evidence WHERE rule = 'review'") == [(1,)]
