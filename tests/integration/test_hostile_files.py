"""Files made to do harm: refused or harmless, in bounded memory and time, and nobody else the worse for it."""

from __future__ import annotations

import gzip
import io
import multiprocessing
import os
import re
import time
import zipfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from assets.landing import deliveries, unclaimed_files
from assets.nightly import load_company
from benchmarks.meter import peak_gib
from expectations.feeds import Company
from resources.settings import Settings

HEADER = "小区,楼栋,单元,房号,姓名,身份证号,电话\n"
ROW = "滨湖明珠,3,2,502,张三,340199199001010012,13812345678\n"
TABLE = [line.split(",") for line in (HEADER + ROW).splitlines()]
HTML = "<tr>" + "</tr><tr>".join("".join(f"<td>{c}</td>" for c in row) for row in TABLE) + "</tr>"
LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
PEAK_GIB = 0.6
PROCESSOR_SECONDS = 20.0

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["assets.nightly", "lxml.etree", "xlsxwriter"])


def workbook(far: tuple[int, int] | None = None, **changed: Callable[[str], str]) -> bytes:
    """The table as a workbook, with another cell far away; ``changed``: what is done to its parts, by name."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate(TABLE):
            sheet.write_row(r, 0, row)
        if far:
            sheet.write(*far, "x")
    repacked = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(repacked, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = Path(name).stem
            text = old.read(name)
            new.writestr(name, changed[part](text.decode()) if part in changed else text)
    return repacked.getvalue()


def with_external_links() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate(TABLE):
            sheet.write_row(r, 0, row)
        sheet.write_url(1, 7, "external:\\\\203.0.113.7\\share\\a.xlsx")
        sheet.write_formula(1, 8, "='\\\\203.0.113.7\\share\\[a.xlsx]Sheet1'!A1", value=3)
        sheet.write_formula(1, 9, '=WEBSERVICE("http://203.0.113.7/")', value="x")
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in members.items():
            z.writestr(name, content)
    return out.getvalue()


def many_rows(sheet: str) -> str:
    empty = "".join(f'<row r="{r}"/>' for r in range(10, 1_000_000))
    return sheet.replace("</sheetData>", f"{empty}</sheetData>")


def entities(strings: str) -> str:
    head, rest = strings.split("?>", 1)
    return f"{head}?><!DOCTYPE sst [{LAUGHS}]>" + rest.replace("张三", "&a9;")


HOSTILE: dict[str, tuple[str, Callable[[], bytes], set[str]]] = {
    "two cells far apart": ("residents.xlsx", lambda: workbook((1_048_575, 16_383)), {"too_spread_out"}),
    "a huge dimension": (
        "residents.xlsx",
        lambda: workbook(sheet1=lambda x: re.sub('<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"', x)),
        {"loaded"},
    ),
    "a million empty rows": ("residents.xlsx", lambda: workbook(sheet1=many_rows), {"loaded"}),
    "a workbook that explodes": (
        "residents.xlsx",
        lambda: workbook(sheet1=lambda x: x.replace("<sheetData>", "<sheetData>" + " " * (200 << 20))),
        {"archive_too_large"},
    ),
    "a billion laughs in a workbook": ("residents.xlsx", lambda: workbook(sharedStrings=entities), {"corrupt_file"}),
    "a billion laughs in HTML": (
        "residents.xls",
        f"<!DOCTYPE html [{LAUGHS}]><table>{HTML.replace('张三', '&a9;')}</table>".encode,
        {"loaded"},
    ),
    "external links": ("residents.xlsx", with_external_links, {"loaded"}),
    "cells that span everything": (
        "residents.xls",
        f"<table>{HTML}<tr>{'<td colspan=1000 rowspan=1000>x' * 50_000}</tr></table>".encode,
        {"too_many_columns"},
    ),
    "HTML a hundred thousand deep": (
        "residents.xls",
        f"<table>{HTML}<tr><td>{'<div>' * 100_000}</table>".encode,
        {"loaded", "corrupt_file", "too_many_columns"},
    ),
    "JSON a hundred thousand deep": ("residents.json", lambda: b"[{" + b'"a":[' * 100_000, {"cut_short", "no_records"}),
    "lines of JSON deep inside": (
        "residents.jsonl",
        lambda: (b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"\n") * 2,
        {"no_records", "missing_column", "cut_short"},
    ),
    "a record deep inside": (
        "residents.json",
        ('[{"小区":"滨湖明珠","房号":"502","姓名":' + "[" * 50_000 + "]" * 50_000 + "}]").encode,
        {"loaded", "all_malformed"},
    ),
    "numbers beyond counting": (
        "residents.jsonl",
        ('{"小区":"滨湖明珠","房号":502,"姓名":1e999999}\n{"房号":' + "9" * 100_000 + "}\n").encode,
        {"loaded"},
    ),
    "a gzip bomb": ("residents.csv", lambda: gzip.compress(bytes(300 << 20)), {"archive_too_large"}),
    "twenty thousand members": (
        "residents.zip",
        lambda: zipped({f"{i}.csv": b"x" for i in range(20_000)}),
        {"archive_too_large"},
    ),
    "a hundred thousand columns": (
        "residents.csv",
        (HEADER.strip() + ",列" * 100_000 + "\n" + ROW).encode,
        {"too_many_columns"},
    ),
    "NUL bytes": ("residents.csv", lambda: (HEADER + ROW * 3).encode().replace(b",", b"\0,\0"), {"loaded"}),
}


def _load(settings: Settings, company: Company, said: Connection) -> None:
    start = time.process_time()
    report = load_company(settings, company)
    told = [(r.delivery.status, r.delivery.code, r.message, r.message_zh) for r in report.deliveries]
    said.send((told, peak_gib(), time.process_time() - start))


def load_apart(office: Any) -> tuple[list[tuple[str, str | None, str | None, str | None]], float, float]:
    """Load in a process of its own: status, code and messages of each delivery; peak memory; processor seconds."""
    for path in office.drop.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, (1_700_000_000,) * 2)
    here, there = _SERVER.Pipe(duplex=False)
    process = _SERVER.Process(target=_load, args=(office.settings, office.company, there))
    process.start()
    there.close()
    try:
        return here.recv()
    finally:
        process.join()


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_or_harmless(office, case):
    name, content, expected = HOSTILE[case]
    office.put("20260101/residents.csv", HEADER + ROW)
    office.put(f"20260102/{name}", content())
    ((good, *_), (status, code, message, message_zh)), peak, seconds = load_apart(office)
    assert good == "loaded"
    assert (code or status) in expected
    if status == "failed":
        assert f"20260102/{name}" in message and f"20260102/{name}" in message_zh
    assert peak < PEAK_GIB
    assert seconds < PROCESSOR_SECONDS


def test_what_is_no_plain_file_is_passed_over_and_told(office, tmp_path):
    office.put("residents.csv", HEADER + ROW)
    other = office.settings.drop / "neighbour" / "residents.csv"
    other.parent.mkdir()
    other.write_text(HEADER + ROW)
    (tmp_path / "secret").mkdir()
    os.mkfifo(office.drop / "residents_pipe.csv")
    (office.drop / "residents_zero.csv").symlink_to("/dev/zero")
    (office.drop / "residents_neighbour.csv").symlink_to("../neighbour/residents.csv")
    (office.drop / "residents_folder").symlink_to(tmp_path / "secret")
    (office.drop / "residents_gone.csv").symlink_to("nowhere.csv")
    (office.drop / "residents_own.csv").symlink_to("residents.csv")

    told, _, _ = load_apart(office)

    assert [status for status, *_ in told] == ["loaded"]
    (landed,) = deliveries(office.settings, "acme")
    assert {f.path: f.status for f in landed.files} == {"residents.csv": "loaded", "residents_own.csv": "duplicate"}
    found = unclaimed_files(office.settings, {"acme": office.company})
    assert {u.file: u.code for u in found} == {
        "residents_pipe.csv": "not_a_file",
        "residents_zero.csv": "foreign_link",
        "residents_neighbour.csv": "foreign_link",
        "residents_folder": "foreign_link",
        "neighbour/residents.csv": "no_company",
    }
    assert all(u.file in u.message and u.file in u.message_zh for u in found)


SQL = "'; DROP TABLE residents; --"


def test_sql_is_text_wherever_it_stands(office):
    text = (
        HEADER.replace("电话", f'电话,"{SQL}","""; ATTACH \'x\'"') + ROW.replace("张三", SQL).strip() + f",{SQL},$1\n"
    )
    office.put(f"20260102/residents{SQL}.csv", text)
    report = load_company(office.settings, office.company)
    (delivery,) = (r.delivery for r in report.deliveries)
    assert delivery.status == "loaded" and report.deliveries[0].ledger is not None
    assert office.rows(delivery, "name") == [(SQL,)]
    assert SQL in delivery.drift
    assert delivery.files[0].path == f"20260102/residents{SQL}.csv"
