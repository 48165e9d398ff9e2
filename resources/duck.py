"""The DuckDB engine: one way to open a connection, with limits set and nothing fetched from outside."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from resources.settings import Settings

PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 1000"
"""How layers write for one another. Measured on 3 M ledger keys: a third of the time of the defaults, on landed and
judged passes two thirds, and no larger: hashes, ids and names never fit a dictionary."""

ROW_GROUP = 122_880
"""Rows that a thread of DuckDB takes at a time."""

_SPILL = ".spill_"


@contextmanager
def connect(settings: Settings, database: str | Path = ":memory:") -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with memory and thread limits, spilling under the data root, in UTC.

    Extensions are never installed on the fly: a missing one fails at once. The spill folder goes with the
    connection.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with spill_folder(settings.data) as spill:
        con = duckdb.connect(str(database))
        try:
            con.execute("SET temp_directory = ?", [str(spill)])
            limit(con, settings)
            yield con
        finally:
            con.close()


def limit(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Give a connection the limits and the manners that every connection here has."""
    con.execute("SET autoinstall_known_extensions = false")
    con.execute("SET memory_limit = ?", [settings.memory_limit])
    con.execute("SET threads = ?", [settings.threads])
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET preserve_insertion_order = false")
    con.execute("SET enable_progress_bar = false")


@contextmanager
def spill_folder(data: Path) -> Iterator[Path]:
    """A folder to spill to, locked while it is in use. Those of killed processes, whose locks the system dropped, are
    removed: a merge that was short of memory may have left many gigabytes."""
    with _locked(data):  # else another process could take a folder for abandoned before it is locked
        for other in data.glob(f"{_SPILL}*"):
            _remove_unused(other)
        spill = Path(tempfile.mkdtemp(prefix=_SPILL, dir=data))
        lock = os.open(spill, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield spill
    finally:
        shutil.rmtree(spill, ignore_errors=True)
        os.close(lock)


def _remove_unused(spill: Path) -> None:
    # its owner may be ending and removing it right now, or still be at work
    with suppress(FileNotFoundError, BlockingIOError), _locked(spill, fcntl.LOCK_NB):
        shutil.rmtree(spill)


@contextmanager
def _locked(folder: Path, how: int = 0) -> Iterator[None]:
    fd = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(fd)


def quote(text: str | Path) -> str:
    """A SQL string literal, for the places where DuckDB takes no parameter (file names in COPY)."""
    return "'" + str(text).replace("'", "''") + "'"


def one_value(text: str) -> str:
    """A text that all rows of a Parquet file share, as SQL: written as an enumeration, and so without looking at it in
    every row (a tenth of the time of writing an event), but read again as any text."""
    return f"CAST({quote(text)} AS {enumeration([text])})"


def enumeration(texts: Iterable[str]) -> str:
    """A SQL type of these texts (one or more), held as a number and compared as texts are."""
    return f"ENUM({', '.join(map(quote, sorted(texts)))})"  # code points are sorted as DuckDB sorts UTF-8


def identifier(name: str) -> str:
    """A SQL identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'
