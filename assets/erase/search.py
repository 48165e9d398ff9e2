"""Looking for values in every file of the data root: as bytes, in archives, and in what Parquet and DuckDB compress."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from resources.duck import identifier, quote
from resources.keys import PARQUET_KEY, add_parquet_key, attach_encrypted, restricted_key
from resources.settings import Settings

ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
_CHUNK = 1 << 22
_SURE = 6
"""Bytes of a value that are not met by chance. A name of two characters has four bytes in some encodings, and such four
are somewhere in a few gigabytes of ciphertext or compressed pages; what those hold is looked for in their rows."""
_UTF8_NAME = 0x800
"""The flag of a member whose name is UTF-8; other names are bytes that Python reads as code page 437."""
_DEPTH = 3
"""Archives within archives are followed this far."""


@dataclass(frozen=True)
class Searched:
    """What was looked through, and the files (below the data root) that hold one of the values."""

    files: int
    bytes: int
    found: tuple[Path, ...]


def search(
    con: duckdb.DuckDBPyConnection, settings: Settings, values: Sequence[str], *, leave_out: Sequence[Path] = ()
) -> Searched:
    """Look for the values in every file below the data root. A file with several names is read once."""
    add_parquet_key(con, restricted_key(settings))
    seen: set[tuple[int, int]] = set()
    found, files, size = [], 0, 0
    for path in _files(settings.data):
        stat = path.stat()
        if path in leave_out or (stat.st_dev, stat.st_ino) in seen:
            continue
        seen.add((stat.st_dev, stat.st_ino))
        files, size = files + 1, size + stat.st_size
        if values and holds(con, settings, path, values):
            found.append(path.relative_to(settings.data))
    return Searched(files, size, tuple(found))


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):  # links to folders are not followed: what they show is found anyway
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def holds(con: duckdb.DuckDBPyConnection, settings: Settings, path: Path, values: Sequence[str]) -> bool:
    """Whether a file holds one of the values."""
    needles = sorted({v.encode(e) for v in values for e in ENCODINGS})
    sure = [n for n in needles if len(n) >= _SURE]
    with path.open("rb") as f:
        head = f.read(16)
    if head[:4] in (b"PAR1", b"PARE"):
        secret = f", encryption_config = {{footer_key: '{PARQUET_KEY}'}}" if head[:4] == b"PARE" else ""
        relation = f"read_parquet({quote(path)}, hive_partitioning = false{secret})"
        return _in_bytes(path, sure) or _in_rows(con, relation, values)
    if head[8:12] == b"DUCK":
        return _in_bytes(path, sure) or _in_database(con, settings, path, values)
    if zipfile.is_zipfile(path):
        return _in_bytes(path, sure) or _in_archive(path, needles, _DEPTH)
    return _in_bytes(path, needles)


def _in_bytes(path: Path, needles: Sequence[bytes]) -> bool:
    if not needles:
        return False
    longest = max(map(len, needles))
    with path.open("rb") as f:
        before = b""
        while chunk := f.read(_CHUNK):
            window = before + chunk
            if any(n in window for n in needles):
                return True
            before = window[-longest:]
    return False


def _in_archive(path: Path, needles: Sequence[bytes], depth: int) -> bool:
    def within(source: Path | io.BytesIO, left: int) -> bool:
        with zipfile.ZipFile(source) as archive:
            for member in archive.infolist():
                content = archive.read(member)
                name = member.orig_filename.encode("utf-8" if member.flag_bits & _UTF8_NAME else "cp437")
                if any(n in said for n in needles for said in (content, name, member.comment, archive.comment)):
                    return True
                if left and content[:2] == b"PK" and within(io.BytesIO(content), left - 1):
                    return True
        return False

    try:
        return within(path, depth)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return _in_bytes(path, needles)  # damaged or locked: landing could not read it either


def _in_rows(con: duckdb.DuckDBPyConnection, relation: str, values: Sequence[str]) -> bool:
    columns = con.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM {relation})").fetchall()
    texts = [f"CAST({identifier(name)} AS VARCHAR)" for name, kind in columns if "VARCHAR" in kind or "STRUCT" in kind]
    if not texts:
        return False
    query = f"""SELECT 1 FROM (SELECT concat_ws(chr(31), {", ".join(texts)}) AS said FROM {relation})
        WHERE len(list_filter($values::VARCHAR[], lambda v: contains(said, v))) > 0 LIMIT 1"""
    return con.execute(query, {"values": list(values)}).fetchone() is not None


def _in_database(con: duckdb.DuckDBPyConnection, settings: Settings, path: Path, values: Sequence[str]) -> bool:
    try:
        con.execute(f"ATTACH {quote(path)} AS searched (READ_ONLY)")
    except duckdb.Error:
        attach_encrypted(con, path, "searched", restricted_key(settings))
    try:
        tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'searched'").fetchall()
        return any(_in_rows(con, f"searched.{identifier(name)}", values) for (name,) in tables)
    finally:
        con.execute("DETACH DATABASE IF EXISTS searched")
