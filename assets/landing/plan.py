"""What lies in the drop folder: which files make a delivery, and which belong to nobody."""

from __future__ import annotations

import hashlib
import os
import re
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from stat import S_ISDIR, S_ISREG
from zoneinfo import ZoneInfo

from assets.landing.delivery import FileKey
from assets.landing.errors import LandingError
from expectations.contracts.returned import SUMMARY, mark_in
from expectations.feeds import Company, Feed
from resources.settings import Settings

SETTLE_SECONDS = 2.0
"""A file changed less than this long ago may still be growing; it is looked at again after this long."""

ZONE = ZoneInfo("Asia/Shanghai")
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".download")
_NOT_DATA = frozenset({"thumbs.db", "desktop.ini"})
# a date, perhaps followed by HHMM or HHMMSS; not a piece of a longer number
_DATE = re.compile(r"(?<!\d)(20\d\d)([-_]?)(\d\d)\2(\d\d)(?=\D|$|\d{4}(?!\d)|\d{6}(?!\d))")


@dataclass(frozen=True)
class DropFile:
    """A file of a drop folder: ``file`` is its path below ``drop/<company>/``, ``size`` in bytes."""

    path: Path
    file: str
    size: int
    mtime_ns: int
    sha256: str | None = None

    @property
    def key(self) -> FileKey:
        """What tells that a file has not been touched since it was seen."""
        return self.file, self.size, self.mtime_ns

    @property
    def written_on(self) -> date:
        """The day it was written, by the clock of who wrote it."""
        return datetime.fromtimestamp(self.mtime_ns // 10**9, ZONE).date()


@dataclass(frozen=True)
class PlannedDelivery:
    """The files of one feed with the same parent folder and date, sorted by name; returned rows of another delivery
    (``corrects``) by themselves."""

    company: str
    feed: str
    delivered_on: date
    files: tuple[DropFile, ...]
    corrects: str | None = None

    @property
    def received_at(self) -> str:
        """When its newest file arrived, ISO 8601 in UTC."""
        newest = max(f.mtime_ns for f in self.files)
        return datetime.fromtimestamp(newest // 10**9, UTC).isoformat()

    @property
    def delivery_id(self) -> str:
        """``d_`` and twelve hex digits of company, feed, date and content; before hashing, of the names instead."""
        contents = sorted(f.sha256 or f.file for f in self.files)
        parts = [self.company, self.feed, self.delivered_on.isoformat(), *contents]
        return "d_" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Unclaimed:
    """A dropped file that nobody reads: ``company`` is None for a folder of no company."""

    company: str | None
    file: str
    code: str
    message: str
    message_zh: str


def find_deliveries(
    settings: Settings, company: Company, taken: Mapping[FileKey, date] | None = None
) -> list[PlannedDelivery]:
    """The deliveries lying in the company's drop folder, in the order (delivered_on, first file, feed).

    Hidden and unfinished files (``.part``, ``.tmp``, ``~$…``) are passed over. Reads names and dates only, so it is
    cheap enough for a sensor. A file may belong to several feeds (a workbook with a sheet for each).

    No file was written tomorrow: one without a date in its name whose time lies in the future, by a clock that is
    ahead, is of today, and stays of the day it was ``taken`` on.
    """
    latest = today()
    groups: dict[tuple[str, str, date, str | None], list[DropFile]] = {}
    for file in _files(settings.drop / company.company):
        for feed, corrects in _claims(company.feeds, file.file):
            parent = str(PurePosixPath(file.file).parent)
            day = named_date(file.file) or min(file.written_on, latest, (taken or {}).get(file.key, date.max))
            groups.setdefault((feed, parent, day, corrects), []).append(file)
    planned = [
        PlannedDelivery(company.company, feed, day, tuple(files), corrects)
        for (feed, _, day, corrects), files in groups.items()
    ]
    return sorted(planned, key=lambda p: (p.delivered_on, p.files[0].file, p.feed))


def unclaimed_files(settings: Settings, companies: Mapping[str, Company]) -> list[Unclaimed]:
    """Dropped files that match no feed of their company or cannot be opened, and files in folders of no company, each
    with a message."""
    out = []
    for folder in sorted(settings.drop.iterdir()) if settings.drop.is_dir() else []:
        if folder.name.startswith("."):
            continue
        company = companies.get(folder.name)
        if company is None:
            inside = folder.is_dir()
            files = [f"{folder.name}/{e.file}" for e in _entries(folder)] if inside else [folder.name]
            config = f"config/feeds/{folder.name if inside else '<company>'}.yaml"
            out += [_unclaimed(None, file, "no_company", config=config) for file in files]
            continue
        config = f"config/feeds/{company.company}.yaml"
        for entry in _entries(folder):
            if entry.fault or not any(True for _ in _claims(company.feeds, entry.file)):
                code = entry.fault or "no_feed"
                out.append(_unclaimed(company.company, entry.file, code, company=company.company, config=config))
    return out


def named_date(file: str) -> date | None:
    """The first date in a file's name, else in the nearest folder that has one; None where none has."""
    for part in reversed(PurePosixPath(file).parts):
        for year, _, month, day in _DATE.findall(part):
            try:
                return date(int(year), int(month), int(day))
            except ValueError:
                continue
    return None


def today() -> date:
    """The day it is where the companies are."""
    return datetime.now(ZONE).date()


def fingerprinted(planned: PlannedDelivery, known: Mapping[FileKey, str]) -> PlannedDelivery:
    """The delivery with the sha-256 of every file. ``known`` holds those of (file, size, mtime_ns) seen before, so that
    a file that has not been touched is not read again."""
    files = [replace(f, sha256=known.get(f.key) or _sha256(f.path)) for f in planned.files]
    return replace(planned, files=tuple(files))


def settle(files: Sequence[DropFile], seconds: float) -> None:
    """Wait ``seconds`` if a file was changed less than that ago, then look again.

    Raises :class:`LandingError` ``still_writing`` naming the first file that changed meanwhile or has gone.
    """
    if files and time.time() - max(f.mtime_ns for f in files) / 1e9 < seconds:
        time.sleep(seconds)
    check_unchanged(files)


def check_unchanged(files: Iterable[DropFile]) -> None:
    """Raise :class:`LandingError` ``still_writing`` naming the first file that changed since it was found."""
    for file in files:
        try:
            now = file.path.stat()
        except FileNotFoundError:
            raise LandingError("still_writing", file=file.file) from None
        if (now.st_size, now.st_mtime_ns) != (file.size, file.mtime_ns):
            raise LandingError("still_writing", file=file.file)


def is_hidden(name: str) -> bool:
    """Whether a file name marks a hidden, temporary or unfinished file."""
    low = name.lower()
    return low.startswith((".", "~$")) or low.endswith(_UNFINISHED) or low in _NOT_DATA


@dataclass(frozen=True)
class _Entry:
    """Something that lies in a drop folder. ``fault`` is the code of why it cannot be opened, None for a plain file."""

    path: Path
    file: str
    stat: os.stat_result
    fault: str | None


def _files(folder: Path) -> Iterator[DropFile]:
    for entry in _entries(folder):
        if entry.fault is None:
            yield DropFile(entry.path, entry.file, entry.stat.st_size, entry.stat.st_mtime_ns)


def _entries(folder: Path) -> Iterator[_Entry]:
    """Everything below a folder that is not hidden. Raises OSError for a folder that cannot be listed: what lies in it
    would be passed over without a word."""
    own = folder.resolve()
    for root, dirs, names in os.walk(folder, onerror=_unless_gone):
        dirs[:] = sorted(d for d in dirs if not d.startswith("."))
        links = [d for d in dirs if Path(root, d).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(root, name)
            if is_hidden(name) or name.startswith(SUMMARY):
                continue
            try:
                stat = path.stat()
            except FileNotFoundError:
                # moved away since the folder was listed, or a link to nowhere
                continue
            yield _Entry(path, _label(path.relative_to(folder)), stat, _fault(path, stat, own))


def _fault(path: Path, stat: os.stat_result, own: Path) -> str | None:
    # one company must not make another's files, or the machine's, its own by a link to them
    if path.is_symlink() and (S_ISDIR(stat.st_mode) or not path.resolve().is_relative_to(own)):
        return "foreign_link"
    # to open a pipe would wait for ever, to read a device never end
    return None if S_ISREG(stat.st_mode) else "not_a_file"


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _label(relative: Path) -> str:
    """The path as text: a name that is not UTF-8 on disk was most likely written as GBK by an old upload client."""
    raw = os.fsencode(relative.as_posix())
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def _claims(feeds: Mapping[str, Feed], file: str) -> Iterator[tuple[str, str | None]]:
    """The feeds a file belongs to; of a return, its own feed and the delivery it corrects."""
    if mark := mark_in(file.rsplit("/", 1)[-1]):
        if mark.feed in feeds:
            yield mark
        return
    path = unicodedata.normalize("NFC", file).lower()
    name = path.rsplit("/", 1)[-1]
    for feed_name, feed in feeds.items():
        patterns = [unicodedata.normalize("NFC", p).lower() for p in feed.files]
        if any(fnmatchcase(path, p) or fnmatchcase(name, p) for p in patterns):
            yield feed_name, None


def _unclaimed(owner: str | None, file: str, code: str, **details: str) -> Unclaimed:
    error = LandingError(code, file=file, **details)
    return Unclaimed(owner, file, code, error.message, error.message_zh)


def _sha256(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
