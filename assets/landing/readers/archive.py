"""Zip and gzip: members are unpacked to a spool folder, under names of our own."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

from assets.landing.errors import LandingError
from assets.landing.plan import is_hidden
from assets.landing.sniff import unsound_zip

MAX_UNPACKED = 40 << 30
"""Bytes an archive may unpack to."""
MAX_RATIO = 400
"""How many times its size an archive of some size may unpack to; tables reach 10 to 30, repeated rows 200."""
_RATIO_FROM = 100 << 20
_MAX_MEMBERS = 10_000
_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_NOT_TABLES = (".pdf", ".doc", ".docx", ".png", ".jpg", ".jpeg", ".md", ".db", ".ini", ".log")


def unpack_zip(path: Path, file: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Unpack the members that can be tables, one after the other: (``file!member``, where it lies).

    Raises :class:`LandingError` for a cut, damaged, encrypted, unsafe or exploding archive.
    """
    try:
        with unsound_zip(file, "a zip archive"), zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            check_size(members, file, path.stat().st_size)
            _check(members, file)
            budget = MAX_UNPACKED
            seen: set[str] = set()
            for i, member in enumerate(members):
                name = member_name(member)
                if _is_table(name):
                    target = folder / f"member_{i}"
                    with archive.open(member) as source:
                        budget -= _copy(source, target, budget, file)
                    yield f"{file}!{_told_apart(name, seen)}", target
    except zipfile.BadZipFile as e:
        # the directory was readable when the format was told: a member is damaged
        raise LandingError("corrupt_file", file=file, format="a zip archive") from e


def unpack_gzip(path: Path, file: str, folder: Path) -> Path:
    """Unpack a gzip file. Raises :class:`LandingError` for a cut, damaged or exploding one."""
    target = folder / "gunzipped"
    try:
        with gzip.open(path) as source:
            _copy(
                cast(IO[bytes], source),
                target,
                min(MAX_UNPACKED, max(path.stat().st_size * MAX_RATIO, _RATIO_FROM)),
                file,
            )
    except EOFError:
        raise LandingError("zip_truncated", file=file) from None
    except (gzip.BadGzipFile, zlib.error) as e:
        raise LandingError("corrupt_file", file=file, format="a gzip file") from e
    return target


def member_name(member: zipfile.ZipInfo) -> str:
    """The name of a zip member: UTF-8 where the archive says so, else GB18030, which Chinese tools write without a
    word."""
    if member.flag_bits & _UTF8_NAME:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("gb18030")
    except UnicodeError:
        return member.filename


def check_size(members: list[zipfile.ZipInfo], file: str, size: int, most: int = MAX_UNPACKED) -> None:
    """Refuse an archive of ``size`` bytes that says it unpacks to more than ``most``, or to far more than a table
    does, or is of too many members. Raises :class:`LandingError` ``archive_too_large``."""
    unpacked = sum(m.file_size for m in members)
    exploding = unpacked > _RATIO_FROM and unpacked > size * MAX_RATIO
    if unpacked > most or exploding or len(members) > _MAX_MEMBERS:
        raise LandingError("archive_too_large", file=file, limit=most >> 30)


def _told_apart(name: str, seen: set[str]) -> str:
    """The name, numbered where an archive holds several of it: rows are counted by the name of their member."""
    count, own = 1, name
    while own in seen:
        count += 1
        own = f"{name} ({count})"
    seen.add(own)
    return own


def _check(members: list[zipfile.ZipInfo], file: str) -> None:
    for member in members:
        name = member_name(member)
        if member.flag_bits & _ENCRYPTED:
            raise LandingError("password_protected", file=file)
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name[:3]:
            raise LandingError("unsafe_archive", file=file)
        if name.lower().endswith((".zip", ".rar", ".7z", ".tar", ".tgz")) and _is_table(name):
            raise LandingError("nested_archive", file=file)
    if not any(_is_table(member_name(m)) for m in members):
        raise LandingError("empty_archive", file=file)


def _is_table(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    hidden = any(is_hidden(part) or part == "__MACOSX" for part in path.parts)
    return not hidden and not name.lower().endswith(_NOT_TABLES)


def _copy(source: IO[bytes], target: Path, budget: int, file: str) -> int:
    """Copy a member, not trusting the size it declares; returns the bytes written."""
    written = 0
    with target.open("wb") as sink:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > budget:
                raise LandingError("archive_too_large", file=file, limit=MAX_UNPACKED >> 30)
            sink.write(chunk)
    return written
