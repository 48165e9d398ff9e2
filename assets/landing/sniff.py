"""What a file really is, by its content and never by its extension."""

from __future__ import annotations

import codecs
import errno
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assets.landing.errors import LandingError

HEAD_BYTES = 1 << 20
"""How much of a file is looked at to tell its format, delimiter and header."""

MAX_LINE = 4 << 20
"""The longest line, in bytes, that a text table may have."""

_CHUNK = 4 << 20
_OTHER_MAGIC = (
    (b"Rar!", "a RAR archive"), (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"), (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"{\\rtf", "a text document"),
)  # fmt: skip
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip


def file_format(path: Path, file: str) -> str:
    """``parquet``, ``zip``, ``gzip``, ``workbook`` or ``text``; raises :class:`LandingError` for what cannot be read.

    ``file`` is the name used in messages.
    """
    with path.open("rb") as f:
        head = f.read(64)
    if not head:
        raise LandingError("empty_file", file=file)
    for magic, what in _OTHER_MAGIC:
        if head.startswith(magic):
            raise LandingError("unsupported_format", file=file, format=what)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path, file)
    if head.startswith(_OLE):
        # an encrypted .xlsx is an OLE container with a stream of this name
        if _contains(path, "EncryptedPackage".encode("utf-16-le")):
            raise LandingError("password_protected", file=file)
        return "workbook"
    return "text"


@contextmanager
def unsound_zip(file: str, format_: str) -> Iterator[None]:
    """Turn what Python's reader raises for a damaged archive into a :class:`LandingError`; its own BadZipFile is left
    to the caller, who knows whether the directory or a member is meant."""
    try:
        yield
    except (zlib.error, EOFError, NotImplementedError, ValueError, struct.error, RuntimeError) as e:
        raise LandingError("corrupt_file", file=file, format=format_) from e
    except OSError as e:
        if e.errno != errno.EINVAL:  # a place before the beginning of the file
            raise
        raise LandingError("corrupt_file", file=file, format=format_) from e


def ends_with_newline(path: Path) -> bool:
    """Whether a text file, in whatever encoding, ends with a line break: only then was its last line written whole."""
    with path.open("rb") as f:
        f.seek(max(0, path.stat().st_size - 4))
        return f.read().rstrip(b"\0").endswith((b"\n", b"\r"))


def _zip_kind(path: Path, file: str) -> str:
    try:
        with unsound_zip(file, "a zip archive"), zipfile.ZipFile(path) as z:
            names = z.namelist()
    except zipfile.BadZipFile:
        raise LandingError("zip_truncated", file=file) from None
    if "[Content_Types].xml" in names and any(n.startswith("xl/") for n in names):
        return "workbook"
    if "mimetype" in names and "content.xml" in names:
        return "workbook"
    if "[Content_Types].xml" in names:
        raise LandingError("unsupported_format", file=file, format="a text document or slides")
    return "zip"


def _contains(path: Path, needle: bytes) -> bool:
    tail = b""
    with path.open("rb") as f:
        while chunk := f.read(_CHUNK):
            if needle in tail + chunk:
                return True
            tail = chunk[-len(needle) :]
    return False


@dataclass(frozen=True)
class TextFacts:
    """What a whole text file was found to be.

    ``encoding`` is a Python codec; ``bom`` the bytes to skip; ``quotes``/``nuls``/``formulas`` whether the file has
    any ``"``, NUL byte, ``="``; ``bad_utf8`` whether it is called UTF-8 and is not; ``cut_character`` whether it ends
    within a character; ``long_line`` whether a line is longer than :data:`MAX_LINE`.
    """

    encoding: str
    bom: int = 0
    quotes: bool = False
    nuls: bool = False
    formulas: bool = False
    bad_utf8: bool = False
    cut_character: bool = False
    long_line: bool = False

    @property
    def is_plain_utf8(self) -> bool:
        """Whether the bytes can be handed to a UTF-8 parser as they are."""
        return self.encoding == "utf-8" and not (self.nuls or self.bad_utf8 or self.cut_character)


def survey(path: Path, declared: str | None = None) -> TextFacts:
    """Read a text file once, in chunks, and say how to decode and parse it: BOM, else the pattern of NUL bytes
    (UTF-16), else strict UTF-8 over the whole file, else GB18030."""
    with path.open("rb") as f:
        head = f.read(1 << 16)
        encoding, bom = _announced(head, declared)
        f.seek(bom)
        utf8 = codecs.getincrementaldecoder("utf-8")() if encoding in (None, "utf-8") else None
        quotes = nuls = formulas = False
        line = longest = 0
        while chunk := f.read(_CHUNK):
            if utf8 is not None:
                try:
                    utf8.decode(chunk)
                except UnicodeDecodeError:
                    utf8 = None
            quotes = quotes or b'"' in chunk
            nuls = nuls or b"\0" in chunk
            # single bytes are found twenty times as fast as pairs
            formulas = formulas or (b"=" in chunk and b'="' in chunk)
            line, longest = _line_lengths(chunk, line, longest)
    wide = (encoding or "").startswith("utf-16")
    return TextFacts(
        encoding or ("utf-8" if utf8 is not None else "gb18030"),
        bom,
        # in UTF-16 every second byte is NUL, and '="' is no byte sequence
        quotes or wide,
        nuls and not wide,
        formulas or wide,
        # a mark or a feed may call UTF-8 what is not
        utf8 is None and encoding == "utf-8",
        utf8 is not None and bool(utf8.getstate()[0]),
        longest > MAX_LINE,
    )


def _announced(head: bytes, declared: str | None) -> tuple[str | None, int]:
    """Encoding and length of the BOM, where the first bytes or the feed announce them."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    if declared is not None:
        # GBK is part of GB18030, which also reads the characters that it lacks
        return ("gb18030" if declared == "gbk" else declared), 0
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) * 0.1 and even < odd * 0.1:
        return "utf-16-le", 0
    if even > len(head) * 0.1 and odd < even * 0.1:
        return "utf-16-be", 0
    return None, 0


def _line_lengths(chunk: bytes, line: int, longest: int) -> tuple[int, int]:
    """Length of the line the chunk ends in, and the longest line that reaches over a chunk's border so far."""
    first = min((i for i in (chunk.find(b"\n"), chunk.find(b"\r")) if i >= 0), default=-1)
    if first < 0:
        line += len(chunk)
        return line, max(longest, line)
    longest = max(longest, line + first)
    return len(chunk) - max(chunk.rfind(b"\n"), chunk.rfind(b"\r")), longest


class Utf8Stream(io.RawIOBase):
    """A text file as a stream of UTF-8 bytes, without BOM and NUL characters, in bounded memory.

    A character cut off by the end of the file becomes U+FFFD; any other bad byte raises UnicodeDecodeError.
    """

    def __init__(self, path: Path, facts: TextFacts) -> None:
        self._file = path.open("rb")
        self._file.seek(facts.bom)
        self._decoder = codecs.getincrementaldecoder(facts.encoding)()
        self._plain = facts.is_plain_utf8
        self._pending = b""
        self.position = facts.bom

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._plain:
            return self._file.read(size)
        while size < 0 or len(self._pending) < size:
            chunk = self._file.read(_CHUNK if size < 0 else max(size, 1 << 16))
            if not chunk:
                cut = bool(self._decoder.getstate()[0])
                self._decoder.reset()
                self._pending += "\ufffd".encode() if cut else b""
                break
            self._pending += self._decoder.decode(chunk).replace("\0", "").encode()
            self.position += len(chunk)
        out = self._pending if size < 0 else self._pending[:size]
        self._pending = self._pending[len(out) :]
        return out

    def close(self) -> None:
        self._file.close()
        super().close()


def text_head(path: Path, facts: TextFacts, file: str) -> str:
    """The first :data:`HEAD_BYTES` or so of a text file, decoded. Raises :class:`LandingError` ``unknown_encoding``."""
    with Utf8Stream(path, facts) as stream:
        try:
            raw = stream.read(HEAD_BYTES)
        except UnicodeDecodeError as e:
            raise LandingError("unknown_encoding", file=file, position=stream.position + e.start) from None
    return raw.decode("utf-8", errors="ignore")


def text_format(head: str, file: str, hits: Callable[[Sequence[str]], int]) -> str:
    """``html``, ``json``, ``jsonl`` or ``csv``, by the first characters of a text file; ``hits`` counts the
    known headers among some names."""
    start = head.lstrip().lower()[:65536]
    if not start:
        raise LandingError("empty_file", file=file)
    if start.startswith("<"):
        if "<table" in start or "<html" in start:
            return "html"
        raise LandingError("unsupported_format", file=file, format="an XML document")
    if re.match(r"\[\s*[{\]]", start):
        return "json"
    if re.match(r"\{\s*[\"}]", start):
        return "jsonl" if _is_lines(head, hits) else "json"
    return "csv"


def _is_lines(head: str, hits: Callable[[Sequence[str]], int]) -> bool:
    """Whether the first line is a whole JSON object, and a record rather than a wrapper around a list of them."""
    lines = [line for line in head.splitlines() if line.strip()]
    try:
        first = json.loads(lines[0])
    except (ValueError, RecursionError):
        return False
    if len(lines) > 1:
        return lines[1].lstrip().startswith("{")
    return hits(flat_keys(first)) > any(_has_records(v) for v in first.values())


def flat_keys(record: Mapping[str, object]) -> list[str]:
    """The keys of a JSON object, those of objects inside as ``outer.inner``."""
    inner = [f"{k}.{n}" for k, v in record.items() if isinstance(v, dict) for n in v]
    return [*record, *inner]


def _has_records(value: object) -> bool:
    if isinstance(value, list):
        return not value or any(isinstance(v, dict) for v in value)
    return isinstance(value, dict) and any(_has_records(v) for v in value.values())
