"""CSV, TSV and other delimited text, streamed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from assets.landing.errors import LandingError
from assets.landing.layout import PREVIEW_ROWS, Layout, Mapper, Row
from assets.landing.readers.part import Shape, cells_batch, set_aside_batch
from assets.landing.rows import kind_of_odd_row
from assets.landing.sniff import TextFacts, Utf8Stream, ends_with_newline

BLOCK = 4 << 20
"""Bytes parsed at a time; also the longest record with line breaks inside."""

DELIMITERS = (",", "\t", ";", "|")

_SWALLOWED_LINES = 50
"""A cell of this many lines is a quotation mark that was never closed, not a remark."""


class DelimitedPart:
    """A delimited text file. The row number is the ordinal of the record, blank lines counted."""

    format = "csv"
    shape: Shape = "cells"

    def __init__(self, path: Path, file: str, mapper: Mapper, facts: TextFacts, head: str) -> None:
        self._path = path
        self.file = file
        self._facts = facts
        self.encoding: str | None = facts.encoding
        self.formulas = facts.formulas
        self.delimiter: str | None = mapper.feed.delimiter or _delimiter(head, mapper)
        self.preview: list[Row] | None = []
        self._line_ends: list[int] = []
        for row, line in _rows(head, self.delimiter):
            self.preview.append(row)
            self._line_ends.append(line)

    def names(self, con: duckdb.DuckDBPyConnection) -> list[str]:
        raise NotImplementedError("a delimited file has a header row")

    def stream(self, layout: Layout, columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """See :class:`Part`. Rows with a wrong number of cells come as malformed, with their text."""
        odd = _OddRows(self.delimiter or ",", bool(layout.withheld))
        lines_above = self._line_ends[layout.header_row - 1]
        # pyarrow numbers rows from the physical lines it skipped; a header may hold line breaks
        odd.offset = layout.header_row - lines_above
        next_row = layout.header_row + 1
        try:
            for batch in self._batches(layout, columns, lines_above, odd):
                bad = odd.numbers(next_row)
                good = _good_numbers(next_row, batch.num_rows, bad)
                if len(good):
                    next_row = int(good[-1]) + 1
                    yield cells_batch(columns, batch.columns, good)
                yield from self._set_aside(columns, odd)
            if odd.cut_row >= next_row and not ends_with_newline(self._path):
                raise LandingError("cut_short", file=self.file, row=odd.cut_row)
            yield from self._set_aside(columns, odd)
        except UnicodeDecodeError as e:
            raise LandingError("unknown_encoding", file=self.file, position=e.start) from None

    def _batches(
        self, layout: Layout, columns: Sequence[int], lines_above: int, odd: _OddRows
    ) -> Iterator[pa.RecordBatch]:
        source = Utf8Stream(self._path, self._facts)
        try:
            reader = pacsv.open_csv(
                # clean UTF-8 goes to the parser without passing through Python
                pa.OSFile(str(self._path)) if self._facts.is_plain_utf8 else pa.PythonFile(source, mode="r"),
                read_options=pacsv.ReadOptions(
                    # one thread parses while DuckDB's others map and write; and only so are bad rows numbered
                    use_threads=False,
                    column_names=[f"c{i}" for i in range(len(layout.names))],
                    skip_rows=lines_above,
                    block_size=BLOCK,
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=self.delimiter,
                    newlines_in_values=self._facts.quotes,
                    ignore_empty_lines=False,
                    invalid_row_handler=odd,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types={f"c{i}": pa.string() for i in columns},
                    include_columns=[f"c{i}" for i in columns],
                    strings_can_be_null=False,
                ),
            )
            yield from reader
        except pa.ArrowInvalid as e:
            if "Empty CSV" in str(e):
                return
            row = odd.last_row or layout.header_row
            raise LandingError("open_quote", file=self.file, row=row) from e
        finally:
            source.close()

    def _set_aside(self, columns: Sequence[int], odd: _OddRows) -> Iterator[pa.RecordBatch]:
        rows = odd.take()
        if not rows:
            return
        for number, _, text in rows:
            if text is not None and text.count("\n") > _SWALLOWED_LINES:
                raise LandingError("open_quote", file=self.file, row=number)
        yield set_aside_batch(columns, [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])


class _OddRows:
    """Collects the rows whose number of cells is not the header's; pyarrow calls it for each.

    ``cut_row``: the last of them where it has too few cells, else 0; at the end of a file it may be cut off.
    """

    def __init__(self, delimiter: str, withhold: bool) -> None:
        self._delimiter = delimiter
        self._withhold = withhold
        self._new: list[tuple[int, str, str | None]] = []
        self._numbers: list[int] = []
        self.offset = 0
        self.last_row = 0
        self.cut_row = 0

    def __call__(self, row: pacsv.InvalidRow) -> str:
        number = row.number + self.offset
        self.last_row = number
        kind = kind_of_odd_row(row.text, self._delimiter)
        self.cut_row = number if kind == "malformed" and row.actual_columns < row.expected_columns else 0
        self._new.append((number, kind, row.text))
        self._numbers.append(number)
        return "skip"

    def numbers(self, start: int) -> np.ndarray:
        """The rows found so far that are not before ``start``."""
        self._numbers = [n for n in self._numbers if n >= start]
        return np.array(self._numbers, dtype=np.int64)

    def take(self) -> list[tuple[int, str, str | None]]:
        """(row number, kind, text) of the rows since the last call."""
        rows, self._new = self._new, []
        return rows


def _good_numbers(start: int, count: int, bad: np.ndarray) -> np.ndarray:
    """The first ``count`` numbers from ``start`` on that are not among the sorted ``bad``.

    >>> _good_numbers(4, 3, np.array([4, 6])).tolist()
    [5, 7, 8]
    """
    ordinals = np.arange(count, dtype=np.int64)
    # bad number i comes before good ordinal j exactly if bad[i] - i - start <= j
    return start + ordinals + np.searchsorted(bad - np.arange(len(bad)) - start, ordinals, side="right")


def _delimiter(head: str, mapper: Mapper) -> str:
    """The delimiter that makes most known headers; among equals the one with most cells."""

    def score(delimiter: str) -> tuple[int, int]:
        rows = [row for row, _ in _rows(head, delimiter)]
        header = mapper.find_header(rows)
        return (header.hits if header else 0), max((len(r) for r in rows), default=0)

    # those that do not occur all cut alike, each line being a cell: the first of them speaks for all
    absent = [d for d in DELIMITERS if d not in head]
    return max((d for d in DELIMITERS if d not in absent[1:]), key=score)


def _rows(head: str, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """The first rows, each with the number of physical lines up to its end."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        for row, _ in zip(reader, range(PREVIEW_ROWS), strict=False):
            yield row, reader.line_num
    except csv.Error:
        # a cell beyond csv's limit: the rows before it are enough to find the header
        return
