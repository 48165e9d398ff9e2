"""JSON documents and JSON Lines, streamed as one text of an object per row."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from assets.landing.errors import LandingError
from assets.landing.layout import Layout, Mapper, Row
from assets.landing.readers.part import JSON_SCHEMA, Shape, registered
from assets.landing.sniff import TextFacts, Utf8Stream, ends_with_newline, flat_keys

BLOCK = 4 << 20
_MAX_RECORD = 16 << 20
_MAX_DEPTH = 64
"""How deep in a document its records are looked for."""
IS_RECORD = "(json_valid(line) AND ltrim(line) LIKE '{%')"
"""SQL: whether a line is an object that can be taken apart."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s"{}\[\],:]+')
# a byte that no JSON text holds unescaped, so a line is never split at it
_NO_DELIMITER = "\x01"
_STRUCTURAL = bytes(byte in b'"\\{}[]' for byte in range(256))
"""For each byte 1 or 0: a table for ``translate``, which takes half the time of picking from an array."""


class JsonPart(ABC):
    """What the two kinds share: finding the names."""

    shape: Shape = "json"
    delimiter: str | None = None
    formulas = False
    preview: list[Row] | None = None

    def __init__(self, path: Path, file: str, facts: TextFacts) -> None:
        self._path = path
        self.file = file
        self._facts = facts
        self.encoding: str | None = facts.encoding

    @abstractmethod
    def _lines(self) -> Iterator[pa.RecordBatch]:
        """The records as :data:`JSON_SCHEMA`, a line and its number each. Raises :class:`LandingError`."""

    def names(self, con: duckdb.DuckDBPyConnection) -> list[str]:
        """Every key of every record, objects inside as ``outer.inner`` (one level)."""
        objects: set[str] = set()
        outer = self._keys(con, "", objects)
        names = [k for k in outer if k not in objects]
        for key in outer:
            if key in objects:
                names += [f"{key}.{inner}" for inner in self._keys(con, pointer(key), set())]
        return names

    def _keys(self, con: duckdb.DuckDBPyConnection, at: str, objects: set[str]) -> list[str]:
        """The keys of the objects at a JSON pointer, over the whole file; adds to ``objects`` those that hold an object
        in one of the first records."""
        with registered(con, "json_lines", JSON_SCHEMA, _noting_objects(self._lines(), objects)):
            sets = con.execute(
                f"SELECT DISTINCT CASE WHEN {IS_RECORD} THEN json_keys(line, $at) END AS keys FROM json_lines "
                "ORDER BY len(keys) DESC, keys",
                {"at": at},
            ).fetchall()
        return list(dict.fromkeys(key for (found,) in sets for key in found or ()))

    def stream(self, layout: Layout, columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """See :class:`Part`; the columns are taken out of the text in SQL."""
        yield from self._lines()


def _noting_objects(batches: Iterator[pa.RecordBatch], objects: set[str]) -> Iterator[pa.RecordBatch]:
    for i, batch in enumerate(batches):
        for line in batch.column(0).slice(0, 1000).to_pylist() if i == 0 else ():
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(record, dict):
                objects |= {k for k, v in record.items() if isinstance(v, dict)}
        yield batch


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


class JsonLinesPart(JsonPart):
    """One JSON object a line; the row number is the line's."""

    format = "jsonl"

    def _lines(self) -> Iterator[pa.RecordBatch]:
        row = 1
        with Utf8Stream(self._path, self._facts) as stream:
            try:
                reader = pacsv.open_csv(
                    pa.OSFile(str(self._path)) if self._facts.is_plain_utf8 else pa.PythonFile(stream, mode="r"),
                    read_options=pacsv.ReadOptions(use_threads=False, column_names=["line"], block_size=BLOCK),
                    parse_options=pacsv.ParseOptions(
                        delimiter=_NO_DELIMITER, quote_char=False, ignore_empty_lines=False
                    ),
                    convert_options=pacsv.ConvertOptions(column_types={"line": pa.string()}),
                )
                last = ""
                for batch in reader:
                    numbers = pa.array(np.arange(row, row + batch.num_rows, dtype=np.int64))
                    row += batch.num_rows
                    if batch.num_rows:
                        last = batch.column(0)[-1].as_py() or ""
                    yield pa.RecordBatch.from_arrays([batch.column(0), numbers], schema=JSON_SCHEMA)
                if last.strip() and not _is_json(last) and not ends_with_newline(self._path):
                    raise LandingError("cut_short", file=self.file, row=row - 1)
            except UnicodeDecodeError:
                raise LandingError("unknown_encoding", file=self.file, position=stream.position) from None
            except pa.ArrowInvalid as e:
                raise LandingError("corrupt_file", file=self.file, format="JSON Lines") from e


class JsonDocumentPart(JsonPart):
    """A JSON document with a list of objects in it; the row number is the ordinal in the list."""

    format = "json"

    def __init__(self, path: Path, file: str, facts: TextFacts, head: str, mapper: Mapper) -> None:
        super().__init__(path, file, facts)
        start = find_records(head, mapper)
        if start is None:
            where = f" at {mapper.feed.records}" if mapper.feed.records else ""
            raise LandingError("no_records", file=file, where=where, config=mapper.config)
        self._start = len(head[:start].encode())

    def _lines(self) -> Iterator[pa.RecordBatch]:
        row = 1
        with Utf8Stream(self._path, self._facts) as stream:
            try:
                for spans in split_records(stream, self._start, self.file):
                    numbers = pa.array(np.arange(row, row + len(spans), dtype=np.int64))
                    row += len(spans)
                    yield pa.RecordBatch.from_arrays([spans, numbers], schema=JSON_SCHEMA)
            except UnicodeDecodeError:
                raise LandingError("unknown_encoding", file=self.file, position=stream.position) from None


def pointer(*keys: str) -> str:
    """The JSON pointer (RFC 6901) of a key inside its objects."""
    return "".join("/" + k.replace("~", "~0").replace("/", "~1") for k in keys)


def find_records(head: str, mapper: Mapper) -> int | None:
    """Where the list of records begins: the place after its ``[``, in characters.

    The list at the feed's ``records`` path; without one, the first list of objects that have known headers, else the
    first list of objects.
    """
    wanted = mapper.feed.records
    stack: list[str | None] = []
    key: str | None = None
    last: str | None = None
    fallback = None
    for token in _TOKEN.finditer(head):
        t = token.group()
        if t == "[":
            path = ".".join(k for k in [*stack, key] if k is not None)
            first = _first_object(head, token.end())
            if wanted is not None:
                if path == wanted:
                    return token.end()
            elif first is not None:
                if mapper.hits(first) > 0:
                    return token.end()
                fallback = fallback if fallback is not None else token.end()
        if len(stack) > _MAX_DEPTH:
            return fallback  # made to take for ever, not to be read
        if t in "[{":
            stack.append(key if t == "{" or key is not None else None)
            key = None
        elif t in "]}":
            if stack:
                stack.pop()
            key = None
        elif t == ":":
            key = json.loads(last) if last is not None else None
        elif t == ",":
            key = None
        last = t if t.startswith('"') else None
    return fallback


def _first_object(head: str, at: int) -> list[str] | None:
    """The keys of the object that a list begins with, [] for an empty list or one reaching beyond the head."""
    rest = head[at : at + 200_000].lstrip()
    if rest.startswith("]"):
        return []
    if not rest.startswith("{"):
        return None
    try:
        record, _ = json.JSONDecoder().raw_decode(rest)
    except (ValueError, RecursionError):
        return []
    return flat_keys(record)


def split_records(stream: Utf8Stream, start: int, file: str) -> Iterator[pa.Array]:
    """The objects of a JSON list as texts, a batch per block; ``start`` is the byte after the list's ``[``.

    Raises :class:`LandingError` where the file ends before the list does: a part of a snapshot must not pass for the
    whole. Vectorised: only the structural bytes are looked at.
    """
    while start > 0 and (skipped := stream.read(start)):
        start -= len(skipped)
    rest = b""
    row = 1
    while chunk := stream.read(BLOCK):
        block = rest + chunk
        starts, ends, closed = _objects(block)
        if len(ends):
            yield _texts(block, starts[: len(ends)], ends)
            row += len(ends)
        if closed:
            return
        rest = block[int(starts[len(ends)]) :] if len(starts) > len(ends) else b""
        if len(rest) > _MAX_RECORD:
            raise LandingError("line_too_long", file=file, limit=_MAX_RECORD >> 20)
    raise LandingError("cut_short", file=file, row=row)


def _objects(block: bytes) -> tuple[np.ndarray, np.ndarray, bool]:
    """Where the objects of a list begin and end in a block that starts between two of them, and whether the list was
    closed. The last object may have no end."""
    data = np.frombuffer(block, dtype=np.uint8)
    at = np.flatnonzero(np.frombuffer(block.translate(_STRUCTURAL), dtype=bool))
    kind = data[at]
    if (kind == ord("\\")).any():
        slashes = at[kind == ord("\\")]
        run_ends = np.flatnonzero(np.append(np.diff(slashes) != 1, True))
        run_lengths = np.diff(np.append(-1, run_ends))
        escaped = slashes[run_ends[run_lengths % 2 == 1]] + 1
        keep = (kind != ord("\\")) & ~np.isin(at, escaped)
        at, kind = at[keep], kind[keep]
    outside = np.cumsum(kind == ord('"')) % 2 == 0
    brackets = outside & (kind != ord('"'))
    at, kind = at[brackets], kind[brackets]
    opening = (kind == ord("{")) | (kind == ord("["))
    depth = np.cumsum(np.where(opening, 1, -1))
    closed = np.flatnonzero(depth < 0)
    if len(closed):
        at, kind, depth = at[: closed[0]], kind[: closed[0]], depth[: closed[0]]
    starts = at[(kind == ord("{")) & (depth == 1)]
    ends = at[(kind == ord("}")) & (depth == 0)] + 1
    return starts, ends, bool(len(closed))


def _texts(block: bytes, starts: np.ndarray, ends: np.ndarray) -> pa.Array:
    """The spans of a block as an Arrow array of strings."""
    # objects and the gaps between them as one array, of which every second value is kept
    offsets = np.empty(2 * len(ends), dtype=np.int32)
    offsets[0::2], offsets[1::2] = starts, ends
    spans = pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets.tobytes()), pa.py_buffer(block))
    return spans.take(pa.array(np.arange(0, len(offsets) - 1, 2)))
