"""The copy floor: the least that any reader of these files must do.

DuckDB reads every dropped file as text and writes it as zstd Parquet, without judging anything. What DuckDB can't read
(GB18030, UTF-16, workbooks, web pages, zips) is first decoded to UTF-8 CSV, as plainly as can be; that time counts.
"""

from __future__ import annotations

import codecs
import csv
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import fastexcel
import pyarrow.csv as pa_csv
from lxml import etree

from resources.duck import quote

_CHUNK = 1 << 24
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Copied:
    """What was copied: rows as DuckDB counts them (headers included), and files that can't be read at all."""

    rows: int
    files: int
    unreadable: int


def copy_floor(con: duckdb.DuckDBPyConnection, files: list[Path], out: Path) -> Copied:
    """Copy the files to Parquet below ``out``."""
    rows = unreadable = written = 0
    for file in files:
        with tempfile.TemporaryDirectory(dir=out) as spool:
            try:
                for query in list(_readable(file, Path(spool))):
                    target = out / f"{written}.parquet"
                    copied = con.execute(f"COPY ({query}) TO {quote(target)} (FORMAT parquet, COMPRESSION zstd)")
                    rows += copied.fetchall()[0][0]
                    written += 1
            except (zipfile.BadZipFile, EOFError):
                unreadable += 1
    return Copied(rows, len(files), unreadable)


def _readable(file: Path, spool: Path) -> Iterator[str]:
    """Queries that give the file's rows as text; decodes into ``spool`` what DuckDB does not read."""
    with file.open("rb") as f:
        head = f.read(4096)
    if head.startswith(b"PAR1"):
        yield f"SELECT * FROM read_parquet({quote(file)})"
    elif head.startswith(b"PK") and file.suffix == ".xlsx":
        yield from map(_csv, _workbook(file, spool))
    elif head.startswith(b"PK"):
        with zipfile.ZipFile(file) as archive:
            for n, member in enumerate(archive.infolist()):
                path = spool / f"{n}{Path(member.filename).suffix}"
                with archive.open(member) as source, path.open("wb") as target:
                    while block := source.read(_CHUNK):
                        target.write(block)
                yield from _readable(path, spool)
    elif head.lstrip()[:1] == b"<":
        yield _csv(_page(file, spool))
    elif file.suffix == ".jsonl":
        yield f"SELECT json FROM read_ndjson_objects({quote(file)})"
    elif head.lstrip()[:1] in (b"{", b"["):
        # a document has its records one a line, which is the cheapest way to take them as text
        yield _lines(file)
    else:
        yield _csv(_utf8(file, head, spool), "\t" if b"\t" in head else ",")


def _csv(path: Path, delimiter: str = ",") -> str:
    return (
        f"SELECT * FROM read_csv({quote(path)}, all_varchar = true, header = false, null_padding = true, "
        f"delim = {quote(delimiter)}, quote = '\"', escape = '\"', strict_mode = false, ignore_errors = true, "
        "parallel = true)"
    )


def _lines(path: Path) -> str:
    return (
        f"SELECT line FROM read_csv({quote(path)}, columns = {{'line': 'VARCHAR'}}, header = false, delim = '\x01', "
        "quote = '', escape = '', auto_detect = false)"
    )


def _utf8(file: Path, head: bytes, spool: Path) -> Path:
    encoding = next((name for bom, name in _BOMS.items() if head.startswith(bom)), None)
    if encoding is None:
        encoding = "utf-8" if _is_utf8(file) else "gb18030"
    if encoding == "utf-8":
        return file
    decode = codecs.getincrementaldecoder(encoding)(errors="replace").decode
    target = spool / "decoded.csv" if not (spool / "decoded.csv").exists() else spool / f"{file.stem}.utf8"
    with file.open("rb") as source, target.open("wb") as decoded:
        while block := source.read(_CHUNK):
            decoded.write(decode(block).encode())
    return target


def _is_utf8(file: Path) -> bool:
    with file.open("rb") as f:
        try:
            codecs.getincrementaldecoder("utf-8")().decode(f.read(1 << 20))
        except UnicodeDecodeError:
            return False
    return True


def _workbook(file: Path, spool: Path) -> Iterator[Path]:
    book = fastexcel.read_excel(file)
    for n, name in enumerate(book.sheet_names):
        sheet = book.load_sheet(name, header_row=None, dtypes="string").to_arrow()
        if sheet.num_rows:
            target = spool / f"sheet_{n}.csv"
            pa_csv.write_csv(sheet, target, pa_csv.WriteOptions(include_header=False))
            yield target


def _page(file: Path, spool: Path) -> Path:
    target = spool / f"{file.stem}.page.csv"
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        for _, row in etree.iterparse(str(file), tag="tr", html=True):
            writer.writerow(["".join(cell.itertext()) for cell in row])
            row.clear()
            while row.getprevious() is not None:
                del row.getparent()[0]
    return target
