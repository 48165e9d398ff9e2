"""Rows set aside go back in the company's own columns, and come in again once they are corrected."""

from __future__ import annotations

import csv
import io
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine
import xlsxwriter

from assets.landing import deliveries
from assets.nightly import load_company
from assets.quarantine import Written, set_aside, write_returns
from assets.standard import standard_folder

HEADER = ["序号", "小区", "楼栋", "房号", "姓名", "证件号码", "民族", "备注"]
GOOD = ["1", "滨湖明珠", "3", "502", "张三", "340199199003071234", "汉", "好"]
LOST = ["2", "东方曼哈顿", "3", "0503", "李四", "340199199003071235", "回", "=1+1"]
NOBODY = ["3", "滨湖明珠", "3", "504", "", "", "汉", "@here"]
OURS = 3


def text(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> str:
    return "".join(delimiter.join(row) + end for row in rows)


def workbook(path: Path, **sheets: list[list[str]]) -> bytes:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    sheet.write_string(r, c, cell)
    return path.read_bytes()


def load(office: Any) -> None:
    _settled(office)
    for report in load_company(office.settings, office.company).deliveries:
        assert not report.failed, report.message


def _settled(office: Any) -> None:
    """Files that nobody is writing any more, so that a load does not wait for them."""
    for path in office.drop.rglob("*"):
        if path.stat().st_mtime > time.time() - 30:
            os.utime(path, (time.time() - 60,) * 2)


def one_return(office: Any) -> tuple[Written, Path]:
    (written,) = write_returns(office.settings, office.company)
    (file,) = (written.folder / f for f in written.told.files if "退回_" in f)
    return written, file


def cells(file: Path, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[list[str]]:
    if file.suffix == ".xlsx":
        return python_calamine.load_workbook(str(file)).get_sheet_by_index(0).to_python()
    return list(csv.reader(io.StringIO(file.read_bytes().decode(encoding)), delimiter=delimiter))


def test_every_reason_stands_beside_the_row_in_the_companys_own_columns(office) -> None:
    nowhere = [*LOST[:1], "", *LOST[2:4], "", "", *LOST[6:]]
    office.put("residents_20261120.csv", text([HEADER, GOOD, LOST, nowhere]))
    load(office)
    written, file = one_return(office)
    header, lost, both = cells(file)
    assert header == ["退回行号", "退回原因", "退回更正办法", *HEADER[:6], "备注", "退回文件"]
    assert lost[0] == "3" and lost[-1] == "residents_20261120.csv"
    assert "【小区】" in lost[1] and "滨湖明珠、翡翠湖" in lost[1] and "更正小区名称" in lost[2]
    assert "1. 【小区】" in both[1] and "2. 【姓名、证件号码】" in both[1]
    assert written.told.reasons == {"community_unknown:community": 2, "no_identity:name": 1}
    assert (written.told.rows, written.told.accepted, written.told.exact) == (2, 1, True)


def test_a_column_never_taken_in_does_not_come_back(office) -> None:
    office.put("residents_20261120.csv", text([HEADER, LOST]) + text([GOOD]))
    load(office)
    written, file = one_return(office)
    assert "民族" not in cells(file)[0] and "回" not in cells(file)[1]
    account = next(written.folder.glob("退回说明*")).read_text(encoding="utf-8-sig")
    assert "以下列不予接收，也不退回：民族" in account


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_text_goes_back_as_it_was_sent(office, encoding, delimiter) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    office.put("residents_20261120.csv", mark + text([HEADER, GOOD, LOST], delimiter), encoding)
    load(office)
    _, file = one_return(office)
    raw = file.read_bytes()
    assert raw.startswith({"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe"}.get(encoding, b"\xcd\xcb"))
    assert cells(file, encoding, delimiter)[1][OURS + 4] == "李四"
    assert file.suffix == (".tsv" if delimiter == "\t" else ".csv")


def test_a_workbook_keeps_its_sheets_and_its_text(office, tmp_path) -> None:
    content = workbook(tmp_path / "x.xlsx", 一期=[HEADER, GOOD, LOST], 二期=[HEADER, NOBODY])
    office.put("residents_20261120.xlsx", content)
    load(office)
    _, file = one_return(office)
    book = python_calamine.load_workbook(str(file))
    assert book.sheet_names == ["一期", "二期", "退回说明"]
    (_, row) = book.get_sheet_by_name("一期").to_python()
    assert row[OURS:] == [*LOST[:6], "'=1+1", "residents_20261120.xlsx!一期"]
    assert all(isinstance(cell, str) for cell in row[OURS:])
    told = " ".join(str(c) for r in book.get_sheet_by_name("退回说明").to_python() for c in r)
    assert "某物业" in told and "已接收" in told and "Returned on" in told


@pytest.mark.parametrize("kind", ["json", "jsonl", "parquet", "html"])
def test_what_is_no_text_goes_back_as_a_workbook(office, kind) -> None:
    records = [dict(zip(HEADER, row, strict=True)) for row in (GOOD, LOST, NOBODY)]
    if kind == "parquet":
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(records), sink)
        content: str | bytes = sink.getvalue()
    elif kind == "html":
        rows = ["".join(f"<td>{c}</td>" for c in row) for row in (HEADER, GOOD, LOST, NOBODY)]
        content = "<table>" + "".join(f"<tr>{r}</tr>" for r in rows) + "</table>"
    else:
        lines = [json.dumps(r, ensure_ascii=False) for r in records]
        content = "\n".join(lines) + "\n" if kind == "jsonl" else f"[{','.join(lines)}]"
    office.put(f"residents_20261120.{kind}", content)
    load(office)
    _, file = one_return(office)
    header, lost, nobody = cells(file)
    assert file.suffix == ".xlsx"
    assert lost[header.index("房号")] == "0503" and nobody[header.index("备注")] == "'@here"
    assert "民族" not in header


def test_parts_of_a_zip_are_one_return(office, tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("a.csv", text([HEADER, GOOD, LOST]))
        archive.writestr("b.csv", text([HEADER, NOBODY]))
    office.put("residents_20261120.zip", (tmp_path / "z.zip").read_bytes())
    load(office)
    _, file = one_return(office)
    assert [row[-1] for row in cells(file)[1:]] == ["residents_20261120.zip!a.csv", "residents_20261120.zip!b.csv"]


@pytest.mark.parametrize("gone", ["deleted", "changed"])
def test_without_the_file_the_row_is_made_of_what_was_kept(office, gone) -> None:
    path = office.put("residents_20261120.csv", text([HEADER, GOOD, LOST]))
    load(office)
    if gone == "deleted":
        path.unlink()
    else:
        path.write_text(text([HEADER, GOOD, ["9"] * len(HEADER)]), encoding="utf-8")
    written, file = one_return(office)
    header, row = cells(file)
    assert header[OURS:-1] == [*HEADER[:6], "备注"]
    assert row[OURS:-1] == ["", *LOST[1:3], "0503\t", LOST[4], f"{LOST[5]}\t", ""]
    assert not written.told.exact
    assert "未登记的列没有保留" in next(written.folder.glob("退回说明*")).read_text(encoding="utf-8-sig")


def test_a_row_that_could_not_be_cut_comes_with_its_text_and_never_in_by_itself(office) -> None:
    office.put("residents_20261120.csv", "小区,楼栋,房号,姓名\n滨湖明珠,3,502,张三\n滨湖明珠,3,5,03,李四\n")
    load(office)
    _, file = one_return(office)
    header, row = cells(file)
    assert row[header.index("退回原文")] == "滨湖明珠,3,5,03,李四"
    assert row[OURS : OURS + 4] == [""] * 4
    office.put(file.name, file.read_bytes())
    office.put("residents_20261121.csv", "小区,楼栋,房号,姓名\n滨湖明珠,3,502,王五\n")
    _settled(office)
    reports = load_company(office.settings, office.company).deliveries
    assert [d.delivery.code for d in reports if d.failed] == ["header_only"]


def test_files_are_for_their_owner_alone(office) -> None:
    office.put("residents_20261120.csv", text([HEADER, GOOD, LOST]))
    load(office)
    written, _ = one_return(office)
    assert {f.stat().st_mode & 0o777 for f in written.folder.iterdir()} == {0o600}
    assert [p.stat().st_mode & 0o777 for p in (written.folder, *written.folder.parents[:2])] == [0o700] * 3


def test_an_unchanged_return_is_left_alone_and_an_old_one_removed(office) -> None:
    office.put("residents_20261120.csv", text([HEADER, GOOD, LOST]))
    load(office)
    first, file = one_return(office)
    before = file.stat().st_mtime_ns
    again, _ = one_return(office)
    assert first.is_new and not again.is_new and file.stat().st_mtime_ns == before
    office.put("residents_20261120.csv", text([HEADER, GOOD, NOBODY]))
    load(office)
    other, _ = one_return(office)
    assert other.folder != first.folder and not first.folder.exists()


def correct(file: Path, name: str, tmp_path: Path, changes: dict[str, str]) -> bytes:
    """The return as a clerk sends it back: some cells corrected, saved in the same form."""
    if file.suffix == ".csv":
        rows = cells(file, "gb18030")
        fixed = [[changes.get(c, c) for c in row] for row in rows]
        sink = io.StringIO()
        csv.writer(sink).writerows(fixed)
        return sink.getvalue().encode("gb18030")
    book = python_calamine.load_workbook(str(file))
    sheets = {
        n: [[changes.get(str(c), str(c)) for c in row] for row in book.get_sheet_by_name(n).to_python()]
        for n in book.sheet_names
    }
    return workbook(tmp_path / name, **sheets)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("mode", ["snapshot", "delta"])
def test_a_corrected_return_adds_its_rows_to_the_delivery(office, tmp_path, form, mode) -> None:
    feeds = {"residents": {"files": ["*residents*"], "mode": mode, "headers": {"record_key": "备注"}}}
    office.company = office.company.model_validate({**office.company.model_dump(), "feeds": feeds})
    rows = [HEADER, GOOD, LOST, NOBODY]
    content = workbook(tmp_path / "x.xlsx", 住户=rows) if form == "xlsx" else text(rows)
    office.put(f"residents_20261120.{form}", content, "gb18030")
    load(office)
    (before,) = set_aside(office.settings, office.company)
    _, file = one_return(office)
    office.put(file.name, correct(file, file.name, tmp_path, {"东方曼哈顿": "翡翠湖"}))
    load(office)

    whole, correction = sorted(deliveries(office.settings, "acme"), key=lambda d: bool(d.corrects))
    assert correction.corrects == whole.delivery_id == before.delivery.delivery_id
    assert correction.drift == [] and correction.delivered_on == whole.delivered_on
    assert [f.blanks for f in correction.files] == [0]
    found = load_company(office.settings, office.company).deliveries
    assert all(d.in_effect for d in found)
    (accepted,) = pq.read_table(
        standard_folder(office.settings, "acme", correction.delivery_id) / "accepted.parquet",
        columns=["name", "room", "record_key"],
    ).to_pylist()
    # the cell that was defused is what it was
    assert accepted == {"name": "李四", "room": "503", "record_key": "=1+1"}
    assert [(s.delivery.corrects is None, s.rows) for s in set_aside(office.settings, office.company)] == [
        (True, 2),
        (False, 1),
    ]


def test_a_correction_goes_with_the_delivery_it_corrects(office, tmp_path) -> None:
    office.put("residents_20261120.csv", text([HEADER, GOOD, LOST]), "gb18030")
    load(office)
    _, file = one_return(office)
    office.put(file.name, correct(file, file.name, tmp_path, {"东方曼哈顿": "翡翠湖"}))
    office.put("residents_20261121.csv", text([HEADER, GOOD]))
    load(office)
    effective = [d for d in load_company(office.settings, office.company).deliveries if d.in_effect]
    assert [d.delivery.delivered_on.day for d in effective] == [21]


def test_a_return_under_another_name_does_not_replace_the_list(office, tmp_path) -> None:
    office.put("residents_20261120.csv", text([HEADER, GOOD, LOST]), "gb18030")
    load(office)
    _, file = one_return(office)
    office.put("residents_20261121.csv", correct(file, file.name, tmp_path, {"东方曼哈顿": "翡翠湖"}))
    _settled(office)
    reports = load_company(office.settings, office.company).deliveries
    assert [(d.delivery.status, d.delivery.code, d.in_effect) for d in reports] == [
        ("loaded", None, True),
        ("failed", "return_renamed", False),
    ]
    assert "退回_residents_d_" in (reports[1].message or "")


def test_a_correction_is_returned_under_a_name_of_its_own(office, tmp_path) -> None:
    office.put("residents_20261120.csv", text([HEADER, GOOD, LOST, NOBODY]), "gb18030")
    load(office)
    _, file = one_return(office)
    office.put(file.name, correct(file, file.name, tmp_path, {"东方曼哈顿": "翡翠湖"}))
    load(office)
    first, second = write_returns(office.settings, office.company)
    names = [next(f for f in w.told.files if "退回_" in f) for w in (first, second)]
    assert names[0] == file.name and names[1] != file.name
    office.put(names[1], correct(second.folder / names[1], names[1], tmp_path, {"": "赵六"}))
    load(office)
    (last,) = (d for d in deliveries(office.settings, "acme") if d.corrects)
    assert last.corrects == first.told.delivery_id and len(last.files) == 2


def test_the_day_of_a_file_without_a_date_is_kept(office) -> None:
    office.put("residents.csv", text([HEADER, GOOD, LOST]))
    load(office)
    written, file = one_return(office)
    assert file.name.startswith(f"{written.told.delivered_on:%Y%m%d}_residents_退回_")


def test_dangerous_names_are_made_harmless(office) -> None:
    odd = "residents_20261120_'\"\n<x>.csv"
    office.put(odd, text([HEADER, GOOD, LOST]))
    load(office)
    _, file = one_return(office)
    assert not set('"\n<>') & set(file.name)
