"""What an erasure needs to know until it is done, so that one that was interrupted can be finished.

One encrypted DuckDB file, ``erasures/.open.duckdb``, written whole before anything is erased and removed with the last
step. It is the only place that still knows the person meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from resources.files import fsync_path
from resources.keys import attach_encrypted, restricted_key
from resources.settings import Settings


def journal_path(settings: Settings) -> Path:
    """Where the open erasure is kept."""
    return settings.erasures / ".open.duckdb"


@dataclass(frozen=True)
class Subject:
    """Whom an erasure is about: ids (current ones first), identifiers as in :mod:`assets.erase.identifiers`, the rows
    of deliveries known to be theirs, and the reviewed pairs."""

    resident_id: str
    ids: tuple[tuple[str, str], ...]
    said: tuple[str, ...]
    rows: tuple[tuple[str, str, str, int], ...]
    pairs: tuple[str, ...]

    @property
    def residents(self) -> list[str]:
        """Every id that the person ever bore."""
        return [i for kind, i in self.ids if kind == "resident"]


_TABLES = """
CREATE TABLE journal.about AS SELECT $erasure AS erasure, $resident AS resident_id, $at AS begun_at;
CREATE TABLE journal.ids (entity_type VARCHAR, entity_id VARCHAR);
CREATE TABLE journal.said (said VARCHAR);
CREATE TABLE journal.rows (company VARCHAR, delivery_id VARCHAR, file VARCHAR, row_number BIGINT);
CREATE TABLE journal.pairs (pair_id VARCHAR);
CREATE TABLE journal.done (place VARCHAR, path VARCHAR, rows BIGINT, before VARCHAR, after VARCHAR);
"""


def write_journal(con: duckdb.DuckDBPyConnection, settings: Settings, subject: Subject) -> None:
    """Open an erasure: from here on it is finished, by this process or the next one that erases."""
    path = journal_path(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(".open.new.duckdb")
    for left in path.parent.glob(f"{aside.name}*"):  # of a process that was killed at this point, its log too
        left.unlink()
    now = datetime.now(UTC)
    attach_encrypted(con, aside, "journal", restricted_key(settings), read_only=False)
    try:
        create, *empty = [s for s in _TABLES.split(";") if s.strip()]
        about = {
            "erasure": f"x_{now:%Y%m%dT%H%M%SZ}",
            "resident": subject.resident_id,
            "at": now.isoformat(timespec="seconds"),
        }
        con.execute(create, about)
        for statement in empty:
            con.execute(statement)
        for table, rows in (
            ("ids", subject.ids),
            ("said", [(s,) for s in subject.said]),
            ("rows", subject.rows),
            ("pairs", [(p,) for p in subject.pairs]),
        ):
            if rows:
                con.executemany(f"INSERT INTO journal.{table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        con.execute("CHECKPOINT journal")
    finally:
        con.execute("DETACH DATABASE IF EXISTS journal")
    aside.chmod(0o600)
    fsync_path(aside)
    os.replace(aside, path)
    fsync_path(path.parent)


@dataclass(frozen=True)
class Journal:
    """The open erasure, attached as ``journal``."""

    con: duckdb.DuckDBPyConnection
    erasure: str
    at: datetime
    subject: Subject

    def done(self, place: str, path: str, rows: int, before: str | None, after: str | None) -> None:
        """Remember for the proof what was done to a file."""
        self.con.execute("INSERT INTO journal.done VALUES (?, ?, ?, ?, ?)", [place, path, rows, before, after])

    def work(self) -> list[tuple[str, str, int, str | None, str | None]]:
        """All that was done, by whichever process."""
        return self.con.execute("SELECT DISTINCT * FROM journal.done ORDER BY ALL").fetchall()


@contextmanager
def open_journal(con: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Journal]:
    """Attach the open erasure."""
    attach_encrypted(con, journal_path(settings), "journal", restricted_key(settings), read_only=False)
    try:

        def rows(table: str) -> list[tuple[object, ...]]:
            return con.execute(f"SELECT * FROM journal.{table} ORDER BY ALL").fetchall()

        ((erasure, resident, at),) = con.execute("SELECT erasure, resident_id, begun_at FROM journal.about").fetchall()
        subject = Subject(
            resident,
            tuple(rows("ids")),  # type: ignore[arg-type]
            tuple(str(s) for (s,) in rows("said")),
            tuple(rows("rows")),  # type: ignore[arg-type]
            tuple(str(p) for (p,) in rows("pairs")),
        )
        yield Journal(con, erasure, datetime.fromisoformat(at), subject)
    finally:
        con.execute("DETACH DATABASE IF EXISTS journal")
