"""The made-up city: its size, its people, its messes, and that its truth is true of its files."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from python_calamine import load_workbook
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from expectations.contracts.datasets import DATASETS
from expectations.contracts.reasons import REASONS
from expectations.contracts.sensitive import sensitive_kind
from expectations.feeds import load_companies
from resources.sample_city import generate
from resources.sample_city.again import KINDS
from resources.sample_city.company import write_company
from resources.sample_city.dialects import EXPORTS
from resources.sample_city.messes import MESSES
from resources.sample_city.rates import RATES
from resources.sample_city.tiers import DIALECTS, TIERS, plan_city
from resources.sample_city.written import SLIPS, misspelt

_TODAY_IN_NAMES = "20261120"


@dataclass(frozen=True)
class City:
    """Where a generated city lies, and questions to its truth."""

    out: Path
    truth: Path

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """Rows of a query over the views rows, files, passes and one a kind of entity."""
        with duckdb.connect() as con:
            con.execute(
                f"CREATE VIEW rows AS FROM read_parquet('{self.truth}/rows/*/*.parquet', hive_partitioning=true)"
            )
            con.execute(
                f"CREATE VIEW files AS FROM read_parquet('{self.truth}/files/*.parquet', hive_partitioning=true)"
            )
            con.execute(f"CREATE VIEW passes AS FROM read_parquet('{self.truth}/entities/passes/*.parquet')")
            for path in (self.truth / "entities").glob("*.parquet"):
                con.execute(f"CREATE VIEW {path.stem} AS FROM read_parquet('{path}')")
            return con.sql(sql).fetchall()


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    root = tmp_path_factory.mktemp("city")
    generate("community", 7, root / "city", root / "truth", nights=2)
    return City(root / "city", root / "truth")


def _digest(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.mark.parametrize(("dialect", "nights"), [("xlsx_titled", 1), ("zip_parts", 1), ("parquet_delta", 2)])
def test_same_seed_gives_the_same_bytes(tmp_path: Path, dialect: str, nights: int) -> None:
    plan = plan_city("community", 3)
    company = next(c for c in plan.companies if c.dialect == dialect)
    for run in ("first", "second"):
        write_company(plan, company, tmp_path / run, tmp_path / run / "truth", nights)
    assert _digest(tmp_path / "first") == _digest(tmp_path / "second")


def test_another_seed_gives_another_city(city: City, tmp_path: Path) -> None:
    plan = plan_city("community", 8)
    company = next(c for c in plan.companies if c.dialect == "xlsx_numbers")
    write_company(plan, company, tmp_path, tmp_path / "truth", 1)
    former, other = _digest(city.out / "drop" / company.slug), _digest(tmp_path / "drop" / company.slug)
    assert former.keys() == other.keys()
    assert not set(former.values()) & set(other.values())


def test_unknown_tier_and_impossible_nights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one of: hamlet, community, pilot, city"):
        generate("village", 1, tmp_path / "a", tmp_path / "b")
    with pytest.raises(ValueError, match="nights is 0"):
        generate("community", 1, tmp_path / "a", tmp_path / "b", nights=0)


def test_the_city_has_the_size_that_was_asked_for(city: City) -> None:
    here = "lives_there AND from_night = 1"
    assert city.ask(f"SELECT count(*), count(DISTINCT house_id) FROM occupancies WHERE {here}") == [(5336, 1322)]
    assert city.ask("SELECT count(DISTINCT (community_id, building)) FROM houses") == [(28,)]
    assert city.ask("SELECT count(*) FROM vehicles WHERE from_night = 1") == [(470,)]
    assert city.ask("SELECT count(*) FROM passes WHERE pass_id LIKE '%\\_1\\_%' ESCAPE '\\'") == [(5336 * 3 * 7,)]
    assert len(city.ask("SELECT DISTINCT company FROM rows")) == len(DIALECTS)
    manifest = json.loads((city.out / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["tier"], manifest["seed"], manifest["nights"]) == ("community", 7, 2)


@pytest.mark.parametrize("tier", [name for name, tier in TIERS.items() if tier.buildings is None])
def test_large_tiers_are_planned_to_their_totals(tier: str) -> None:
    plan, want = plan_city(tier, 1), TIERS[tier]
    communities = [c for company in plan.companies for c in company.communities]
    assert len({c.name for c in communities}) == len({c.code for c in communities}) == want.communities
    assert sum(c.residents for c in communities) == want.residents
    assert sum(c.houses for c in communities) == want.houses
    slots = [range(*s) for s in (*(c.id_slots for c in plan.companies), plan.pool_slots, plan.mover_slots)]
    assert len({s for r in slots for s in r}) == sum(len(r) for r in slots), "two companies share ID numbers"
    in_workbooks = sum(c.residents for c in plan.companies if c.dialect.startswith("xlsx"))
    assert in_workbooks < 0.05 * want.residents


def test_every_true_id_number_is_valid_by_another_implementation_and_unique(city: City) -> None:
    people = city.ask("SELECT id_number, birth_date, sex FROM residents WHERE id_type = 'resident_id'")
    assert len({number for number, _, _ in people}) == len(people) > 5000
    for number, birth, sex in people:
        assert isinstance(number, str)
        assert mod_11_2.is_valid(number)
        assert number[6:14] == f"{birth:%Y%m%d}"
        assert (int(number[16]) % 2 == 1) == (sex == "male")
        assert number[:6] in ("340199", "810000", "820000", "830000")
    assert all(uscc.is_valid(c.uscc) for c in plan_city("city", 1).companies)


def test_people_are_as_like_and_unlike_as_real_ones(city: City) -> None:
    ((top, _, homonyms, dotted, rare),) = city.ask("""
        SELECT (SELECT count(*) FROM residents WHERE left(name, 1) IN ('王', '李', '张', '刘', '陈')), count(*),
            count(*) FILTER (n > 1), count(*) FILTER (name LIKE '%·%'),
            count(*) FILTER (regexp_matches(name, '[䶮㛃𬭎𠮷]'))
        FROM (SELECT name, count(*) AS n FROM residents GROUP BY name)""")
    assert 0.2 < top / 5400 < 0.42
    assert homonyms > 100 and dotted > 10 and rare > 1
    twins = """SELECT count(*) FROM (SELECT o.house_id, r.birth_date FROM occupancies o
        JOIN residents r ON r.entity_id = o.resident_id WHERE lives_there AND o.role = 'family'
        GROUP BY ALL HAVING count(*) > 1)"""
    assert city.ask(twins)[0][0] > 3
    assert city.ask("SELECT count(*) FROM occupancies WHERE relation = 'parent'")[0][0] > 100
    several = (
        "SELECT resident_id FROM occupancies WHERE role = 'owner' GROUP BY ALL HAVING count(DISTINCT house_id) > 1"
    )
    assert len(city.ask(several)) > 50
    elsewhere = "SELECT resident_id FROM occupancies GROUP BY ALL HAVING count(DISTINCT company) > 1"
    assert len(city.ask(elsewhere)) > 3
    ((green, firms, cars),) = city.ask("""SELECT count(*) FILTER (plate_class LIKE 'new%'), count(firm), count(*)
        FROM vehicles WHERE from_night = 1""")
    assert 0.15 < green / cars < 0.35 and firms > 5
    assert city.ask("SELECT count(*) FROM residents WHERE id_type = 'passport'")[0][0] > 0


def test_people_are_in_the_lists_more_than_once_in_other_words(city: City) -> None:
    kinds = ", ".join(f"count(*) FILTER (list_contains(mess, '{k}'))" for k in KINDS)
    ((again, former, second),) = city.ask(f"SELECT {kinds} FROM rows WHERE night = 1 AND dataset = 'residents'")
    assert again > 150 and former > 20 and second > 80
    companies = """SELECT count(*) FROM (SELECT entity_id FROM rows WHERE list_contains(mess, 'second_company')
        GROUP BY entity_id HAVING count(DISTINCT company) = 2)"""
    assert city.ask(companies)[0][0] > 30
    weak = """SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n, bool_or(list_has_any(mess, ['no_id', 'id_typo',
        'id_masked', 'id_numeric_tail', 'id_swapped', 'id_digit_lost'])) AS is_weak FROM rows
        WHERE night = 1 AND dataset = 'residents' AND outcome IN ('accepted', 'warning') GROUP BY entity_id)
        WHERE is_weak"""
    assert city.ask(weak)[0][0] > 150
    homes = "SELECT resident_id FROM occupancies GROUP BY resident_id, house_id, from_night HAVING count(*) > 1"
    assert city.ask(homes) == []


@pytest.mark.parametrize(
    ("name", "slip", "others"),
    [
        ("张伟", "name_homophone", {"章伟", "张玮", "张炜", "张维"}),
        ("王国华", "name_look_alike", {"玉国华", "王囯华", "王国毕"}),
        ("李建国", "name_turned", {"李国建"}),
        ("李四", "name_turned", {"李四"}),
        ("龚海", "name_homophone", {"龚海"}),
        ("买买提·吐尔逊", "name_homophone", {"买买提·吐尔逊"}),
    ],
)
def test_a_name_is_written_wrong_by_one_character(name: str, slip: str, others: set[str]) -> None:
    assert {misspelt(name, slip, draw / 100) for draw in range(100)} == others


def test_plates_are_unique_to_a_vehicle(city: City) -> None:
    assert city.ask("SELECT plate FROM vehicles GROUP BY plate HAVING count(DISTINCT entity_id) > 1") == []


def test_feed_files_load_and_explain_every_header(city: City) -> None:
    good, bad = load_companies(city.out / "config" / "feeds")
    assert not bad and len(good) == len(DIALECTS)


def test_headers_mean_to_the_contracts_what_they_mean_here() -> None:
    for exports in EXPORTS.values():
        for export in exports:
            known = {_fold(h): f.name for f in DATASETS[export.dataset].fields for h in f.headers}
            for col in export.columns:
                meant = known.get(_fold(col.header))
                assert meant == (col.field if col.known else None), (export.file, col.header)


def test_sensitive_columns_are_sent_and_recognised() -> None:
    undeclared = {c.header for exports in EXPORTS.values() for e in exports for c in e.columns if c.field is None}
    kinds = {sensitive_kind(h) for h in undeclared}
    assert {"biometrics", "ethnicity", "politics", "religion", "marital_status", None} <= kinds
    assert not any(sensitive_kind(c.header) for es in EXPORTS.values() for e in es for c in e.columns if c.field)


def test_every_mess_of_every_dialect_happens(city: City) -> None:
    seen = {m for (m,) in city.ask("SELECT DISTINCT unnest(mess) FROM rows")}
    of_rows = {
        "repeat",
        "late",
        "second_reader",
        "replay",
        "overlap",
        "ragged",
        "cut",
        "blank",
        "footer",
        "renamed_rows",
    }
    typed_anew = {"no_id", "old_phone", "no_phone", "family_phone", "no_birth_date", "day_month_swapped"}
    assert seen == {m.name for m in MESSES} | of_rows | typed_anew | {*KINDS, *SLIPS}
    assert {m for rates in RATES.values() for m in rates} - {"same_file_again"} <= seen


def test_reasons_and_outcomes_are_words_of_the_contract(city: City) -> None:
    for dataset, reason, outcome in city.ask("SELECT DISTINCT dataset, unnest(reasons), outcome FROM rows"):
        code, _, column = str(reason).partition(":")
        assert code in REASONS
        assert column == "row" or DATASETS[str(dataset)].field(column)
        assert outcome == "quarantined" or code not in ("row_malformed", "community_unknown", "no_identity")
    unsaid = "SELECT count(*) FROM rows WHERE (outcome IN ('warning', 'quarantined')) <> (len(reasons) > 0)"
    assert city.ask(unsaid) == [(0,)]


def test_duplicates_point_at_a_surviving_row_of_the_same_thing(city: City) -> None:
    lost = """SELECT count(*) FROM rows d LEFT JOIN rows s ON s.company = d.company AND s.feed = d.feed
        AND s.night = d.night AND s.file = d.duplicate_of_file AND s.row_number = d.duplicate_of_row
        WHERE d.outcome = 'duplicate' AND (s.outcome IS NULL OR s.outcome = 'duplicate' AND d.dataset <> 'access_events'
            OR s.entity_id <> d.entity_id AND d.dataset <> 'access_events')"""
    assert city.ask(lost) == [(0,)]
    told_twice = """SELECT entity_id FROM rows WHERE dataset = 'access_events' AND outcome IN ('accepted', 'warning')
        GROUP BY ALL HAVING count(*) > 1"""
    assert city.ask(told_twice) == []


def _truth_rows(city: City, company: str, feed: str, file: str) -> dict[int, tuple[object, ...]]:
    rows = city.ask(f"""SELECT row_number, outcome, mess FROM rows WHERE night = 1 AND company LIKE '{company}%'
        AND feed = '{feed}' AND file = '{file}'""")
    return {int(str(n)): (outcome, mess) for n, outcome, mess in rows}


def _drop(city: City, dialect: str) -> Path:
    return next((city.out / "drop").glob(f"{dialect}_*"))


def _fold(header: str) -> str:
    return "".join(c for c in header.lower() if c not in " *()（）【】")


def test_csv_rows_are_where_the_truth_says(city: City) -> None:
    path = _drop(city, "gbk_csv") / f"住户信息_{_TODAY_IN_NAMES}.csv"
    lines = path.read_bytes().decode("gb18030").removesuffix("\r\n").split("\r\n")
    truth = _truth_rows(city, "gbk_csv", "residents", path.name)
    assert set(truth) == set(range(2, len(lines) + 1))
    width = len(lines[0].split(","))
    for number, line in enumerate(lines[1:], start=2):
        outcome, mess = truth[number]
        assert (outcome == "blank") == (not line.strip(","))
        if "ragged" in mess:
            assert len(next(csv.reader([line]))) != width
    cars = (
        next(_drop(city, "gbk_csv").glob("车辆登记_*.csv"))
        .read_bytes()
        .decode("gb18030")
        .removesuffix("\r\n")
        .split("\r\n")
    )
    assert cars[-1].count(",") < cars[0].count(","), "the last line is cut"


def test_workbook_has_titles_two_header_rows_damaged_numbers_and_a_footer(city: City) -> None:
    path = _drop(city, "xlsx_titled") / f"业主信息统计表{_TODAY_IN_NAMES}.xlsx"
    grid = load_workbook(io.BytesIO(path.read_bytes())).get_sheet_by_index(0).to_python(skip_empty_area=False)
    truth = _truth_rows(city, "xlsx_titled", "residents", path.name)
    assert set(truth) == set(range(5, len(grid) + 1))
    assert grid[0][0] == "业主信息统计表" and grid[2][1] == "房屋信息" and grid[3][5] == "*证件号码"
    for number, row in enumerate(grid[4:], start=5):
        outcome, mess = truth[number]
        assert isinstance(row[5], float) == ("id_numeric_tail" in mess)
        assert (outcome == "footer") == (str(row[0]).startswith(("合计", "制表")))


def test_zip_members_have_gbk_names_and_at_most_a_thousand_rows(city: City) -> None:
    path = next(_drop(city, "zip_parts").glob("通行导出_*.zip"))
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        assert len(infos) > 5
        assert not any(i.flag_bits & 0x800 for i in infos)
        name = infos[0].filename.encode("cp437").decode("gb18030")
        assert name == "通行导出_第1部分.csv"
        lines = archive.read(infos[0]).decode("gb18030").removesuffix("\r\n").split("\r\n")
    assert len(lines) == 1001
    assert set(_truth_rows(city, "zip_parts", "access_events", f"{path.name}!{name}")) == set(range(2, 1002))


def test_json_has_a_wrapper_and_photos_and_its_records_are_counted_from_one(city: City) -> None:
    path = _drop(city, "access_json") / f"events_{_TODAY_IN_NAMES}.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    records = document["data"]["list"]
    assert document["code"] == 0 and document["data"]["total"] == len(records)
    assert records[0]["eventTime"].endswith("+08:00") and "snapPicUrl" in records[0]
    assert set(_truth_rows(city, "access_json", "access_events", path.name)) == set(range(1, len(records) + 1))


def test_other_formats_hold_as_many_rows_as_the_truth(city: City) -> None:
    lines = (_drop(city, "parking_jsonl") / f"pass_{_TODAY_IN_NAMES}.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(json.loads(lines[0])["passTime"]) == 13
    assert len(lines) == len(_truth_rows(city, "parking_jsonl", "access_events", f"pass_{_TODAY_IN_NAMES}.jsonl"))
    page = (_drop(city, "html_xls") / f"住户列表{_TODAY_IN_NAMES}.xls").read_text(encoding="utf-8")
    assert page.count("<tr>") == 1 + len(_truth_rows(city, "html_xls", "residents", f"住户列表{_TODAY_IN_NAMES}.xls"))
    text = (_drop(city, "utf16_tsv") / f"车辆{_TODAY_IN_NAMES}.txt").read_text(encoding="utf-16")
    assert len(text.removesuffix("\n").split("\n")) == 1 + len(
        _truth_rows(city, "utf16_tsv", "vehicles", f"车辆{_TODAY_IN_NAMES}.txt")
    )
    name = f"resident_delta_{_TODAY_IN_NAMES}.parquet"
    assert pq.read_metadata(_drop(city, "parquet_delta") / name).num_rows == len(
        _truth_rows(city, "parquet_delta", "residents", name)
    )


def test_files_sent_again_are_equal_bytes_under_a_later_name(city: City) -> None:
    for company, file, night in city.ask("SELECT company, file, night FROM files WHERE outcome = 'duplicate'"):
        folder = (city.out if night == 1 else city.out / "nights" / str(night)) / "drop" / str(company)
        earlier = [city.out / "drop" / str(company), folder]
        copy = (folder / str(file)).read_bytes()
        assert any(p.read_bytes() == copy and p.name < str(file) for f in earlier for p in f.iterdir())


def test_the_second_night_moves_people_and_goes_wrong_as_told(city: City) -> None:
    ended, started = city.ask(
        """SELECT count(*) FILTER (to_night = 1), count(*) FILTER (from_night = 2) FROM occupancies"""
    )[0]
    assert ended and started
    assert city.ask("SELECT count(*) FROM residents r WHERE birth_date > DATE '2026-10-01'")[0][0] >= len(DIALECTS)
    sold = """SELECT count(*) FROM vehicles a JOIN vehicles b USING (entity_id)
        WHERE a.to_night = 1 AND b.from_night = 2 AND a.holder_id <> b.holder_id"""
    assert city.ask(sold)[0][0] > 0
    failed = city.ask("SELECT company, file, code FROM files WHERE night = 2 AND outcome = 'failed'")
    assert [(f[2]) for f in failed] == ["zip_truncated"]
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(city.out / "nights" / "2" / "drop" / str(failed[0][0]) / str(failed[0][1]))
    sent = {p.name for p in (city.out / "nights" / "2" / "drop").iterdir()}
    assert len(sent) == len(DIALECTS) - 1 and not any(s.startswith("html_xls") for s in sent)
    changed = "SELECT count(*) FROM rows WHERE night = {} AND company LIKE 'parquet%' AND dataset = 'residents'"
    assert city.ask(changed.format(2))[0][0] < 0.2 * city.ask(changed.format(1))[0][0]


def test_libreoffice_fixtures_show_what_spreadsheets_do() -> None:
    folder = Path(__file__).parents[3] / "fixtures" / "libreoffice"
    freely = load_workbook(str(folder / "residents_typed_freely.xlsx")).get_sheet_by_index(0).to_python()
    assert [isinstance(row[6], float) for row in freely[1:]] == [True, True, False, True, True]
    as_text = load_workbook(str(folder / "residents_as_text.xlsx")).get_sheet_by_index(0).to_python()
    assert all(mod_11_2.is_valid(row[6]) for row in as_text[1:])
