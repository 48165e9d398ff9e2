"""The two DuckDB files of a release: how they are attached, declared, filled, described and closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from assets.register.ledger import RETIRED
from assets.release.candidate import Candidate
from expectations.contracts.masks import open_type, open_value
from expectations.contracts.model import Column, Table
from expectations.contracts.tables import TABLES
from expectations.dictionary import columns_of
from expectations.relations import databases_of
from resources.duck import PARQUET, identifier, quote
from resources.files import fsync_path, link_or_copy
from resources.keys import add_parquet_key, attach_encrypted, restricted_key
from resources.settings import Settings

OPEN_STORAGE = "v1.2.0"
"""DuckDB 1.2 and everything later reads it; files of 2.0's default storage can't be opened by any 1.x."""


@contextmanager
def attached(
    con: duckdb.DuckDBPyConnection, settings: Settings, candidate: Candidate, *, read_only: bool = False
) -> Iterator[None]:
    """Attach a candidate's databases as ``curated`` and ``restricted``, and detach them whatever happens.

    After writing they are checkpointed and synced: a leftover write-ahead log would make every reader's open fail.
    """
    key = restricted_key(settings, create=not read_only)
    mode = "READ_ONLY" if read_only else f"STORAGE_VERSION '{OPEN_STORAGE}'"
    try:
        con.execute(f"ATTACH {quote(candidate.curated)} AS curated ({mode})")
        attach_encrypted(con, candidate.restricted, "restricted", key, read_only=read_only)
        add_parquet_key(con, key)
        yield
        if not read_only:
            con.execute("CHECKPOINT curated")
            con.execute("CHECKPOINT restricted")
    finally:
        for alias in ("curated", "restricted"):
            con.execute(f"DETACH DATABASE IF EXISTS {alias}")
    if not read_only:
        candidate.restricted.chmod(0o600)
        for path in (candidate.curated, candidate.restricted):
            _closed(path)


def _closed(path: Path) -> None:
    log = path.with_name(path.name + ".wal")
    if log.exists():
        raise RuntimeError(f"{path.name}: its write-ahead log is still there after CHECKPOINT; not fit for readers")
    fsync_path(path)


def declared(table: Table, database: str) -> list[tuple[str, str, bool]]:
    """``(name, type, nullable)`` of a table's columns in ``curated`` or ``restricted``."""
    if database == "restricted":
        return [(c.name, c.type, c.nullable) for c in table.columns]
    return [(c.published_name, open_type(c), c.nullable) for c in table.open_columns]


def create_table(con: duckdb.DuckDBPyConnection, table: Table, database: str) -> None:
    """An empty table as the contract declares it. Keys are audited, not declared: their index would cost a reader
    memory in proportion to the city."""
    columns = ", ".join(
        f"{identifier(name)} {kind}{'' if nullable else ' NOT NULL'}"
        for name, kind, nullable in declared(table, database)
    )
    con.execute(f"CREATE TABLE {database}.{identifier(table.name)} ({columns})")


def store(con: duckdb.DuckDBPyConnection, table: Table, relation: str, *, in_order: bool = False) -> None:
    """Create a table in its databases and fill it from a relation with the contract's full columns.

    ``in_order``: the relation's rows come in the contract's order, as the register writes them, and keep it; others are
    sorted. The open copy keeps the order because it is read from the first. The audit asks both for it.
    """
    first, *copies = databases_of(table)
    order = "" if in_order else f" ORDER BY {', '.join(map(identifier, table.order_by))}"
    with insertion_order(con):
        create_table(con, table, first)
        con.execute(f"INSERT INTO {_name(table, first)} SELECT {_full(table.columns)} FROM {relation}{order}")
        for database in copies:
            create_table(con, table, database)
            con.execute(
                f"INSERT INTO {_name(table, database)} SELECT {_open(table.open_columns)} FROM {_name(table, first)}"
            )
    for database in (first, *copies):
        describe(con, table, database)


@contextmanager
def insertion_order(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Rows keep the order in which they are read (connections here do without it otherwise: it costs memory)."""
    con.execute("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        con.execute("SET preserve_insertion_order = false")


def describe(con: duckdb.DuckDBPyConnection, table: Table, database: str, kind: str = "TABLE") -> None:
    """Write the contract's words into the database, so that any client shows them."""
    name = _name(table, database)
    con.begin()  # one sync of the log for a table, not one for a comment
    con.execute(f"COMMENT ON {kind} {name} IS {quote(f'{table.meaning} · {table.meaning_zh}')}")
    for entry in columns_of(table, is_open=database == "curated"):
        con.execute(f"COMMENT ON COLUMN {name}.{identifier(entry.column)} IS {quote(entry.comment)}")
    con.commit()


def define_current_id(con: duckdb.DuckDBPyConnection, database: str) -> None:
    """The macro ``current_id(id)`` in a database, over its own tables.

    It answers whoever opens the file, or attaches it and makes it the default (``USE``): a macro looks its tables up
    where it is called. Elsewhere, join ``former_ids``.
    """
    standing = "".join(
        f", (SELECT {t.key[0]} FROM {t.name} WHERE {t.key[0]} = id)"
        for t in (TABLES["residents"], TABLES["houses"], TABLES["vehicles"])
    )
    (default,) = con.execute("SELECT current_database()").fetchall()[0]
    con.execute(f"USE {database}")
    try:
        con.execute(
            f"CREATE MACRO current_id(id) AS coalesce((SELECT coalesce(f.current_id, '{RETIRED}') "
            f"FROM former_ids f WHERE f.old_id = id){standing})"
        )
    finally:
        con.execute(f"USE {identifier(default)}")


def copy_to_parquet(
    con: duckdb.DuckDBPyConnection, table: Table, candidate: Candidate, full: Path | None = None
) -> None:
    """The open table as Parquet, for readers without DuckDB, in the same order.

    ``full``: the register's file of the table with its full columns, in its order. Where all of them are open as they
    are, it is the copy already and only linked.
    """
    target = candidate.folder / "parquet" / f"{table.name}.parquet"
    if full and all(c.in_open and not c.mask and c.published_name == c.name for c in table.columns):
        link_or_copy(full, target)
    else:
        with insertion_order(con):
            con.execute(f"COPY {_name(table, 'curated')} TO {quote(target)} ({PARQUET})")
    fsync_path(target)


def _name(table: Table, database: str) -> str:
    return f"{database}.{identifier(table.name)}"


def _full(columns: tuple[Column, ...]) -> str:
    return ", ".join(identifier(c.name) for c in columns)


def _open(columns: tuple[Column, ...]) -> str:
    return ", ".join(f"{open_value(c)} AS {identifier(c.published_name)}" for c in columns)
