"""From a dropped file to its parts, by content."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from assets.landing.errors import LandingError
from assets.landing.layout import Mapper
from assets.landing.readers.archive import unpack_gzip, unpack_zip
from assets.landing.readers.delimited import DelimitedPart
from assets.landing.readers.html import html_part
from assets.landing.readers.json_text import JsonDocumentPart, JsonLinesPart
from assets.landing.readers.parquet import ParquetPart
from assets.landing.readers.part import Part
from assets.landing.readers.workbook import workbook_parts
from assets.landing.sniff import MAX_LINE, file_format, survey, text_format, text_head


def open_parts(path: Path, file: str, mapper: Mapper, spool: Path) -> Iterator[Part]:
    """The parts of a file: one, or one per zip member and sheet.

    ``spool`` is an empty folder that must outlive the parts. Raises :class:`LandingError`.
    """
    yield from _open(path, file, mapper, spool, count(), inside=False)


def _open(path: Path, file: str, mapper: Mapper, spool: Path, serial: count[int], *, inside: bool) -> Iterator[Part]:
    kind = file_format(path, file)
    if kind in ("zip", "gzip") and inside:
        raise LandingError("nested_archive", file=file)
    if kind == "zip":
        for name, member in unpack_zip(path, file, _folder(spool, serial)):
            yield from _open(member, name, mapper, spool, serial, inside=True)
    elif kind == "gzip":
        yield from _open(unpack_gzip(path, file, _folder(spool, serial)), file, mapper, spool, serial, inside=True)
    elif kind == "workbook":
        yield from workbook_parts(path, file, mapper.feed.sheet, mapper.config, spool / f"sheet_{next(serial)}")
    elif kind == "parquet":
        yield ParquetPart(path, file)
    else:
        yield _open_text(path, file, mapper, spool / f"grid_{next(serial)}")


def _open_text(path: Path, file: str, mapper: Mapper, spool: Path) -> Part:
    facts = survey(path, mapper.feed.encoding)
    head = text_head(path, facts, file)
    kind = text_format(head, file, mapper.hits)
    if kind == "html":
        return html_part(path, file, facts, spool)
    if kind == "json":
        return JsonDocumentPart(path, file, facts, head, mapper)
    if facts.long_line:
        raise LandingError("line_too_long", file=file, limit=MAX_LINE >> 20)
    if kind == "jsonl":
        return JsonLinesPart(path, file, facts)
    return DelimitedPart(path, file, mapper, facts, head)


def _folder(spool: Path, serial: count[int]) -> Path:
    folder = spool / f"archive_{next(serial)}"
    folder.mkdir()
    return folder
