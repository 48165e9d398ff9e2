"""Two companies whose exports know the same person in every way, to erase her from; and a search of its own."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import xlsxwriter
import yaml

from assets.nightly import load_company, run_merge
from assets.standard import read_ledger
from expectations.feeds import load_companies
from resources.keys import attach_encrypted, open_restricted, restricted_key
from resources.settings import Settings

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(n: int) -> str:
    """A made-up ID number with the right check character, born on 1990-01-01."""
    body = f"34019919900101{n:03d}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11]


NAME, ID, PHONE, PLATE = "钱测试", number(112), "13812345601", "皖A12T45"
SHARED = "13812345699"
"""Her second phone, which her neighbour gives too."""
VALUES = (NAME, ID, ID[:6] + ID[8:17], PHONE, PLATE)
RESIDENTS = "小区,楼栋,单元,房号,姓名,身份证号,电话\n"
OTHERS = "".join(
    f"滨湖明珠,3,2,{600 + n},邻居{who},{number(200 + n)},139000000{n:02d}\n" for n, who in enumerate("甲乙丙丁戊己庚辛")
)
HERS = f"滨湖明珠,3,2,502,{NAME},{ID},{PHONE} {SHARED}\n滨湖明珠,3,2,503,周样例,{number(114)},{SHARED}\n"
ACME = RESIDENTS + OTHERS + HERS
# the same person set aside, in a row of too few cells, twice in one list, and by name and house alone
BETA = (
    RESIDENTS.replace(",", "\t")
    + f"不明小区\t3\t2\t502\t{NAME}\t{ID}\t{PHONE}\n滨湖明珠\t3\t{NAME}\t{ID}\n"
    + f"滨湖明珠\t3\t2\t502\t{NAME}\t\t{PHONE}\n" * 2
    + f"滨湖明珠\t3\t2\t502\t{NAME}\t\t\n滨湖明珠\t3\t2\t504\t吴样例\t{number(115)}\t13800000004\n"
)
RECEIVER = {
    "receiver": "grid",
    "name": "Grid",
    "purpose": "Visits by grid workers",
    "legal_basis": "legal_duty",
    "legal_reference": "Regulation 12",
    "contact": "data@grid.example",
    "expires_on": "2099-12-31",
    "communities": "all",
    "tables": {
        "residents": {"columns": ["resident_id", "name", "phone"], "masks": {"name": "none", "phone": "none"}},
        "vehicles": {"columns": ["vehicle_id", "plate"], "masks": {"plate": "none"}},
        "events_identified": {"columns": ["event_id", "entity_type", "entity_id"]},
    },
    "sensitive_basis": {"whereabouts": "Order 7 of the court, for a search"},
}


class City:
    """The installation; ``drop_all`` lays down what the companies send of a day."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(data=root / "data", config=root / "config", memory_limit="1GB", threads=2)
        self.settings.feeds.mkdir(parents=True)
        self.settings.receivers.mkdir()
        community = {"name": "滨湖明珠", "code": "340199001001001"}
        feeds = {d: {"files": f"{d}*"} for d in ("residents", "vehicles")} | {"access_events": {"files": "events*"}}
        for company in ("acme", "beta"):
            said = {"company": company, "name": company, "communities": [community], "feeds": feeds}
            path = self.settings.feeds / f"{company}.yaml"
            path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
        path = self.settings.receivers / "grid.yaml"
        path.write_text(yaml.safe_dump(RECEIVER, allow_unicode=True), encoding="utf-8")

    def put(self, file: str, content: bytes) -> Path:
        path = self.settings.drop / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def drop_all(self, day: str, extra: str = "") -> None:
        self.put(f"acme/residents_{day}.csv", (ACME + extra).encode("gb18030"))
        self.put(f"acme/vehicles_{day}.xlsx", _workbook())
        self.put(f"acme/events_{day}.zip", _zipped(_passes(day)))
        self.put(f"beta/residents_{day}.csv", (BETA + extra.replace(",", "\t")).encode("utf-16"))

    def load(self) -> None:
        companies, _ = load_companies(self.settings.feeds)
        for company in companies.values():
            load_company(self.settings, company)

    def night(self) -> Path:
        self.load()
        return run_merge(self.settings, force=True).release

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with open_restricted(self.settings) as con:
            return con.execute(sql).fetchall()

    def her(self) -> str:
        ((found,),) = self.query(f"SELECT resident_id FROM residents WHERE id_number = '{ID}'")
        return str(found)

    def balances(self) -> list[int]:
        ledgers = self.settings.standard.glob("*/d_*/ledger.json")
        return [f.balance for path in ledgers for f in read_ledger(path).files]


def _passes(day: str) -> bytes:
    start = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
    rows = [
        {"小区": "滨湖明珠", "通道": "东门", "方向": "进", "通行时间": (start + timedelta(hours=h)).isoformat(), **who}
        for h, who in enumerate(
            (
                {"姓名": NAME, "证件号码": ID},
                {"姓名": NAME, "电话": PHONE},
                {"车牌号": PLATE},
                {"姓名": "邻居甲", "证件号码": number(200)},
                {"姓名": NAME},
            )
        )
    ]
    return "\n".join(json.dumps(r, ensure_ascii=False) for r in rows).encode()


def _zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("events.jsonl", content)
    return out.getvalue()


def _workbook() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    rows = (
        ("小区", "楼栋", "单元", "房号", "车牌号", "车主姓名", "车主证件号码", "车主电话"),
        ("滨湖明珠", "3", "2", "502", PLATE, NAME, ID, PHONE),
        ("滨湖明珠", "3", "2", "600", "皖A23T56", "邻居甲", number(200), "13900000000"),
    )
    for n, row in enumerate(rows):
        sheet.write_row(n, 0, row)
    book.close()
    return out.getvalue()


def holders(settings: Settings, values: Sequence[str]) -> list[str]:
    """Every file below the data root that holds one of the values: as bytes in four encodings, in zip members, in
    Parquet rows, in the tables and views of databases. Written apart from what it is there to check."""
    needles = {v.encode(e) for v in values for e in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")}
    found = []
    for path in sorted(settings.data.rglob("*")):
        if not path.is_symlink() and path.is_file() and _holds(settings, path, needles, values):
            found.append(str(path.relative_to(settings.data)))
    return found


def _holds(settings: Settings, path: Path, needles: set[bytes], values: Sequence[str]) -> bool:
    content = path.read_bytes()
    if any(n in content for n in needles):
        return True
    if content[:4] == b"PAR1":
        return any(v in str(pq.read_table(path).to_pylist()) for v in values)
    if content[:2] == b"PK":
        with zipfile.ZipFile(path) as archive:
            return any(n in archive.read(m) for m in archive.namelist() for n in needles)
    if content[8:12] == b"DUCK":
        return any(v in text for text in _tables(settings, path) for v in values)
    assert content[:4] != b"PARE" or "events_identified" in str(path)  # read through the view of its release
    return False


def _tables(settings: Settings, path: Path) -> list[str]:
    if path.name == "restricted.duckdb":
        with open_restricted(settings, path.parent) as con:
            return _dump(con, "restricted")
    with duckdb.connect() as con:
        if path.name.startswith(".open"):
            attach_encrypted(con, path, "it", restricted_key(settings))
        else:
            con.execute(f"ATTACH '{path}' AS it (READ_ONLY)")
        return _dump(con, "it")


def _dump(con: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    names = con.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_catalog = ?", [database]
    ).fetchall()
    return [str(con.execute(f'SELECT * FROM {database}."{name}"').fetchall()) for (name,) in names]
