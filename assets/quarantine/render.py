"""Return files: a workbook a clerk can work in, or delimited text as it was sent."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from assets.quarantine.sent import Row, Table
from assets.quarantine.summary import Line
from assets.quarantine.words import Clerk
from expectations.contracts.returned import FILE, REASON, REMEDY, ROW, SENT, SUMMARY
from resources.spreadsheet import defused

_ROWS_A_SHEET = 1_000_000
_WIDEST = 30
_OURS_BEFORE = ((ROW, 9), (REASON, 40), (REMEDY, 30))
_OURS_AFTER = ((FILE, 24),)
_LINE = (SENT, 60)
_ACCOUNT = (60, 10, 60)
_LINE_POINTS = 15
_RECORDS = "退回记录"
# numbers that would lose digits or zeros, and what would become a date: 3-12, 2026/11/20, 3E17
_REWRITTEN = re.compile(r"0\d+|\d{11,}|\d{1,4}[-/]\d{1,2}([-/]\d{1,4})?|\d+(\.\d+)?[Ee]\+?\d+")
_FORMATS: dict[str, dict[str, object]] = {
    "own": {"bg_color": "#F7D9D5"},
    "own_header": {"bg_color": "#B3443A", "font_color": "white", "bold": True},
    "header": {"bg_color": "#DCE6F1", "bold": True},
    "cell": {},
    "marked": {"bg_color": "#FFE699"},
    "title": {"bold": True, "font_size": 14, "border": 0},
    "section": {"bold": True, "bg_color": "#DCE6F1"},
    "plain": {"border": 0},
    "count": {},
}


def write_workbook(path: Path, tables: Sequence[Table], clerk: Clerk, lines: Sequence[Line]) -> None:
    """Write the rows of all tables and the account as one workbook, in bounded memory."""
    # cells are text whatever they look like: a number of 18 digits must not be rounded a second time
    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": SUMMARY})
        base = {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1, "border_color": "#BFBFBF"}
        base |= {"font_name": "Microsoft YaHei", "font_size": 10}
        formats = {name: book.add_format({**base, **told}) for name, told in _FORMATS.items()}
        taken: set[str] = set()
        for table in tables:
            mine = Clerk(clerk.company, clerk.dataset, table.headers)
            rows = table.rows()
            for first in rows:
                sheet = book.add_worksheet(_sheet_name(table.sheet or _RECORDS, taken))
                _write_sheet(sheet, table, mine, formats, chain([first], islice(rows, _ROWS_A_SHEET - 1)))
        _write_account(book.add_worksheet(SUMMARY), formats, lines)
    path.chmod(0o600)


def _write_sheet(
    sheet: Worksheet,
    table: Table,
    clerk: Clerk,
    formats: Mapping[str, Format],
    rows: Iterable[Row],
) -> None:
    """Write rows to one sheet: our columns, the company's, and where each row came from."""
    after = [*_OURS_AFTER, *([_LINE] if table.has_lines else [])]
    before = len(_OURS_BEFORE)
    width = before + len(table.names) + len(after)
    own = [min(max(w, _places(n) + 2, 8) + 2, _WIDEST) for w, n in zip(table.widths, table.names, strict=True)]
    widths = [*(w for _, w in _OURS_BEFORE), *own, *(w for _, w in after)]
    for i, w in enumerate(widths):
        sheet.set_column(i, i, w)
    sheet.freeze_panes(1, before)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for i, (name, _) in enumerate(_OURS_BEFORE):
        sheet.write_string(0, i, name, formats["own_header"])
    for i, name in enumerate(table.names, before):
        sheet.write_string(0, i, defused(name), formats["header"])
    for i, (name, _) in enumerate(after, before + len(table.names)):
        sheet.write_string(0, i, name, formats["own_header"])
    at = 0
    for at, row in enumerate(rows, 1):
        marked = {before + i for i in _marked(row, clerk, table)}
        said = ["\n".join(_told(row, clerk)), "\n".join(_remedies(row, clerk))]
        rest = [row.file, *([row.line or ""] if table.has_lines else [])]
        texts = [str(row.number), *said, *map(defused, row.cells), *map(defused, rest)]
        # a wrapped row must be given its height: programs do not agree on who works it out
        sheet.set_row(at, _height(texts, widths))
        sheet.write_number(at, 0, row.number, formats["own"])
        for i, text in enumerate(texts[1:], 1):
            ours = i < before or i >= before + len(table.names)
            sheet.write_string(at, i, text, formats["own" if ours else "marked" if i in marked else "cell"])
    sheet.autofilter(0, 0, at, width - 1)


def _write_account(sheet: Worksheet, formats: Mapping[str, Format], lines: Sequence[Line]) -> None:
    for i, width in enumerate(_ACCOUNT):
        sheet.set_column(i, i, width)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for i, line in enumerate(lines):
        texts = (line.zh, line.figure, line.en)
        sheet.set_row(i, _height(texts, _ACCOUNT) * (1.5 if line.style == "title" else 1))
        for column, text in enumerate(texts):
            sheet.write_string(i, column, defused(text), formats[line.style])


def write_text(path: Path, table: Table, clerk: Clerk) -> None:
    """Write one table as delimited text, in the encoding and with the delimiter it was sent with.

    A number that a spreadsheet program would round, or a room it would read as a date, ends with a tab: so it stays
    text even when the file is opened by a double click, and landing takes it off again.
    """
    assert table.text is not None
    mine = Clerk(clerk.company, clerk.dataset, table.headers)
    with _private(path, table.text.encoding) as file:
        sheet = csv.writer(file, delimiter=table.text.delimiter, lineterminator="\r\n")
        after = [FILE, *([SENT] if table.has_lines else [])]
        sheet.writerow([*(n for n, _ in _OURS_BEFORE), *map(defused, table.names), *after])
        for row in table.rows():
            rest = [row.file, *([row.line] if table.has_lines else [])]
            sheet.writerow(
                [
                    row.number,
                    " ".join(_told(row, mine)),
                    " ".join(_remedies(row, mine)),
                    *map(_kept, row.cells),
                    *map(defused, rest),
                ]
            )


def write_account(path: Path, lines: Sequence[Line]) -> None:
    """Write the account beside delimited text."""
    with _private(path, "utf-8") as file:
        for line in lines:
            if line.style == "section":
                file.write("\r\n")
            for text in filter(None, (line.zh, line.en)):
                file.write(f"{text}{'：' + line.figure if line.figure and text == line.zh else ''}\r\n")


def can_write(table: Table) -> bool:
    """Whether the table goes back as text: the encoding it was sent in must have the characters of our own columns."""
    return table.text is not None and table.text.encoding != "big5"


@contextmanager
def _private(path: Path, encoding: str) -> Iterator[TextIO]:
    """A text file for its owner alone, with the mark by which a spreadsheet program knows its encoding."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding=encoding, newline="") as file:
        if encoding.startswith("utf-"):
            file.write("\ufeff")
        yield file


def _told(row: Row, clerk: Clerk) -> list[str]:
    """The row's problems; what is only a warning after what set it aside."""
    problems = [clerk.problem(key) for key in row.reasons]
    others = [clerk.problem(key) for key in row.warnings if key not in row.reasons]
    said = [*problems, *(f"另请核对：{p}" for p in others)]
    return [f"{n}. {p}" for n, p in enumerate(said, 1)] if len(said) > 1 else said


def _remedies(row: Row, clerk: Clerk) -> list[str]:
    said = clerk.remedies([*row.reasons, *row.warnings])
    return [f"{n}. {r}" for n, r in enumerate(said, 1)] if len(said) > 1 else said


def _marked(row: Row, clerk: Clerk, table: Table) -> set[int]:
    """The places of the cells the reasons are about."""
    return {table.fields[f] for key in (*row.reasons, *row.warnings) for f in clerk.fields(key)}


def _kept(cell: str | None) -> str:
    text = defused(cell)
    return f"{text}\t" if _REWRITTEN.fullmatch(text) else text


def _places(text: str) -> int:
    """How many letters wide a text is; a Han character is as wide as two."""
    return (len(text.encode()) + len(text)) // 2


def _height(texts: Sequence[str], widths: Sequence[float]) -> int:
    """The points a row of wrapped cells needs."""
    lines = (
        sum(-(-_places(part) // max(int(width) - 1, 1)) or 1 for part in text.split("\n"))
        for text, width in zip(texts, widths, strict=True)
    )
    return min(max(lines), 25) * _LINE_POINTS


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that a workbook allows and that is not taken yet."""
    base = re.sub(r"[\[\]:*?/\\']", "_", wanted)[:24] or _RECORDS
    name, n = base, 1
    while name.lower() in taken or name == SUMMARY:
        n += 1
        name = f"{base}({n})"
    taken.add(name.lower())
    return name
