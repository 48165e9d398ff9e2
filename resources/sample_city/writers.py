"""From the table ``rows`` to files, byte for byte the same for the same rows."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import xlsxwriter

from resources.duck import identifier, quote
from resources.sample_city.dialects.model import Export
from resources.sample_city.export import extra_name, header_rows

_STAMP = (2026, 11, 20, 1, 30, 0)
_NUMERIC = re.compile(r"\d{15}000|\d{1,6}(\.\d+)?")
_ISO_DAY = re.compile(r"2026-\d\d-\d\d")


class _GbkInfo(zipfile.ZipInfo):
    """A zip member whose name is written in GB18030 without the UTF-8 flag, as Chinese Windows tools do."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def write_files(con: duckdb.DuckDBPyConnection, export: Export, folder: Path, parts: dict[int, str]) -> list[str]:
    """Write the rows of every part. ``parts``: part -> file, or ``file!member``. Returns the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    by_file: dict[str, list[tuple[int, str]]] = {}
    for part, name in parts.items():
        path, _, member = name.partition("!")
        by_file.setdefault(path, []).append((part, member))
    for path, members in by_file.items():
        target = folder / path
        if export.format == "xlsx":
            _write_workbook(con, export, target, members)
        elif export.format == "parquet":
            _write_parquet(con, export, target, members[0][0])
        elif path.endswith(".zip"):
            with zipfile.ZipFile(target, "w") as archive:
                for part, member in members:
                    info = _GbkInfo(member, date_time=_STAMP)
                    info.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(info, _text(con, export, part), compresslevel=6)
        else:
            target.write_bytes(_text(con, export, members[0][0]))
    return list(by_file)


def _columns(export: Export) -> list[tuple[str, str]]:
    """(header, column of ``rows``) of every exported column."""
    return [(c.header, identifier(c.field or extra_name(i))) for i, c in enumerate(export.columns)]


def _text(con: duckdb.DuckDBPyConnection, export: Export, part: int) -> bytes:
    """One text file: head, rows, tail, encoded."""
    separator = ",\n" if export.format == "json" else "\n" if export.format == "jsonl" else "\r\n"
    line = _line_sql(export)
    query = f"SELECT string_agg({line}, {quote(separator)} ORDER BY row_number), count(*) FROM rows WHERE part = ?"
    body, count = con.execute(query, [part]).fetchall()[0]
    head, tail = _frame(export, count)
    text = head + (body or "") + tail
    return text.encode("utf-16" if export.encoding == "utf-16" else export.encoding)


def _line_sql(export: Export) -> str:
    columns = _columns(export)
    if export.format in ("json", "jsonl"):
        return "json_object(" + ", ".join(f"{quote(h)}, {c}" for h, c in columns) + ")"
    if export.format == "html":
        cells = " || ".join(f"'<td>' || {_escaped(c)} || '</td>'" for _, c in columns)
        return (
            "CASE kind WHEN 'blank' THEN '<tr><td></td></tr>' WHEN 'footer' THEN footer "
            f"ELSE '<tr>' || {cells} || '</tr>' END"
        )
    mark = "\t" if export.format == "tsv" else ","
    quoted = [_quoted(c, mark) for _, c in columns]
    whole = f"concat_ws({quote(mark)}, {', '.join(quoted)})"
    short = f"concat_ws({quote(mark)}, {', '.join(quoted[:-2])})"
    empty = f"CASE WHEN x < 0.5 THEN '' ELSE {quote(mark * (len(quoted) - 1))} END"
    return (
        f"CASE kind WHEN 'blank' THEN {empty} WHEN 'cut' THEN left({whole}, 14) "
        f"WHEN 'ragged' THEN CASE WHEN x < 0.5 THEN {short} ELSE {whole} || {quote(mark + '见附件' + mark)} END "
        f"WHEN 'footer' THEN footer ELSE {whole} END"
    )


def _quoted(column: str, mark: str) -> str:
    text = f"coalesce({column}, '')"
    return (
        f"CASE WHEN contains({text}, {quote(mark)}) OR contains({text}, '\"') "
        f"THEN '\"' || replace({text}, '\"', '\"\"') || '\"' ELSE {text} END"
    )


def _escaped(column: str) -> str:
    return f"replace(replace(coalesce({column}, ''), '&', '&amp;'), '<', '&lt;')"


def _frame(export: Export, count: int) -> tuple[str, str]:
    """What stands before the first and after the last row."""
    headers = [c.header for c in export.columns]
    if export.format == "json":
        return f'{{"code":0,"msg":"success","data":{{"total":{count},"list":[\n', "\n]}}\n"
    if export.format == "jsonl":
        return "", "\n"
    if export.format == "html":
        head = "".join(f"<td><b>{h}</b></td>" for h in headers)
        meta = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>'
        return f"{meta}\r\n<table border=1>\r\n<tr>{head}</tr>\r\n", "\r\n</table></body></html>\r\n"
    mark = "\t" if export.format == "tsv" else ","
    return mark.join(headers) + "\r\n", "\r\n"


def _write_parquet(con: duckdb.DuckDBPyConnection, export: Export, target: Path, part: int) -> None:
    selected = ", ".join(f"{c} AS {identifier(h)}" for h, c in _columns(export))
    table = con.execute(f"SELECT {selected} FROM rows WHERE part = ? ORDER BY row_number", [part]).to_arrow_table()
    pq.write_table(table, target, compression="zstd")


def _write_workbook(
    con: duckdb.DuckDBPyConnection, export: Export, target: Path, members: list[tuple[int, str]]
) -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": not export.groups, "in_memory": True})
    book.set_properties({"created": dt.datetime(*_STAMP)})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for part, member in members:
        sheet = book.add_worksheet(member or "Sheet1")
        _write_head(book, sheet, export)
        for number, kind, footer, cells in _sheet_rows(con, export, part):
            if kind == "footer":
                sheet.write_row(number - 1, 0, footer.split("\x1f"))
            elif kind != "blank":
                _write_cells(sheet, number - 1, cells, day, export)
    book.close()
    target.write_bytes(buffer.getvalue())


def _sheet_rows(
    con: duckdb.DuckDBPyConnection, export: Export, part: int
) -> Iterator[tuple[int, str, str, tuple[str | None, ...]]]:
    selected = ", ".join(c for _, c in _columns(export))
    cursor = con.execute(
        f"SELECT row_number, kind, footer, {selected} FROM rows WHERE part = ? ORDER BY row_number", [part]
    )
    while batch := cursor.fetchmany(10_000):
        for number, kind, footer, *cells in batch:
            yield number, kind, footer, tuple(cells)


def _write_head(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet, export: Export) -> None:
    """Title rows over the whole width, then the header: one row, or two with groups merged."""
    bold = book.add_format({"bold": True, "align": "center"})
    last = len(export.columns) - 1
    for row, title in enumerate(export.titles):
        if export.groups:
            sheet.merge_range(row, 0, row, last, title, bold)
        else:
            sheet.write_string(row, 0, title, bold)
    top = len(export.titles)
    if not export.groups:
        for i, col in enumerate(export.columns):
            sheet.write_string(top, i, col.header, bold)
        return
    i = 0
    for text, width in export.groups:
        if text:
            sheet.merge_range(top, i, top, i + width - 1, text, bold)
        for k in range(i, i + width):
            if text:
                sheet.write_string(top + 1, k, export.columns[k].header, bold)
            else:
                sheet.merge_range(top, k, top + 1, k, export.columns[k].header, bold)
        i += width
    assert i == len(export.columns) and header_rows(export) == top + 2


def _write_cells(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    cells: tuple[str | None, ...],
    day: xlsxwriter.format.Format,
    export: Export,
) -> None:
    """Text as text; what a clerk types as a number as a number, dates in room columns as dates."""
    for i, (col, text) in enumerate(zip(export.columns, cells, strict=True)):
        if text is None:
            continue
        numeric = col.field in ("id_number", "area_m2", "floor") or col.header == "序号"
        if numeric and _NUMERIC.fullmatch(text):
            sheet.write_number(row, i, float(text))
        elif col.field in ("room", "address") and _ISO_DAY.fullmatch(text):
            sheet.write_datetime(row, i, dt.datetime.fromisoformat(text), day)
        else:
            sheet.write_string(row, i, text)
