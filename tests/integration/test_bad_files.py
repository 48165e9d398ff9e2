"""Every kind of bad delivery, through ``land_company``: said by name in two languages, and nothing else is harmed."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from assets.landing import current_deliveries, deliveries, land_company, unclaimed_files
from assets.landing.errors import MESSAGES

HEADER = "小区,楼栋,单元,房号,姓名,身份证号,电话\n"
ROW = "滨湖明珠,3,2,502,张三,340199199001010012,13812345678\n"
GOOD = HEADER + ROW
PERSONAL = ("张三", "340199199001010012", "13812345678")
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def xlsx(*sheets: list[list[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for r, row in enumerate(rows):
                sheet.write_row(r, 0, row)
    return out.getvalue()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in members.items():
            z.writestr(name, content)
    return out.getvalue()


def encrypted_zip() -> bytes:
    """A zip whose member claims to be encrypted, as the general purpose bit says it."""
    data = bytearray(zipped(**{"a.csv": GOOD.encode()}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


WORKBOOK = xlsx([["小区", "楼栋", "房号", "姓名"], ["滨湖明珠", "3", "502", "张三"]])
ZIP = zipped(**{"住户1.csv": GOOD.encode(), "住户2.csv": (HEADER + ROW * 3000).encode()})

BAD = {
    "return_renamed": ("residents.csv", "".join(f"退回原因,{line}\n" for line in GOOD.splitlines())),
    "missing_column": ("residents.csv", GOOD.replace("姓名", "备注一")),
    "ambiguous_column": ("residents.csv", GOOD.replace("身份证号", "手机")),
    "empty_file": ("residents.csv", b""),
    "empty_file workbook": ("residents.xlsx", xlsx([])),
    "empty_file blank": ("residents.csv", b" \r\n\r\n"),
    "header_only": ("residents.csv", HEADER),
    "header_only footer": ("residents.csv", HEADER + "合计,0,,,,,\n"),
    "header_only json": ("residents.json", b'{"data": {"list": []}}'),
    "header_only xlsx": ("residents.xlsx", xlsx([["小区", "楼栋", "房号", "姓名"]])),
    "no_header": ("residents.csv", ROW * 3),
    "no_header prose": ("residents.txt", "您好，附件见网盘。\n谢谢！\n"),
    "all_malformed": ("residents.csv", HEADER + "滨湖明珠,3\n" * 3),
    "zip_truncated": ("residents.zip", ZIP[: len(ZIP) // 2]),
    "zip_truncated xlsx": ("residents.xlsx", WORKBOOK[: len(WORKBOOK) // 2]),
    "password_protected": ("residents.xlsx", OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)),
    "password_protected zip": ("residents.zip", encrypted_zip()),
    "unknown_encoding": ("residents.csv", GOOD.encode() + b"\xff\xff\xff,1\n" + ROW.encode("gb18030")),
    "unknown_encoding late": ("residents.csv", (HEADER + ROW * 40_000).encode("gb18030") + b"\xff\xff\n"),
    "open_quote": ("residents.csv", GOOD + ROW.replace("张三", '"张三') + ROW * 100),
    "open_quote long": ("residents.csv", GOOD + ROW.replace("张三", '"张三') + ROW * 90_000),
    "corrupt_file": ("residents.xls", OLE + os.urandom(2000)),
    "corrupt_file parquet": ("residents.parquet", b"PAR1" + os.urandom(500)),
    "corrupt_file html": ("residents.xls", "<html><table></table></html>"),
    "corrupt_file zip": ("residents.zip", ZIP[:60] + bytes(40) + ZIP[100:]),
    "unsupported_format": ("residents.pdf", b"%PDF-1.4 ..."),
    "unsupported_format xml": ("residents.xls", "<?xml version='1.0'?><Workbook/>"),
    "no_records": ("residents.json", b'{"code": 401, "message": "token expired"}'),
    "nested_archive": ("residents.zip", zipped(**{"b.zip": ZIP})),
    "nested_archive renamed": ("residents.zip", zipped(**{"b.csv": ZIP})),
    "unsafe_archive": ("residents.zip", zipped(**{"../../etc/residents.csv": GOOD.encode()})),
    "archive_too_large": ("residents.zip", zipped(**{"a.csv": bytes(150 << 20)})),
    "empty_archive": ("residents.zip", zipped(**{"readme.md": b"x", "__MACOSX/._a.csv": b"x"})),
    "too_many_columns": ("residents.csv", HEADER.strip() + ",列" * 100_000 + "\n" + ROW),
    "empty_file member": ("residents.zip", zipped(**{"a.csv": GOOD.encode(), "b.csv": b""})),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_delivery_fails_alone_and_says_why(office, case):
    name, content = BAD[case]
    code = case.split()[0]
    office.put("20260101/residents.csv", GOOD.replace("502", "101"))
    office.put("20260103/events.csv", "小区,通道,通行时间\n滨湖明珠,东门,2026-01-03 08:00:00\n")
    office.put(f"20260102/{name}", content)

    good, bad, events = office.land()

    assert (good.status, bad.status, events.status) == ("loaded", "failed", "loaded")
    assert bad.code == code
    assert f"20260102/{name}" in (bad.message or "") and f"20260102/{name}" in (bad.message_zh or "")
    assert not any(value in f"{bad.message}{bad.message_zh}" for value in PERSONAL)
    # the last good one stays in use, nothing half-read is left, and the failure is on record
    assert current_deliveries(office.settings, office.company, "residents") == [good]
    folder = office.settings.landing / "acme"
    assert not [p for p in folder.iterdir() if p.name.startswith(".")]
    assert not (folder / bad.delivery_id / "data.parquet").exists()
    assert bad in deliveries(office.settings, "acme")


def test_every_code_is_tested_or_needs_no_file():
    elsewhere = {"cut_short", "line_too_long", "still_writing", "no_feed", "no_company", "internal", "sheet_missing"}
    elsewhere |= {"not_a_file", "foreign_link", "too_spread_out", "machine"}
    assert {c.split()[0] for c in BAD} | elsewhere == set(MESSAGES)


def test_a_corrected_file_is_read_and_the_failure_forgotten(office):
    office.put("residents_20260102.csv", HEADER)
    assert office.land()[0].code == "header_only"
    assert office.land_one("residents_20260102.csv", GOOD).status == "loaded"
    assert [d.status for d in deliveries(office.settings, "acme")] == ["loaded"]


def test_a_missing_column_is_named_with_what_was_read(office):
    bad = office.land_one("residents.csv", GOOD.replace("姓名", "备注一"))
    assert "no column for name" in bad.message and "业主姓名" in bad.message and "备注一" in bad.message
    assert "config/feeds/acme.yaml" in bad.message and "缺少列「姓名」" in bad.message_zh


def test_headerless_rows_are_not_quoted(office):
    # 业主姓名 stands in the data by chance, so the row is taken for the header; its cells are people's all the same
    bad = office.land_one("residents.csv", "滨湖明珠,3,2,502,张三,340199199001010012,业主姓名\n" * 2)
    assert bad.status == "failed"
    assert not any(value in f"{bad.message}{bad.message_zh}" for value in PERSONAL)


def test_ambiguous_columns_are_both_named(office):
    bad = office.land_one("residents.csv", GOOD.replace("身份证号", "手机"))
    assert "手机 (F), 电话 (G)" in bad.message
    assert "phone" in bad.message


@pytest.mark.parametrize("end", ["滨湖明珠,3,2,5", "滨湖明珠,3,2,502,李"])
def test_a_csv_cut_mid_row_is_refused(office, end):
    bad = office.land_one("residents.csv", GOOD + end)
    assert (bad.status, bad.code) == ("failed", "cut_short")
    assert "residents.csv: ends in the middle of row 3" in bad.message
    assert "residents.csv" in bad.message_zh


@pytest.mark.parametrize("cut", [1, 2])
def test_a_csv_cut_within_a_character_is_refused_too(office, cut):
    whole = (GOOD + "滨湖明珠,3,2,502,李").encode()
    assert office.land_one("residents.csv", whole[:-cut]).code == "cut_short"


def test_a_short_row_in_a_whole_file_is_set_aside(office):
    landed = office.land_one("residents.csv", GOOD + ROW[:12] + "\r\n")
    assert landed.status == "loaded"
    assert office.rows(landed, "row_number", "row_kind", "raw_line") == [
        (2, "record", None),
        (3, "malformed", ROW[:12]),
    ]


@pytest.mark.parametrize("name", ["residents.json", "residents.jsonl"])
def test_json_cut_short_is_refused(office, name):
    records = [json.dumps({"小区": "滨湖明珠", "房号": "502", "姓名": "张三"}, ensure_ascii=False)] * 3
    text = "\n".join(records) if name.endswith("l") else "[" + ",".join(records) + "]"
    assert office.land_one(name, text.encode()).status == "loaded"
    bad = office.land_one(name, text[:-9].encode())
    assert (bad.status, bad.code) == ("failed", "cut_short")
    assert "row 3" in bad.message


@pytest.mark.parametrize(
    ("name", "content", "format_"),
    [
        ("residents.csv", WORKBOOK, "xlsx"),
        ("residents.xlsx", GOOD.encode("gb18030"), "csv"),
        ("residents.xls", GOOD.replace(",", "\t").encode("utf-16"), "csv"),
        ("residents.txt", json.dumps([{"小区": "滨湖明珠", "房号": "502", "姓名": "张三"}]).encode(), "json"),
        ("residents.json", ZIP, "csv"),
    ],
)
def test_a_wrong_extension_does_not_matter(office, name, content, format_):
    landed = office.land_one(name, content)
    assert landed.status == "loaded"
    assert landed.files[0].format == format_


def test_half_a_gigabyte_in_one_line_is_refused_in_bounded_memory(office):
    import resource

    path = office.put("residents.csv", b"")
    with path.open("wb") as f:
        for _ in range(500):
            f.write(b"x" * (1 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (bad,) = office.land()
    assert bad.code == "line_too_long"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10


def test_a_file_still_growing_waits(office, monkeypatch):
    path = office.put("residents.csv", GOOD)
    now = time.time()
    os.utime(path, (now, now))

    def more_arrives(seconds: float) -> None:
        assert seconds == 2
        with path.open("a") as f:
            f.write(ROW)

    monkeypatch.setattr("assets.landing.plan.time.sleep", more_arrives)
    (waiting,) = land_company(office.settings, office.company, settle_seconds=2)
    assert (waiting.status, waiting.code) == ("waiting", "still_writing")
    assert "residents.csv" in waiting.message
    assert deliveries(office.settings) == []
    assert office.land()[0].files[0].records == 2


def test_a_file_that_has_settled_is_not_waited_for(office, monkeypatch):
    path = office.put("residents.csv", GOOD)
    os.utime(path, (time.time() - 60,) * 2)
    monkeypatch.setattr("assets.landing.plan.time.sleep", lambda _: pytest.fail("waited"))
    assert land_company(office.settings, office.company, settle_seconds=2)[0].status == "loaded"


def test_files_for_nobody_are_named(office):
    office.put("附件/说明.docx", b"x")
    office.put("residents.csv", GOOD)
    office.put("upload.part", b"x")
    stranger = office.settings.drop / "stranger" / "a.csv"
    stranger.parent.mkdir()
    stranger.write_text("x")
    (office.settings.drop / "stray.csv").write_text("x")

    found = unclaimed_files(office.settings, {"acme": office.company})

    assert [(u.company, u.file, u.code) for u in found] == [
        ("acme", "附件/说明.docx", "no_feed"),
        (None, "stranger/a.csv", "no_company"),
        (None, "stray.csv", "no_company"),
    ]
    assert "config/feeds/acme.yaml" in found[0].message and "附件/说明.docx" in found[0].message_zh


def test_a_defect_is_told_without_values(office, monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise RuntimeError("张三 340199199001010012")

    monkeypatch.setattr("assets.landing.load.write_data", broken)
    bad = office.land_one("residents.csv", GOOD)
    assert (bad.status, bad.code) == ("failed", "internal")
    assert "RuntimeError" in bad.message and "residents.csv" in bad.message
    assert not any(value in f"{bad.message}{bad.message_zh}" for value in PERSONAL)
    assert "landing of acme" in caplog.text


def test_a_sheet_that_is_not_there(tmp_path, office):
    office.company = office.company.model_validate(
        {
            **office.company.model_dump(),
            "feeds": {"residents": {"files": ["*residents*"], "sheet": "住户"}},
        }
    )
    bad = office.land_one("residents.xlsx", WORKBOOK)
    assert bad.code == "sheet_missing"
    assert "住户" in bad.message and "Sheet1" in bad.message


@pytest.mark.parametrize("name", ["'residents\".csv", "residents\nnew.csv", "residents;DROP.csv", "residents!x.csv"])
def test_odd_file_names_do_no_harm(office, name):
    landed = office.land_one(name, GOOD)
    assert landed.status == "loaded"
    assert office.rows(landed, "file") == [(name,)]
    assert landed.files[0].path == name


def test_a_name_that_is_not_utf8_is_read_as_gbk(office):
    raw = os.fsencode(office.drop) + b"/" + "residents住户.csv".encode("gb18030")
    Path(os.fsdecode(raw)).write_text(GOOD)
    assert office.land()[0].files[0].file == "residents住户.csv"


def test_nul_bytes_do_no_harm(office):
    landed = office.land_one("residents.csv", GOOD.replace("张三", "张\0三"))
    assert office.rows(landed, "name") == [("张三",)]


def test_many_columns_do_no_harm(office):
    wide = HEADER.strip() + "".join(f",列{i}" for i in range(5000)) + "\n" + ROW.strip() + ",1" * 5000 + "\n"
    landed = office.land_one("residents.csv", wide)
    assert office.rows(landed, "name", "phone", "row_kind") == [("张三", "13812345678", "record")]
