"""HTML tables, as older web systems export them under the name .xls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from assets.landing.errors import LandingError
from assets.landing.layout import MAX_COLUMNS, PREVIEW_ROWS
from assets.landing.readers.workbook import GridPart
from assets.landing.sniff import TextFacts, Utf8Stream

_SKIPPED = ("script", "style")


def html_part(path: Path, file: str, facts: TextFacts, spool: Path) -> GridPart:
    """All rows of all tables of the document, a row being the ordinal of its ``<tr>``.

    Raises :class:`LandingError` if there is no row.
    """
    part = GridPart(file, "html", _rows(path, facts, file), spool)
    if not part.width:
        raise LandingError("corrupt_file", file=file, format="an HTML table")
    part.encoding = facts.encoding
    return part


def _rows(path: Path, facts: TextFacts, file: str) -> Iterator[list[str | None]]:
    """The rows, with the cells of ``rowspan`` repeated below, those of ``colspan`` in the first rows only."""
    # column -> rows still to fill, and the value
    below: dict[int, tuple[int, str | None]] = {}
    with Utf8Stream(path, facts) as stream:
        try:
            events = etree.iterparse(stream, events=("end",), tag="tr", html=True, encoding="utf-8", huge_tree=True)
            for number, (_, tr) in enumerate(events):
                cells: list[str | None] = []
                for td in tr.iterchildren("td", "th"):
                    if below:
                        _take_from_above(cells, below)
                    # nearly every cell is plain text: half the time of a large table went into looking inside
                    text = "".join(td.itertext()) if len(td) else td.text
                    value = " ".join(text.split()) or None if text else None
                    if not (td.keys() or below):
                        cells.append(value)
                        continue
                    columns, rows = _span(td, "colspan"), _span(td, "rowspan")
                    if len(cells) + columns > MAX_COLUMNS:  # before the row is made so long: each cell may say 1000
                        columns = 1
                    for i in range(columns):
                        cell = value if i == 0 or number < PREVIEW_ROWS else None
                        if rows > 1:
                            below[len(cells)] = (rows - 1, cell)
                        cells.append(cell)
                _take_from_above(cells, below)
                if len(cells) > MAX_COLUMNS:
                    raise LandingError("too_many_columns", file=file, columns=len(cells), limit=MAX_COLUMNS)
                yield cells or [None]
                # free what has been read, or the whole document stays in memory
                tr.clear()
                while tr.getprevious() is not None and tr.getparent() is not None:
                    del tr.getparent()[0]
        except UnicodeDecodeError:
            raise LandingError("unknown_encoding", file=file, position=stream.position) from None
        except etree.XMLSyntaxError as e:
            raise LandingError("corrupt_file", file=file, format="an HTML table") from e


def _take_from_above(cells: list[str | None], below: dict[int, tuple[int, str | None]]) -> None:
    while len(cells) in below:
        column = len(cells)
        rows, value = below.pop(column)
        if rows > 1:
            below[column] = (rows - 1, value)
        cells.append(value)


def _span(cell: etree._Element, name: str) -> int:
    value = cell.get(name)
    if value is None or not value.strip().isdigit():
        return 1
    return min(max(int(value), 1), 1000)
