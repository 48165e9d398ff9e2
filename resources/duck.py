"""The DuckDB engine: one way to open a connection, with limits set and nothing fetched from outside."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from resources.settings import Settings


@contextmanager
def connect(settings: Settings, database: str | Path = ":memory:") -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with memory and thread limits, spilling under the data root, in UTC.

    Extensions are never installed on the fly: a missing one fails at once. The spill folder goes with the
    connection.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".spill_", dir=settings.data) as spill:
        con = duckdb.connect(str(database))
        try:
            con.execute("SET temp_directory = ?", [spill])
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


def quote(text: str | Path) -> str:
    """A SQL string literal, for the places where DuckDB takes no parameter (file names in COPY)."""
    return "'" + str(text).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A SQL identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'
