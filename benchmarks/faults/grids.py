"""Tables of the made-up city as rows of text, and the same rows written in any format: independent of the readers
that are being tested."""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine
import xlsxwriter
from lxml import html as lxml_html

Grid = list[list[str]]


def read_grid(name: str, data: bytes) -> Grid:
    """The rows of an undamaged file of the city, header first (below titles, where it has some)."""
    suffix = PurePosixPath(name).suffix
    if suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = archive.infolist()[0]
            return read_grid("member.csv", archive.read(member))
    if suffix == ".xlsx":
        sheet = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0)
        return [[str(c) for c in row] for row in sheet.to_python()]
    if suffix == ".parquet":
        return _of_records(pq.read_table(io.BytesIO(data)).to_pylist())
    text = _decoded(data)
    if suffix == ".xls":
        return [["".join(cell.itertext()) for cell in row] for row in lxml_html.fromstring(text).iter("tr")]
    if suffix in (".json", ".jsonl"):
        lines = text.splitlines()
        return _of_records([json.loads(x) for x in lines] if suffix == ".jsonl" else _records(json.loads(text)))
    delimiter = max(",\t;|", key=text[:2000].count)
    return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]


def _decoded(data: bytes) -> str:
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("an undamaged file of the city is UTF-8, UTF-16 or GB18030")


def _records(document: object) -> list[dict[str, object]]:
    """The list of objects in a document, wherever it is."""
    if isinstance(document, list):
        return [r for r in document if isinstance(r, dict)]
    inner = document.values() if isinstance(document, dict) else ()
    return max((_records(v) for v in inner), key=len, default=[])


def _of_records(records: Sequence[dict[str, object]]) -> Grid:
    names = list(dict.fromkeys(k for r in records for k in r))
    return [names, *([_text(r.get(n)) for n in names] for r in records)]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def as_delimited(grid: Grid, draw: random.Random) -> bytes:
    """CSV or the like, in one of many encodings, some of them wrong for it."""
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=draw.choice(",,,\t;|"),
        quoting=draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
        lineterminator=draw.choice(("\r\n", "\n", "\r")),
    )
    writer.writerows(grid)
    text = out.getvalue()
    encoding = draw.choice(
        ("utf-8", "utf-8-sig", "gb18030", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "big5",
         "latin-1", "utf-7", "shift_jis")
    )  # fmt: skip
    return text.encode(encoding, errors=draw.choice(("replace", "ignore")))


def as_workbook(grid: Grid, draw: random.Random) -> bytes:
    """XLSX: as text or as Excel would take it, perhaps with further sheets, merged cells or hidden sheets."""
    out = io.BytesIO()
    typed = draw.random() < 0.5
    with xlsxwriter.Workbook(out, {"strings_to_numbers": typed, "strings_to_urls": False}) as book:
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            sheet = book.add_worksheet()
            top, left = draw.choice((0, 0, 0, 3)), draw.choice((0, 0, 0, 2))
            for r, row in enumerate(grid):
                for c, value in enumerate(row[:16000]):
                    sheet.write(top + r, left + c, value[:30000]) if typed else sheet.write_string(
                        top + r, left + c, value[:30000]
                    )
            if draw.random() < 0.2:
                sheet.merge_range(top, left, top + draw.randrange(1, 4), left + draw.randrange(1, 3), "合并")
        if draw.random() < 0.3:
            book.add_worksheet("说明").write_string(0, 0, "填表说明：请按模板填写")
        if draw.random() < 0.1:
            book.worksheets_objs[-1].hide()
    return out.getvalue()


def as_html(grid: Grid, draw: random.Random) -> bytes:
    """An HTML table, perhaps with spans that are not true."""
    span = draw.choice(("", "", ' rowspan="3"', ' colspan="99999"', ' rowspan="-1"', ' colspan="x"'))
    rows = "".join("<tr>" + "".join(f"<td{span}>{html.escape(c)}</td>" for c in row) + "</tr>" for row in grid)
    return f"<html><meta charset=gbk><table>{rows}</table></html>".encode(
        draw.choice(("gb18030", "utf-8", "utf-16")), errors="replace"
    )


def as_json(grid: Grid, draw: random.Random) -> bytes:
    """A document or lines of objects; numbers as numbers where they look so, objects within objects now and then."""
    records: list[dict[str, object]] = [dict(zip(grid[0], row, strict=False)) for row in grid[1:]]
    for record in records:
        for key, value in record.items():
            kind = draw.random()
            if kind < 0.05:
                record[key] = draw.choice((None, True, [], [value], {"值": value}, 10**400, -0.0, {}, [[[]]]))
            elif value.isdigit() and kind < 0.3:
                record[key] = int(value)
    dump = json.JSONEncoder(ensure_ascii=draw.random() < 0.5).encode
    wrap = draw.choice(("lines", "list", "data", "deep"))
    if wrap == "lines":
        return "\n".join(map(dump, records)).encode("utf-8", errors="replace")
    document: object = records
    for key in {"list": (), "data": ("list", "data"), "deep": ("a", "b", "c", "d")}[wrap]:
        document = {key: document, "code": 0}
    return dump(document).encode("utf-8", errors="replace")


def as_parquet(grid: Grid, draw: random.Random) -> bytes:
    """Parquet, some columns of other types than text."""
    width = len(grid[0])
    names = [n or f"column {i}" for i, n in enumerate(grid[0])]
    columns = []
    for i in range(width):
        values: list[object] = [row[i] if i < len(row) else None for row in grid[1:]]
        kind = draw.random()
        if kind < 0.1:
            values = [int(str(v)) if v and str(v).isdigit() and len(str(v)) < 18 else None for v in values]
        elif kind < 0.15:
            values = [str(v).encode("gb18030", errors="replace") for v in values]
        elif kind < 0.2:
            values = [[v] if v else None for v in values]
        elif kind < 0.25:
            values = [{"值": v} for v in values]
        elif kind < 0.3:
            values = [None for _ in values]
        columns.append(pa.array(values))
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=names), out)
    return out.getvalue()


WRITERS: dict[str, Callable[[Grid, random.Random], bytes]] = {
    ".csv": as_delimited,
    ".txt": as_delimited,
    ".xlsx": as_workbook,
    ".xls": as_html,
    ".json": as_json,
    ".jsonl": as_json,
    ".parquet": as_parquet,
}


def zipped(members: Sequence[tuple[str, bytes]], draw: random.Random) -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", draw.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def gzipped(data: bytes) -> bytes:
    """The same, as gzip."""
    return gzip.compress(data, mtime=0)
