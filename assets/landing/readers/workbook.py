"""Spreadsheets: .xlsx, .xlsm, .xlsb, .xls and .ods."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby, islice, zip_longest
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import python_calamine

from assets.landing.errors import LandingError
from assets.landing.layout import PREVIEW_ROWS, Layout, Row
from assets.landing.readers.archive import check_size
from assets.landing.readers.part import BATCH_ROWS, Shape, cells_batch
from assets.landing.sniff import unsound_zip
from expectations.contracts.returned import SUMMARY

Cell = str | float | int | bool | date | datetime | time | timedelta | None


_MAX_UNPACKED = 2 << 30
_MAX_CELLS = 100_000_000
"""Cells of a sheet's rectangle, empty ones included: of 24 bytes each, or of an object each where they are read."""

# nearly no table has cells beyond column ZZ or row 99,999, so that looking for them costs next to nothing
_COLUMNS_AT_LEAST, _ROWS_AT_LEAST = 702, 99_999
_FAR_CELL = re.compile(rb"""r=["']([A-Z]{3}(?=\d)|[A-Z]{0,2}(?=\d{6}))(\d{1,7})["']""")
_CELL = re.compile(rb"""r=["']([A-Z]{0,3})(\d{1,7})["']""")


class GridPart:
    """A grid held as Arrow batches in a spool file, from which the preview and the rows are read.

    ``rows`` yields every row from row 1 on, of one cell at least; cells that it lacks at its end are empty. ``width``:
    of the widest row, 0 where there is none.
    """

    shape: Shape = "cells"
    encoding: str | None = None
    delimiter: str | None = None
    formulas = False

    def __init__(self, file: str, format_: str, rows: Iterator[list[str | None]], spool: Path) -> None:
        self.file = file
        self.format = format_
        self._spool = spool
        self.width = 0
        first: list[list[str | None]] = []
        with pa.OSFile(str(spool), "wb") as sink:
            # how wide a table is shows at its end only: its batches are as wide as their own rows, a stream per width
            for width, chunks in groupby(_chunks(rows), key=len):
                self.width = max(self.width, width)
                schema = pa.schema([(f"c{i}", pa.string()) for i in range(width)])
                with pa.ipc.new_stream(sink, schema) as writer:
                    for columns in chunks:
                        head = zip(*(c[: PREVIEW_ROWS - len(first)] for c in columns), strict=True)
                        first += (list(row) for row in head)
                        writer.write_batch(pa.record_batch([pa.array(c, pa.string()) for c in columns], schema))
        self.preview: list[Row] | None = [row + [None] * (self.width - len(row)) for row in first]

    def names(self, con: duckdb.DuckDBPyConnection) -> list[str]:
        raise NotImplementedError("a grid has a header row")

    def stream(self, layout: Layout, columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """See :class:`Part`."""
        first = 1
        with pa.memory_map(str(self._spool)) as source:
            while source.tell() < source.size():
                with pa.ipc.open_stream(source) as reader:
                    for batch in reader:
                        numbers = np.arange(first, first + batch.num_rows, dtype=np.int64)
                        first += batch.num_rows
                        above = min(max(layout.header_row + 1 - int(numbers[0]), 0), batch.num_rows)
                        if above < batch.num_rows:
                            yield cells_batch(columns, _taken(batch.slice(above), columns), numbers[above:])


def _chunks(rows: Iterator[list[str | None]]) -> Iterator[list[tuple[str | None, ...]]]:
    """The rows, many at a time, as columns."""
    while chunk := list(islice(rows, BATCH_ROWS)):
        yield list(zip_longest(*chunk))


def _taken(batch: pa.RecordBatch, columns: Sequence[int]) -> list[pa.Array]:
    """Columns by number; empty where the batch is too narrow."""
    return [batch.column(c) if c < batch.num_columns else pa.nulls(batch.num_rows, pa.string()) for c in columns]


def workbook_parts(path: Path, file: str, sheet: str | None, config: str, spool: Path) -> list[GridPart]:
    """Every visible sheet that is not empty and no return's account, or the one the feed names.

    Raises :class:`LandingError`.
    """
    _check_extent(path, file)
    try:
        book = python_calamine.load_workbook(str(path))
    except python_calamine.PasswordError:
        raise LandingError("password_protected", file=file) from None
    except (python_calamine.CalamineError, python_calamine.XmlError, python_calamine.ZipError, OSError) as e:
        raise LandingError("corrupt_file", file=file, format="a workbook") from e
    with book:
        names = [
            m.name for m in book.sheets_metadata
            if m.typ == python_calamine.SheetTypeEnum.WorkSheet
            and m.visible == python_calamine.SheetVisibleEnum.Visible
            and m.name != SUMMARY
        ]  # fmt: skip
        if sheet is not None and sheet not in names:
            raise LandingError("sheet_missing", file=file, sheet=sheet, sheets="、".join(names), config=config)
        format_ = "xlsx" if zipfile.is_zipfile(path) else "xls"
        filled = 0
        parts = []
        for i, name in enumerate(names):
            try:
                loaded = book.get_sheet_by_name(name)
            except (python_calamine.CalamineError, python_calamine.XmlError, python_calamine.ZipError) as e:
                raise LandingError("corrupt_file", file=file, format="a workbook") from e
            if loaded.start is None or not loaded.height:
                continue
            filled += 1
            if sheet in (None, name):
                at = spool.with_name(f"{spool.name}_{i}")
                parts.append(GridPart(f"{file}!{name}", format_, _filled_rows(loaded), at))
    if filled == 1:
        for part in parts:
            part.file = file
    if not filled:
        raise LandingError("empty_file", file=file)
    return parts


def _check_extent(path: Path, file: str) -> None:
    """Refuse a workbook that would fill the memory: the reader holds a sheet as one rectangle, corner to corner, and
    two cells can be far apart. Raises :class:`LandingError`."""
    if not zipfile.is_zipfile(path):
        return  # the old format has at most 65,536 rows of 256 cells
    try:
        with unsound_zip(file, "a workbook"), zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            check_size(members, file, path.stat().st_size, _MAX_UNPACKED)
            for member in members:
                if member.filename.startswith("xl/worksheets/"):
                    rows, columns = _extent(archive, member, _FAR_CELL)
                    if max(rows, _ROWS_AT_LEAST) * max(columns, _COLUMNS_AT_LEAST) <= _MAX_CELLS:
                        continue
                    rows, columns = _extent(archive, member, _CELL)
                    if rows * columns > _MAX_CELLS:
                        raise LandingError("too_spread_out", file=file, rows=rows, columns=columns)
    except zipfile.BadZipFile as e:
        raise LandingError("corrupt_file", file=file, format="a workbook") from e


def _extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo, cell: re.Pattern[bytes]) -> tuple[int, int]:
    """How many rows down and columns to the right those cells of a sheet reach that the pattern finds."""
    rows, columns, tail = 0, b"", b""
    with archive.open(member) as sheet:
        while chunk := sheet.read(1 << 20):
            block = tail + chunk
            for letters, digits in cell.findall(block):
                rows = max(rows, int(digits))
                columns = max(columns, letters, key=lambda x: (len(x), x))
            tail = block[-40:]
    return rows, _column_number(columns)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _filled_rows(sheet: python_calamine.CalamineSheet) -> Iterator[list[str | None]]:
    """The rows as text. A cell merged over rows has its value in each of them; a cell merged over columns too, in the
    first rows (a header over a group), but not further down (a total)."""
    assert sheet.start is not None
    left = sheet.start[1]
    fills: dict[int, list[tuple[int, int, int]]] = {}
    for (top, first), (bottom, last) in sheet.merged_cell_ranges or []:
        right = last if top < PREVIEW_ROWS else first
        if bottom > top or right > first:
            fills.setdefault(top, []).append((bottom, first - left, right - left))
    open_fills: list[tuple[int, int, str | None]] = []
    for r, row in enumerate(sheet.iter_rows()):
        cells = [text(c) for c in row]
        open_fills = [f for f in open_fills if f[0] >= r]
        for _, column, value in open_fills:
            cells[column] = value
        for bottom, first, right in fills.get(r, ()):
            for c in range(max(first, 0), min(right + 1, len(cells))):
                cells[c] = cells[first]
                if bottom > r:
                    open_fills.append((bottom, c, cells[first]))
        yield cells


def text(cell: Cell) -> str | None:
    """A cell as a clerk sees it at full width: integers without a fraction and with Excel's fifteen digits, so that a
    number typed where text was meant shows its damage; dates ISO.

    >>> text(340199199001011234.0), text(3.0), text(89.5), text(date(2026, 11, 20)), text(True)
    ('340199199001011000', '3', '89.5', '2026-11-20', 'TRUE')
    """
    if cell is None or isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return format(Decimal(f"{cell:.15g}"), "f") if math.isfinite(cell) else None
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    return str(cell)
