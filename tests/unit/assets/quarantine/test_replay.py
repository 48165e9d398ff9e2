"""A replay is a first load of the same files: the same rows, the same reasons, the same ledger."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.landing import deliveries, delivery_folder
from assets.nightly import has_news, load_company
from assets.quarantine import replay
from assets.standard import ACCEPTED, DUPLICATE, QUARANTINED, SKIPPED, read_ledger, standard_folder
from expectations.feeds import Company
from resources.settings import Settings

few = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
"""An example loads twice and replays after each change; each holds several deliveries."""

HEADER = ("小区", "楼栋", "房号", "姓名", "性别", "证件号码", "类别", "备注")
CELLS = {
    "小区": st.sampled_from(["滨湖明珠", "滨湖", "翡翠湖", "东方曼哈顿", ""]),
    "楼栋": st.sampled_from(["3", "3号楼", "", "5"]),
    "房号": st.sampled_from(["502", "3-12", "", "1.2E+4"]),
    "姓名": st.sampled_from(["张三", "李四", "", "王*"]),
    "性别": st.sampled_from(["男", "1", "2", "甲", ""]),
    "证件号码": st.sampled_from(["11010519491231002X", "3.40199E+17", "340199", ""]),
    "类别": st.sampled_from(["业主", "A", "B", ""]),
    "备注": st.sampled_from(["业主", "", "2026-11-01"]),
}
SETTINGS: dict[str, list[Any]] = {
    "mode": ["snapshot", "delta"],
    "headers": [{}, {"role": ["类别"]}, {"role": ["备注"]}, {"record_key": ["备注"]}],
    "ignore": [(), ("备注",)],
    "constants": [{}, {"unit": "1"}],
    "codes": [
        {},
        {"sex": {"1": "female", "2": "male"}},
        {"sex": {"甲": "male"}},
        {"role": {"A": "owner", "业主": "other"}},
    ],
    "communities": [
        [{"name": "滨湖明珠"}],
        [{"name": "滨湖明珠"}, {"name": "翡翠湖"}],
        [{"name": "滨湖明珠", "aliases": ["滨湖"]}, {"name": "翡翠湖"}],
        [{"name": "滨湖明珠"}, {"name": "东方曼哈顿"}],
    ],
}
STATE = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in SETTINGS.items()})
# mostly one key at a time, as people change a feed file, and mostly those that need no file
KEYS = st.sampled_from(["codes", "communities", "codes", "communities", "headers", "mode", "ignore", "constants"])
CHANGE = KEYS.flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(SETTINGS[name])))
ROWS = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=12)


TELLING = [
    dict(zip(HEADER, row, strict=True))
    for row in (
        ("滨湖", "3", "502", "张三", "1", "", "A", "业主"),
        ("翡翠湖", "3", "503", "李四", "甲", "", "业主", "2026-11-01"),
        ("东方曼哈顿", "3", "504", "王五", "2", "", "B", ""),
    )
]
"""Rows of which every change of a setting changes one."""


def company_of(feed: Mapping[str, Any], communities: object) -> Company:
    described = {"files": ["*residents*"], **feed}
    return Company.model_validate(
        {"company": "acme", "name": "某物业", "communities": communities, "feeds": {"residents": described}}
    )


def drop(places: Settings, name: str, rows: list[dict[str, str]]) -> None:
    path = places.drop / "acme" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [",".join(HEADER), *(",".join(row[h] for h in HEADER) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.utime(path, (1_795_000_000, 1_795_000_000))


def outcome(places: Settings) -> dict[str, Any]:
    """Every landed and judged row and every ledger of a data root, by delivery."""
    found: dict[str, Any] = {}
    for d in deliveries(places, "acme"):
        folder = standard_folder(places, "acme", d.delivery_id)
        told = [d.model_dump(exclude={"warnings"})]
        if d.status == "loaded":
            told.append(read_ledger(folder).model_dump())
            for part in (ACCEPTED, QUARANTINED, DUPLICATE, SKIPPED):
                told.append(rows_of(folder / part))
            told.append(rows_of(delivery_folder(places, "acme", d.delivery_id) / "data.parquet"))
        found[d.delivery_id] = told
    return found


def rows_of(part: Path) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"SELECT * FROM read_parquet('{part}') ORDER BY ALL").fetchall()


def described(state: Mapping[str, Any]) -> Company:
    return company_of({k: v for k, v in state.items() if k != "communities"}, state["communities"])


@few
@given(st.lists(ROWS, min_size=1, max_size=2), STATE, st.lists(CHANGE, min_size=1, max_size=3))
def test_a_replay_equals_a_first_load(nights, before, changes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        replayed, fresh = (Settings(data=Path(folder, n), config=Path(folder), threads=1) for n in ("a", "b"))
        for n, rows in enumerate(nights):
            drop(replayed, f"residents_2026112{n}.csv", TELLING + rows)
        load_company(replayed, described(before))
        state = dict(before)
        for name, value in changes:
            state[name] = value
            replay(replayed, described(state))
        company = described(state)
        shutil.copytree(replayed.drop, fresh.drop)
        load_company(fresh, company)
        assert outcome(replayed) == outcome(fresh)
        # and nothing is left to do, neither for a load nor for another replay
        assert not any(r.is_new for r in replay(replayed, company))
        assert not has_news(replayed, company)


ROW = dict(zip(HEADER, ("滨湖", "3", "502", "张三", "甲", "", "A", ""), strict=True))
PLAIN: dict[str, Any] = {}


@pytest.fixture
def places(tmp_path: Path) -> Settings:
    places = Settings(data=tmp_path / "data", config=tmp_path / "config", threads=2)
    drop(places, "residents_20261120.csv", [ROW, {**ROW, "小区": "滨湖明珠"}])
    load_company(places, company_of(PLAIN, [{"name": "滨湖明珠"}, {"name": "翡翠湖"}]))
    return places


ALIAS = [{"name": "滨湖明珠", "aliases": ["滨湖"]}, {"name": "翡翠湖"}]


def test_what_values_mean_is_judged_without_the_file(places: Settings, monkeypatch) -> None:
    monkeypatch.setattr("assets.landing.load.write_data", lambda *_: pytest.fail("read again"))
    company = company_of({"codes": {"sex": {"甲": "male"}}}, ALIAS)
    assert has_news(places, company)
    (done,) = replay(places, company)
    assert done.is_new and not done.needs_file
    said = json.loads(json.dumps(done.as_json()))
    assert (said["before"]["accepted"], said["after"]["accepted"]) == (1, 2)
    assert said["before"]["reasons"] == {"community_unknown:community": 1} and said["after"]["reasons"] == {}
    assert done.after is not None and done.after.warnings == {}


def test_the_file_may_be_gone(places: Settings) -> None:
    (places.drop / "acme" / "residents_20261120.csv").unlink()
    (done,) = replay(places, company_of(PLAIN, ALIAS))
    assert done.is_new and not done.needs_file and done.after is not None and done.after.reasons == {}
    # a load does the same, so that a change of the rules never leaves old judgements in effect
    (again,) = load_company(places, company_of({"codes": {"sex": {"甲": "male"}}}, ALIAS)).deliveries
    assert again.is_new and again.in_effect


def test_an_alias_needs_the_file_only_if_it_names_another_column(places: Settings) -> None:
    (places.drop / "acme" / "residents_20261120.csv").unlink()
    (done,) = replay(places, company_of({"headers": {"phone": ["电话二"]}}, ALIAS))
    assert done.is_new and not done.needs_file
    (done,) = replay(places, company_of({"headers": {"role": ["类别"]}}, ALIAS))
    assert done.needs_file and done.after is not None


def test_a_stricter_rule_takes_rows_out(places: Settings) -> None:
    (done,) = replay(places, company_of(PLAIN, [{"name": "翡翠湖"}, {"name": "东方曼哈顿"}]))
    assert done.after is not None and sum(f.accepted for f in done.after.files) == 0


def test_nothing_new_is_loaded(places: Settings) -> None:
    drop(places, "residents_20261121.csv", [ROW])
    company = company_of(PLAIN, ALIAS)
    assert [r.delivery.delivered_on.day for r in replay(places, company)] == [20]
    assert [d.delivered_on.day for d in deliveries(places, "acme")] == [20]
