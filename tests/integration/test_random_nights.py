"""Random nights of a very small city: ids with causes, changes that can be applied, differences between any two."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assets.nightly import load_company, run_merge
from assets.release import difference
from expectations.feeds import load_companies
from resources.keys import attach_encrypted, restricted_key
from resources.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "analysts.md").read_text(encoding="utf-8")
(APPLY,) = re.findall(r"```sql apply\n(.+?)```", PAGE, re.S)
"""The statements that the page for analysts gives."""
APPLIED = ("residents", "houses", "vehicles", "occupancies", "vehicle_holdings")
MOVES_EVERY_NIGHT = ("first_seen", "last_seen", "source_count")

HEAD = "小区,楼栋,单元,房号,姓名,出生日期,身份证号,电话,编号\n"
CARS = "小区,楼栋,单元,房号,车牌号,车主姓名\n"
NAMES = ("张测试", "李示例")
IDS = ("340199199001010012", "340199198808080021")
ROOMS = ("101", "102", "103")


@dataclass(frozen=True)
class Row:
    """A resident's record: what identifies somebody is there or not, and two people share everything but a number."""

    name: int
    room: int
    id: int | None
    phone: int | None
    born: int | None
    key: int | None

    def text(self, place: int) -> str:
        born = ["1990-01-01", "1988-08-08"][self.born] if self.born is not None else ""
        number = _checked(IDS[self.id]) if self.id is not None else ""
        phone = f"1380000000{self.phone}" if self.phone is not None else ""
        key = f"K{self.key}" if self.key is not None else ""
        return f"滨湖明珠,1,1,{ROOMS[self.room]},{NAMES[self.name]},{born},{number},{phone},{key}\n"


def _checked(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body[:17] + "10X98765432"[sum(int(d) * w for d, w in zip(body[:17], weights, strict=True)) % 11]


def _maybe(most: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(0, most)


ROWS = st.builds(Row, st.integers(0, 1), st.integers(0, 2), _maybe(1), _maybe(1), _maybe(1), _maybe(3))
NIGHT = st.tuples(st.lists(ROWS, max_size=6), st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=4))


class TinyCity:
    """One company with residents and vehicles. Ten households are the same every night, so that the register never
    shrinks by half."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(data=root / "data", config=root / "config", memory_limit="1GB", threads=1)
        self.settings.feeds.mkdir(parents=True)
        feed = {
            "company": "acme",
            "name": "acme",
            "communities": [{"name": "滨湖明珠", "code": "340199001001001"}],
            "feeds": {
                "residents": {"files": "residents*", "headers": {"record_key": ["编号"]}},
                "vehicles": {"files": "vehicles*"},
            },
        }
        text = yaml.safe_dump(feed, allow_unicode=True)
        (self.settings.feeds / "acme.yaml").write_text(text, encoding="utf-8")
        self.night = 0

    def merge(self, rows: list[Row], cars: list[tuple[int, int]]) -> Path:
        """A night; the folder of its release."""
        self.night += 1
        day = (date(2026, 11, 19) + timedelta(days=self.night)).strftime("%Y%m%d")
        base = [f"滨湖明珠,2,1,{n}01,王样例,,,1390000000{n},\n" for n in range(1, 10)]
        base_cars = [f"滨湖明珠,2,1,{n}01,皖A1111{n},王样例\n" for n in range(1, 10)]
        residents = [*base, *(r.text(n) for n, r in enumerate(rows))]
        vehicles = [*base_cars, *(f"滨湖明珠,1,1,{ROOMS[room]},皖A2222{n},张测试\n" for n, room in cars)]
        for name, content in (("residents", HEAD + "".join(residents)), ("vehicles", CARS + "".join(vehicles))):
            path = self.settings.drop / "acme" / f"{name}_{day}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        companies, _ = load_companies(self.settings.feeds)
        report = load_company(self.settings, companies["acme"])
        assert report.failed == ()
        return run_merge(self.settings).release


def _open(con: duckdb.DuckDBPyConnection, city: TinyCity, folder: Path, database: str, alias: str) -> None:
    if database == "curated":
        con.execute(f"ATTACH '{folder / 'curated.duckdb'}' AS {alias} (READ_ONLY)")
    else:
        attach_encrypted(con, folder / "restricted.duckdb", alias, restricted_key(city.settings))


def _rows(con: duckdb.DuckDBPyConnection, alias: str, table: str, leave_out: tuple[str, ...] = ()) -> list[Any]:
    names = [n for (n,) in con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND table_name = ? ORDER BY column_index",
        [alias, table]).fetchall()]  # fmt: skip
    wanted = ", ".join(f'"{n}"' for n in names if n not in leave_out)
    return con.execute(f"SELECT {wanted} FROM {alias}.{table} ORDER BY ALL").fetchall()


def _applied(city: TinyCity, old: Path, new: Path, database: str, changes: list[Any] | None = None) -> None:
    """Apply ``changes`` (the release's own, else these) to a copy of the old release, and compare with the new."""
    with duckdb.connect() as con:
        for alias, folder in (("older", old), ("release", new)):
            _open(con, city, folder, database, alias)
        con.execute("ATTACH ':memory:' AS mine")
        for table in APPLIED:
            con.execute(f"CREATE TABLE mine.{table} AS FROM older.{table}")
        statements = APPLY
        if changes is not None:
            con.execute("CREATE TABLE mine.changes (entity_type VARCHAR, entity_id VARCHAR, change VARCHAR, "
                        "other_id VARCHAR, changed_columns VARCHAR[])")  # fmt: skip
            con.executemany("INSERT INTO mine.changes VALUES (?, ?, ?, ?, ?)", changes or [[None] * 5])
            statements = APPLY.replace("release.changes", "mine.changes")
        con.execute("USE mine")
        exact, _, _ = statements.partition("-- what moves every night")
        con.execute(exact)
        for table in APPLIED:
            assert _rows(con, "mine", table, MOVES_EVERY_NIGHT) == _rows(con, "release", table, MOVES_EVERY_NIGHT), (
                table
            )
        con.execute(statements)
        for table in APPLIED:
            assert _rows(con, "mine", table) == _rows(con, "release", table), table


def _explained(city: TinyCity, new: Path) -> None:
    """Every id that came or went has its entry in the ledger, with a cause, of this very night."""
    with duckdb.connect() as con:
        _open(con, city, new, "restricted", "release")
        unexplained = con.execute(
            """SELECT c.entity_id, c.change FROM release.changes c
            LEFT JOIN release.id_ledger l ON l.entity_id = c.entity_id AND l.release_id = c.release_id
                AND l.event IN (c.change, CASE c.change WHEN 'created' THEN 'restored' END) AND l.cause <> ''
                AND l.other_id IS NOT DISTINCT FROM c.other_id
            WHERE c.change <> 'updated' AND l.entity_id IS NULL"""
        ).fetchall()
        assert unexplained == []
        # an id that had gone before may yet be found to be another's: the release before did not have it
        untold = con.execute(
            """SELECT l.entity_id, l.event FROM release.id_ledger l ANTI JOIN release.changes c
                ON c.entity_id = l.entity_id AND c.change <> 'updated'
            WHERE l.release_id = $new AND NOT (l.event = 'merged' AND l.entity_id IN (
                SELECT entity_id FROM release.id_ledger WHERE event = 'retired' AND release_id < $new))""",
            {"new": new.name},
        ).fetchall()
        assert untold == []


@pytest.fixture(autouse=True)
def without_suites(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Great Expectations suites cost seconds each night and have tests of their own."""
    monkeypatch.setattr("assets.release.audit.run_suites", lambda database, tables: [])


Nights = list[tuple[list[Row], list[tuple[int, int]]]]


def _lead_from_each_release_to_the_next(nights: Nights, root: Path) -> set[str]:
    """Merge the nights and apply what each changed; which kinds of change there were."""
    city = TinyCity(root)
    releases = [city.merge(rows, cars) for rows, cars in nights]
    for old, new in pairwise(releases):
        if old != new:
            _applied(city, old, new, "curated")
            _applied(city, old, new, "restricted")
            _explained(city, new)
    first, last = releases[0], releases[-1]
    for old, new in ((first, last), (last, first)):
        listed = [list(vars(c).values()) for c in difference(city.settings, old, new).changes]
        _applied(city, old, new, "restricted", listed)
    kinds = {c.change for old, new in pairwise(releases) for c in difference(city.settings, old, new).changes}
    shutil.rmtree(root)
    return kinds


def test_two_become_one_and_one_becomes_two(tmp_path: Path) -> None:
    with_phone, with_birth = Row(0, 0, None, 0, None, None), Row(0, 0, None, None, 0, None)
    together, moved_on = Row(0, 0, 0, 0, 0, None), Row(0, 0, 0, 1, None, None)
    nights: Nights = [
        ([with_phone], [(0, 0), (1, 1)]),
        ([with_phone, with_birth], [(0, 0), (1, 1)]),
        ([together], [(0, 1)]),
        ([moved_on, with_phone], [(0, 1), (2, 2)]),
    ]
    kinds = _lead_from_each_release_to_the_next(nights, tmp_path / "city")
    assert kinds == {"created", "updated", "merged", "split", "retired"}


@settings(max_examples=3, deadline=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck])
@given(nights=st.lists(NIGHT, min_size=3, max_size=3))
def test_changes_lead_from_each_release_to_the_next(nights: Nights, tmp_path_factory: pytest.TempPathFactory) -> None:
    _lead_from_each_release_to_the_next(nights, tmp_path_factory.mktemp("city"))
