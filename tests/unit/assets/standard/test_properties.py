"""What holds for any input: nothing lost, order means nothing, one digit matters, normal forms stay."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from random import Random

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.standard import standard_folder, standardise
from assets.standard.rules.house import HouseKey, HouseReader, numeral
from resources.settings import Settings

from .conftest import DELIVERED, Row, company_of, land, read_parts
from .test_identity import whole

few = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
"""A delivery costs a quarter of a second however small it is, so examples are few and each holds many rows."""


def judge(con: duckdb.DuckDBPyConnection, dataset: str, rows: Iterable[Row]):
    with tempfile.TemporaryDirectory() as folder:
        places = Settings(data=Path(folder), config=Path(folder))
        ledger = standardise(places, company_of(dataset), land(places, dataset, rows), con)
        return ledger, read_parts(standard_folder(places, "acme", "d_1"))


MESS = st.none() | st.text(max_size=12) | st.text("0123456789-年月日XE+*?·皖A张三栋单元室 ./", max_size=20)
VALUES = {
    "community": st.sampled_from(["翡翠湖", "翡翠湖花园", None]) | MESS,
    "building": st.sampled_from(["3", "三栋", None]) | MESS,
    "room": st.sampled_from(["502", "0502室", None]) | MESS,
    "address": MESS,
    "name": MESS,
    "id_number": st.sampled_from(["11010519491231002X", "340199199003071000", "3.4E+17", None]) | MESS,
    "phone": MESS,
    "birth_date": MESS,
    "valid_to": MESS,
    "updated_at": MESS,
    "sex": MESS,
}
KINDS = st.sampled_from(["record", "record", "record", "record", "footer", "blank", "malformed"])


@st.composite
def resident_rows(draw: st.DrawFn) -> list[dict[str, str | None]]:
    distinct = draw(st.lists(st.fixed_dictionaries({**VALUES, "row_kind": KINDS}), min_size=1, max_size=40))
    rows = distinct + draw(st.lists(st.sampled_from(distinct), max_size=8))
    files = draw(st.lists(st.sampled_from(["a.csv", "b!c.csv"]), min_size=len(rows), max_size=len(rows)))
    return [
        {k: v for k, v in r.items() if v is None or v.strip()} | {"file": f, "row_number": str(n)}
        for n, (r, f) in enumerate(zip(rows, files, strict=True), start=1)
    ]


@few
@given(rows=resident_rows(), seed=st.randoms(use_true_random=False))
def test_no_row_is_lost_or_made_up_in_any_order(con: duckdb.DuckDBPyConnection, rows: list[Row], seed: Random) -> None:
    ledger, parts = judge(con, "residents", rows)
    keys = [key for part in parts.values() for key in part]
    assert sorted(keys) == sorted((str(r["file"]), int(str(r["row_number"]))) for r in rows)
    assert sum(f.rows_read for f in ledger.files) == len(rows)
    for f in ledger.files:
        assert f.rows_read == f.accepted + f.quarantined + f.duplicate + f.skipped
        assert f.accepted == sum(file == f.file for file, _ in parts["accepted"])
    shuffled = list(rows)
    seed.shuffle(shuffled)
    assert judge(con, "residents", shuffled) == (ledger, parts)


def numbers(latest: date) -> st.SearchStrategy[list[str]]:
    """The first seventeen digits of several ID numbers. An 18th digit 0 after 00 is the mark of a rounded number:
    another rule's business."""
    body = st.builds(
        lambda born, order: f"340199{born:%Y%m%d}{order:03}",
        st.dates(date(1900, 1, 1), latest),
        st.integers(0, 999).filter(lambda n: n % 100),
    )
    return st.lists(body, min_size=1, max_size=12, unique=True)


BASE = {"community": "翡翠湖", "building": "1", "room": "101", "name": "张三"}


@few
@given(bodies=numbers(DELIVERED))
def test_one_wrong_character_is_always_noticed(con: duckdb.DuckDBPyConnection, bodies: list[str]) -> None:
    rows: list[Row] = []
    for good in map(whole, bodies):
        wrong = [
            good[:i] + c + good[i + 1 :]
            for i in range(18)
            for c in ("0123456789X" if i == 17 else "0123456789")
            if c != good[i]
        ]
        rows += [{**BASE, "file": f, "id_number": n} for f, ns in (("good", [good]), ("wrong", wrong)) for n in ns]
    _, parts = judge(con, "residents", rows)
    verified = {key[0] for key, row in parts["accepted"].items() if row["id_verified"]}
    assert verified == {"good"}


@few
@given(bodies=numbers(date(1999, 12, 31)))
def test_fifteen_digits_and_eighteen_are_the_same_number(con: duckdb.DuckDBPyConnection, bodies: list[str]) -> None:
    rows: list[Row] = [
        {**BASE, "file": f, "row_number": str(n), "id_number": sent}
        for n, b in enumerate(bodies, start=1)
        for f, sent in (("short", b[:6] + b[8:]), ("long", whole(b)))
    ]
    _, parts = judge(con, "residents", rows)
    for n in range(1, len(bodies) + 1):
        short, long = parts["accepted"]["short", n], parts["accepted"]["long", n]
        assert (short["id_number"], short["id_verified"], long["id_verified"]) == (long["id_number"], False, True)
        assert (short["birth_date"], short["sex"]) == (long["birth_date"], long["sex"])


serial = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789OI·- ", min_size=4, max_size=8)
plates = st.builds(lambda p, c, s, t: p + c + s + t, st.sampled_from("皖京粤"), st.sampled_from("AaＡZ"), serial,
                   st.sampled_from(["", "", "学", "挂", "警", "港"]))  # fmt: skip


@few
@given(sent=st.lists(plates, min_size=1, max_size=40, unique=True))
def test_a_normal_plate_is_its_own_normal_form(con: duckdb.DuckDBPyConnection, sent: list[str]) -> None:
    _, once = judge(con, "vehicles", [{"community": "翡翠湖", "plate": p} for p in sent])
    first = sorted({str(r["plate"]) for r in once["accepted"].values()})
    if first:
        _, twice = judge(con, "vehicles", [{"community": "翡翠湖", "plate": p} for p in first])
        assert sorted(str(r["plate"]) for r in twice["accepted"].values()) == first
        assert not any("plate_corrected:plate" in r["warnings"] for r in twice["accepted"].values())


CHINESE = "〇一二三四五六七八九"


def in_chinese(n: int) -> str:
    tens, ones = divmod(n, 10)
    return (("" if tens == 1 else CHINESE[tens]) + "十" if tens else "") + (CHINESE[ones] if ones or not tens else "")


FORMS = {
    "words": "{b}号楼{u}单元{r}室",
    "curtain": "{b}幢{u}单元{r}室",
    "block": "{b}栋{u}单元{r}号",
    "seat": "{b}座{u}单元{r}房",
    "hash": "{b}#{u}单元{r}",
    "hyphens": "{b}-{u}-{r}",
    "mixed": "{b}号楼{u}-{r}",
    "spaced": "{b}号楼 {u}单元 {r}室",
    "padded": "{b:0>2}号楼{u:0>2}单元{r:0>4}室",
    "community": "翡翠湖花园{b}号楼{u}单元{r}室",
    "street": "翡翠路12号{b}栋{u}单元{r}室",
    "storey": "{b}栋{u}单元{f}层{r}室",
    "chinese": "{cb}栋{cu}单元{r}室",
}
READER = HouseReader(["翡翠湖花园", "滨湖世纪城二期"])


@settings(max_examples=300, deadline=None)
@given(
    form=st.sampled_from(sorted(FORMS)),
    phase=st.sampled_from(["", "2期", "A区", "南区"]),
    b=st.integers(1, 99),
    u=st.integers(1, 9),
    at=st.tuples(st.integers(1, 34), st.integers(1, 12)),
)
def test_every_way_to_write_a_house_reads_back(form: str, phase: str, b: int, u: int, at: tuple[int, int]) -> None:
    floor, door = at
    room = f"{floor}{door:02}"
    text = phase + FORMS[form].format(b=b, u=u, r=room, f=floor, cb=in_chinese(b), cu=in_chinese(u))
    if form in ("community", "street"):
        text = text.removeprefix(phase)
        phase = ""
    assert READER.address(text) == HouseKey(f"{phase}-{b}" if phase else str(b), str(u), room)
    assert READER.room(text) == READER.address(text)


@given(n=st.integers(1, 999))
def test_numerals(n: int) -> None:
    hundreds, rest = divmod(n, 100)
    if hundreds:
        tail = (
            ""
            if not rest
            else ("零" + in_chinese(rest) if rest < 10 else ("一" if rest < 20 else "") + in_chinese(rest))
        )
        assert numeral(CHINESE[hundreds] + "百" + tail) == str(n)
    else:
        assert numeral(in_chinese(n)) == str(n)
    assert numeral("".join(CHINESE[int(d)] for d in str(n))) == str(n)
    assert numeral(f"{n:05}") == str(n)
