"""The same three rows in every format, encoding and dress come out the same."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from assets.landing.rows import WHITE_SPACE

HEADERS = ["小区", "楼栋", "单元", "房号", "姓名", "身份证号", "电话"]
FIELDS = ["community", "building", "unit", "room", "name", "id_number", "phone"]
ROWS = [
    ["滨湖明珠", "3", "2", "502", "张三", "340199199001010012", "13812345678"],
    ["翡翠湖", "12", "1", "101", '李"四', "340199199001010039", "13812345679"],
    ["滨湖明珠", "3", "2", "0301", "䶮㛃", None, "0551-6000 0000"],
]


def delimited(delimiter: str = ",", newline: str = "\r\n", rows: list[list[str | None]] = ROWS) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows([HEADERS, *rows])
    return out.getvalue()


def objects() -> list[dict[str, str | None]]:
    return [dict(zip(HEADERS, row, strict=True)) for row in ROWS]


def workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate([HEADERS, *ROWS]):
            sheet.write_row(r, 0, row)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(objects()), out)
    return out.getvalue()


def html() -> str:
    rows = "".join("<tr>" + "".join(f"<td>{c or '&nbsp;'}</td>" for c in row) + "</tr>" for row in [HEADERS, *ROWS])
    return f"<html><meta charset=gb2312><style>td{{}}</style><table border=1>{rows}</table></html>"


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, content in members:
            z.writestr(name, content)
    return out.getvalue()


FORMATS = {
    "csv": delimited(),
    "csv with bom": delimited().encode("utf-8-sig"),
    "csv gb18030": delimited().encode("gb18030"),
    "csv utf-16": delimited().encode("utf-16"),
    "csv utf-16 without bom": delimited().encode("utf-16-le"),
    "csv utf-16 big endian": delimited().encode("utf-16-be"),
    "csv old mac": delimited(newline="\r"),
    "tsv": delimited("\t", "\n"),
    "semicolons": delimited(";"),
    "bars": delimited("|"),
    "trailing delimiter": delimited().replace("\r\n", ",\r\n"),
    "trailing delimiter below": delimited().replace("\r\n", ",\r\n").replace("电话,", "电话"),
    "gzip": gzip.compress(delimited().encode()),
    "json": json.dumps(objects(), ensure_ascii=False),
    "json escaped": json.dumps(objects(), indent=2),
    "json wrapped": json.dumps({"code": 0, "tags": [{"x": 1}], "data": {"total": 3, "list": objects()}}),
    "json gb18030": json.dumps(objects(), ensure_ascii=False).encode("gb18030"),
    "json lines": "\n".join(json.dumps(o) for o in objects()),
    "json lines utf-16": "\n".join(json.dumps(o, ensure_ascii=False) for o in objects()).encode("utf-16"),
    "html": html(),
    "html gb18030": html().encode("gb18030"),
    "xlsx": workbook(),
    "parquet": parquet(),
    "zip": zipped(("分册/住户.csv", delimited().encode("gb18030"))),
}


@pytest.mark.parametrize("dress", FORMATS)
def test_every_format_lands_the_same(office, dress):
    landed = office.land_one("residents.dat", FORMATS[dress])
    assert (landed.status, landed.message) == ("loaded", None)
    assert office.rows(landed, *FIELDS) == [tuple(r) for r in ROWS]
    report = landed.files[0]
    assert (report.rows_read, report.records) == (3, 3)
    named = report.format in ("json", "jsonl", "parquet")
    first = 1 if named else 2
    assert office.rows(landed, "row_number") == [(first,), (first + 1,), (first + 2,)]
    assert landed.columns == dict(zip(HEADERS, FIELDS, strict=True))


def test_the_hash_is_of_the_values_whatever_the_format(office):
    office.put("a/residents.csv", delimited())
    office.put("b/residents.json", json.dumps(objects()))
    csv_, json_ = office.land()
    assert office.rows(csv_, "record_hash") == office.rows(json_, "record_hash")
    assert len(set(office.rows(csv_, "record_hash"))) == 3


def test_a_null_and_a_text_hash_differently(office):
    rows = [["甲", None, "乙", *ROWS[0][3:]], ["甲", "乙", None, *ROWS[0][3:]]]
    landed = office.land_one("residents.csv", delimited(rows=rows))
    assert len(set(office.rows(landed, "record_hash"))) == 2


def test_provenance_and_types(office):
    landed = office.land_one("2026-11-20/residents.csv", delimited())
    (row,) = set(office.rows(landed, "company", "feed", "delivery_id", "file", "delivered_on", "raw_line"))
    expected = ("acme", "residents", landed.delivery_id, "2026-11-20/residents.csv", dt.date(2026, 11, 20), None)
    assert row == expected
    columns = "typeof(row_number)", "typeof(delivered_on)", "typeof(phone)", "typeof(raw_line)"
    assert office.rows(landed, *columns)[0] == ("BIGINT", "DATE", "VARCHAR", "VARCHAR")


def test_csv_rows_are_counted_as_a_clerk_counts_them(office):
    row = ",".join(c or "" for c in ROWS[0])
    lines = [
        "滨湖明珠住户登记表", "", '"制表日期:\n2026-11-20",,,,,,', ",".join(HEADERS), row, "",
        row.replace("张三", '"张\n三"'), ",,,,,,", "翡翠湖,1", row, "小计,1", ",".join(HEADERS), row, "  ",
        "合计：3 户,,,,,,", "制表人：某,,,,审核人：某", "",
    ]  # fmt: skip
    landed = office.land_one("residents.csv", "\n".join(lines))
    kinds = dict(office.rows(landed, "row_number", "row_kind"))
    assert kinds == {
        5: "record", 6: "blank", 7: "record", 8: "blank", 9: "malformed", 10: "record", 11: "footer", 12: "footer",
        13: "record", 14: "blank", 15: "footer", 16: "footer",
    }  # fmt: skip
    report = landed.files[0]
    assert report.header_row == 4
    assert (report.rows_read, report.records, report.blanks, report.footers, report.malformed) == (12, 4, 3, 4, 1)
    assert ("翡翠湖,1",) in office.rows(landed, "raw_line")


def test_row_numbers_hold_across_blocks(office):
    row = ",".join(c or "" for c in ROWS[0])
    # about 10 MB: several blocks; every 1000th line is too short, every 777th blank
    lines = [
        "短,行" if i % 1000 == 0 else "" if i % 777 == 0 else row.replace("502", str(i)) for i in range(2, 120_000)
    ]
    landed = office.land_one("residents.csv", ",".join(HEADERS) + "\n" + "\n".join(lines) + "\n")
    rows = office.rows(landed, "row_number", "row_kind", "room")
    assert [r[0] for r in rows] == list(range(2, 120_000))
    assert all(r[2] == str(r[0]) for r in rows if r[1] == "record")
    assert {r[0] % 1000 for r in rows if r[1] == "malformed"} == {0}


def test_cells_are_trimmed_and_guards_removed(office):
    text = f'{",".join(HEADERS)}\n\u3000滨湖明珠 ,\t3,2 ,\u00a0502\ufeff,  ,="340199199001010012","=""0138"""\n'
    landed = office.land_one("residents.csv", text)
    assert office.rows(landed, *FIELDS) == [("滨湖明珠", "3", "2", "502", None, "340199199001010012", "0138")]


@pytest.mark.parametrize("name", ["residents.csv", "residents.jsonl", "residents.parquet"])
def test_white_space_goes_from_either_end_of_a_cell(office, name):
    rows = [[cell, *ROWS[0][1:]] for w in WHITE_SPACE for cell in (f"{w}滨湖 明珠", f"滨湖 明珠{w}", w)]
    records = [dict(zip(HEADERS, row, strict=True)) for row in rows]
    if name.endswith("parquet"):
        out = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(records), out)
        landed = office.land_one(name, out.getvalue())
    elif name.endswith("csv"):
        landed = office.land_one(name, delimited(rows=rows))
    else:
        landed = office.land_one(name, "\n".join(json.dumps(r) for r in records))
    assert [r[0] for r in office.rows(landed, "community")] == ["滨湖 明珠", "滨湖 明珠", None] * len(WHITE_SPACE)


def test_workbook_with_title_merged_header_and_damage(office):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for name in ("一期", "二期"):
            sheet = book.add_worksheet(name)
            sheet.merge_range(1, 1, 1, 8, "住户登记表")
            sheet.merge_range(2, 1, 3, 1, "小区")
            sheet.merge_range(2, 2, 2, 4, "房屋信息")
            sheet.merge_range(2, 5, 2, 8, "业主")
            sheet.write_row(3, 2, ["楼栋", "单元", "房号", "姓名", "身份证号", "出生日期", "更新时间"])
            sheet.merge_range(4, 1, 5, 1, "滨湖明珠")
            sheet.write_row(4, 2, [3, 2, "0502", "张三", 340199199001010012])
            sheet.write_datetime(4, 7, dt.datetime(1990, 1, 1), day)
            sheet.write_datetime(4, 8, dt.datetime(2026, 11, 20, 8, 15), moment)
            sheet.write_row(5, 2, [3.0, True, 502.5, "李四"])
            sheet.write(7, 1, "合计")
            sheet.write(7, 2, 2)
        book.add_worksheet("填表说明").write(0, 0, "请勿修改表头")
        book.add_worksheet("空")
        hidden = book.add_worksheet("字典")
        hidden.write_row(0, 0, HEADERS)
        hidden.hide()
    landed = office.land_one("residents.xlsx", out.getvalue())
    columns = ("file", "row_number", "row_kind", "community", "building", "unit", "room", "id_number", "birth_date")
    sheet = "residents.xlsx!一期"
    assert office.rows(landed, *columns, "updated_at")[:4] == [
        (sheet, 5, "record", "滨湖明珠", "3", "2", "0502", "340199199001010000", "1990-01-01", "2026-11-20 08:15:00"),
        (sheet, 6, "record", "滨湖明珠", "3", "TRUE", "502.5", None, None, None),
        (sheet, 7, "blank", None, None, None, None, None, None, None),
        (sheet, 8, "footer", "合计", "2", None, None, None, None, None),
    ]
    assert landed.columns["姓名"] == "name" or landed.columns["业主姓名"] == "name"
    assert [f.file for f in landed.files if f.records] == ["residents.xlsx!一期", "residents.xlsx!二期"]
    assert landed.warnings == ["residents.xlsx!填表说明: no records in it; left out"]


def test_html_spans_and_signature(office):
    head = "<tr><th rowspan=2>小区</th><th colspan=3>房屋</th><th colspan=3>业主</th></tr>"
    head += "<tr>" + "".join(f"<th>{h}</th>" for h in HEADERS[1:]) + "</tr>"
    body = "<tr><td rowspan=2>滨湖明珠</td><td>3<td>2<td>502<td>张<br>三<td>&nbsp;<td>1</tr>"
    body += "<tr><td>4<td>1<td>101<td>李四</tr>"
    foot = "<tr><td colspan=3>合计</td><td>2</td></tr>"
    page = f"<html><table><tr><td colspan=7>登记表</td></tr>{head}{body}{foot}</table></html>"
    landed = office.land_one("residents.xls", page)
    assert office.rows(landed, "row_number", "row_kind", "community", "building", "name") == [
        (4, "record", "滨湖明珠", "3", "张三"),
        (5, "record", "滨湖明珠", "4", "李四"),
        (6, "footer", "合计", "合计", None),
    ]


def test_html_rows_grow_wider_and_hold_no_cell(office, monkeypatch):
    monkeypatch.setattr("assets.landing.readers.workbook.BATCH_ROWS", 2)  # a table's width shows at its end only
    rows = [
        HEADERS[:6],
        ["滨湖明珠", "3", "2", "502", "张三"],
        [],
        ["翡翠湖", "12", "1", "101"],
        [*ROWS[0], "x"],
        ["合计"],
    ]
    page = "<table>" + "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in rows) + "</table>"
    landed = office.land_one("residents.xls", page)
    assert office.rows(landed, "row_number", "row_kind", "community", "name", "id_number") == [
        (2, "record", "滨湖明珠", "张三", None),
        (3, "blank", None, None, None),
        (4, "record", "翡翠湖", None, None),
        (5, "record", "滨湖明珠", "张三", "340199199001010012"),
        (6, "footer", "合计", None, None),
    ]


def test_json_lines_with_blank_and_broken_lines(office):
    good = json.dumps(objects()[0], ensure_ascii=False)
    landed = office.land_one(
        "residents.jsonl", f'{good}\n\n{good[:-9]}\n[1]\n{{}}\n{good}\n{{"late": "1", "电话": "2"}}'
    )
    assert office.rows(landed, "row_number", "row_kind", "phone") == [
        (1, "record", "13812345678"), (2, "blank", None), (3, "malformed", None), (4, "malformed", None),
        (5, "blank", None), (6, "record", "13812345678"), (7, "record", "2"),
    ]  # fmt: skip
    assert office.rows(landed, "raw_line")[2] == (good[:-9],)
    assert landed.drift == ["late"]


def test_json_numbers_nesting_and_odd_keys(office):
    office.company = office.company.model_validate(
        {
            **office.company.model_dump(),
            "feeds": {
                "residents": {
                    "files": ["*"],
                    "headers": {"name": "person.full/name", "phone": "a~b", "id_type": "t'\""},
                }
            },
        }
    )
    record = {"xqmc": "甲", "mph": 502, "person": {"full/name": "张三", "x": [1]}, "a~b": 13812345678, "t'\"": 1.5}
    landed = office.land_one("residents.json", json.dumps({"rows": [record, {**record, "person": None}]}))
    assert office.rows(landed, "name", "room", "phone", "id_type") == [
        ("张三", "502", "13812345678", "1.5"),
        (None, "502", "13812345678", "1.5"),
    ]
    assert landed.drift == ["person.x"]


def test_a_named_path_to_the_records(office):
    feeds = {"residents": {"files": ["*"], "records": "data.current"}}
    office.company = office.company.model_validate({**office.company.model_dump(), "feeds": feeds})
    document = {"data": {"previous": objects(), "current": objects()[:1]}}
    landed = office.land_one("residents.json", json.dumps(document))
    assert landed.files[0].records == 1


def test_parquet_types_become_text(office):
    zone = dt.timezone(dt.timedelta(hours=8))
    table = pa.table(
        {
            "小区": pa.array(["甲", "甲"]).dictionary_encode(),
            "房号": pa.array([502.0, None]),
            "姓名": ["张三", "李四"],
            "电话": pa.array([13812345678, None], pa.int64()),
            "出生日期": pa.array([dt.date(1990, 1, 1), None]),
            "更新时间": pa.array(
                [dt.datetime(2026, 11, 20, 8, 15, tzinfo=zone), None], pa.timestamp("ms", "Asia/Shanghai")
            ),
            "入住日期": pa.array([dt.datetime(2026, 11, 20, 8, 15, 1, 500000), None], pa.timestamp("us")),
            "性别": pa.array([True, None]),
            "照片": pa.array([b"\xff\xd8", None]),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    landed = office.land_one("residents.parquet", out.getvalue())
    columns = ("community", "room", "name", "phone", "birth_date", "updated_at", "valid_from", "sex")
    assert office.rows(landed, *columns) == [
        ("甲", "502", "张三", "13812345678", "1990-01-01", "2026-11-20 00:15:00+00", "2026-11-20 08:15:01.5", "true"),
        ("甲", None, "李四", None, None, None, None, None),
    ]
    assert [(d.header, d.kind) for d in landed.dropped_sensitive] == [("照片", "biometrics")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_zip_members_of_one_name_are_counted_apart(office):
    landed = office.land_one("residents.zip", zipped(*[("住户.csv", delimited().encode())] * 2))
    assert [(f.file, f.records) for f in landed.files] == [
        ("residents.zip!住户.csv", len(ROWS)),
        ("residents.zip!住户.csv (2)", len(ROWS)),
    ]


def test_zip_member_names_in_gbk(office):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("XXXX1.csv", delimited())
        z.writestr("__MACOSX/._x.csv", "x")
        z.writestr("读我.pdf", b"%PDF")
    raw = out.getvalue().replace(b"XXXX1", "住户".encode("gb18030") + b"1")
    landed = office.land_one("residents.zip", raw)
    assert [f.file for f in landed.files] == ["residents.zip!住户1.csv"]
    assert landed.files[0].path == "residents.zip"
    assert office.rows(landed, "file")[0] == ("residents.zip!住户1.csv",)


def test_parts_with_other_column_orders_are_one_delivery(office):
    other = "姓名,小区,房号,楼栋,民族\n王五,翡翠湖,101,1,汉\n断行\n"
    landed = office.land_one("residents.zip", zipped(("a.csv", delimited().encode()), ("b.csv", other.encode())))
    assert [f.records for f in landed.files] == [3, 1]
    assert office.rows(landed, "name", "community")[3] == ("王五", "翡翠湖")
    assert landed.dropped_sensitive[0].kind == "ethnicity"
    # the broken row could hold the column that is never taken in, so its text isn't kept
    assert "断行" not in str(office.rows(landed, "raw_line")[-1])


def test_a_file_that_only_calls_itself_utf8_is_refused_and_says_what_it_should_be(office):
    spoilt = delimited().encode().replace("李".encode(), b"\xc0\xee")  # one cell in GBK, under the mark of UTF-8
    refused = office.land_one("residents.csv", b"\xef\xbb\xbf" + spoilt)
    assert (refused.status, refused.code) == ("failed", "unknown_encoding")
    assert "residents.csv" in refused.message and "Save it as CSV UTF-8" in refused.message


def test_a_zip_whose_directory_points_before_its_beginning_is_refused(office):
    raw = bytearray(zipped(("a.csv", delimited().encode())))
    place = raw.rindex(b"PK\x05\x06") + 16  # where the directory begins: ten bytes later than it does
    raw[place : place + 4] = (int.from_bytes(raw[place : place + 4], "little") + 10).to_bytes(4, "little")
    refused = office.land_one("residents.zip", bytes(raw))
    assert (refused.status, refused.code) == ("failed", "corrupt_file")
    assert "residents.zip" in refused.message
