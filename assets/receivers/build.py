"""The database of each receiver: the columns, masks and communities it declared, under its own pseudonyms.

Made inside the release from the restricted tables, so that the one switch covers it. Rows are sorted by what the
receiver sees: the register's own order would let two receivers lay their copies side by side.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from assets.erase.pass_on import passed_on
from assets.merge import Merge
from assets.receivers.pseudonyms import pseudonym
from assets.receivers.standing import receivers_fingerprint, standings
from assets.release.candidate import Candidate
from assets.release.database import OPEN_STORAGE
from expectations.contracts.tables import TABLES
from expectations.receivers import Receiver, Shown
from resources.duck import identifier, quote
from resources.files import fsync_path
from resources.keys import forget_hmac_key, receiver_key, use_hmac_key
from resources.models import Sql, run_model
from resources.settings import Settings

SQL = Path(__file__).parent / "sql"
OF_AGE = 14
"""Residents under this age are given on a separate basis only, and their passes never (PIPL art. 28, 31)."""


def receiver_file(folder: Path, receiver: str) -> Path:
    """Where a receiver's database lies in a release."""
    return folder / f"{receiver}.duckdb"


def build_receivers(con: duckdb.DuckDBPyConnection, merge: Merge, candidate: Candidate) -> dict[str, Any]:
    """Make the database of every receiver that is served; needs the candidate's databases attached.

    Returns what the manifest tells: ``receivers`` (name → purpose, legal basis, contact, expiry, rows per table,
    fingerprint of the key), ``unserved`` (name → why), and the fingerprint of both.
    """
    found = standings(merge.settings)
    return {
        "receivers": {
            s.name: _build(con, merge, candidate, s.receiver) | {"key": s.key}
            for s in found
            if s.served and s.receiver is not None
        },
        "unserved": {s.name: s.problem for s in found if not s.served},
        "receivers_fingerprint": receivers_fingerprint(merge.settings, found),
    }


def _build(con: duckdb.DuckDBPyConnection, merge: Merge, candidate: Candidate, receiver: Receiver) -> dict[str, Any]:
    path = receiver_file(candidate.folder, receiver.receiver)
    use_hmac_key(con, receiver_key(receiver.receiver))
    con.execute(f"ATTACH {quote(path)} AS receiver (STORAGE_VERSION '{OPEN_STORAGE}')")
    path.chmod(0o600)
    try:
        _open_scope(con, merge, receiver)
        rows = {table: _give(con, receiver, table) for table in receiver.tables}
        _about(con, candidate, receiver)
        _erasures(con, merge.settings, receiver)
        con.execute("CHECKPOINT receiver")
    finally:
        con.execute("DETACH DATABASE IF EXISTS receiver")
        forget_hmac_key(con)
    fsync_path(path)
    said = receiver.model_dump(mode="json", include={"purpose", "legal_basis", "legal_reference", "contact"})
    return {**said, "expires_on": receiver.expires_on.isoformat(), "tables": rows}


def _open_scope(con: duckdb.DuckDBPyConnection, merge: Merge, receiver: Receiver) -> None:
    """The temporary views ``given_<table>``: the rows that this receiver may see, under the register's own ids."""
    con.execute("CREATE OR REPLACE TEMP TABLE scope_communities AS SELECT community_id FROM restricted.communities")
    if receiver.communities != "all":
        listed = list(receiver.communities)
        con.execute("DELETE FROM scope_communities WHERE NOT list_contains($listed, community_id)", {"listed": listed})
    run_model(
        con,
        SQL / "scope.sql",
        as_of=merge.as_of,
        first_day=merge.as_of - timedelta(days=receiver.event_days - 1),
        age=OF_AGE,
        children=Sql("true" if receiver.sensitive_basis.children else "false"),
    )


def _value(shown: Shown) -> str:
    return pseudonym(shown.column.name, f'"{shown.column.name}"') if shown.pseudonymous else shown.value


def _give(con: duckdb.DuckDBPyConnection, receiver: Receiver, table: str) -> int:
    """One table of the receiver's database, with the contract's words; returns its rows."""
    columns = receiver.shown(table)
    name = f"receiver.{identifier(table)}"
    declared = ", ".join(f"{identifier(c.name)} {c.type}{'' if c.column.nullable else ' NOT NULL'}" for c in columns)
    values = ", ".join(f"CAST({_value(c)} AS {c.type}) AS {identifier(c.name)}" for c in columns)
    con.execute(f"CREATE TABLE {name} ({declared})")
    con.execute(f"INSERT INTO {name} SELECT {values} FROM given_{table} ORDER BY ALL")
    con.begin()
    con.execute(f"COMMENT ON TABLE {name} IS {quote(f'{TABLES[table].meaning} · {TABLES[table].meaning_zh}')}")
    for c in columns:
        said = f"{c.column.meaning} · {c.column.meaning_zh}"
        con.execute(f"COMMENT ON COLUMN {name}.{identifier(c.name)} IS {quote(said)}")
    con.commit()
    row = con.execute(f"SELECT count(*) FROM {name}").fetchone()
    return int(row[0]) if row else 0


def _erasures(con: duckdb.DuckDBPyConnection, settings: Settings, receiver: Receiver) -> None:
    """``erasures``: the ids of people, and of vehicles only they held, that the receiver must delete wherever it has
    copied them to."""
    con.execute("CREATE TABLE receiver.erasures (pseudonym VARCHAR NOT NULL, erased_on DATE NOT NULL)")
    gone = passed_on(settings, receiver.receiver)
    if gone:
        con.executemany("INSERT INTO receiver.erasures VALUES (?, ?)", sorted(gone))


def _about(con: duckdb.DuckDBPyConnection, candidate: Candidate, receiver: Receiver) -> None:
    """``about``: for what and until when this copy was given."""
    said = receiver.model_dump(mode="json", include={"receiver", "name", "purpose", "legal_basis", "legal_reference"})
    columns = ", ".join(f"${key} AS {identifier(key)}" for key in said)
    con.execute(
        f"CREATE TABLE receiver.about AS SELECT $release_id AS release_id, {columns}, $expires_on::DATE AS expires_on",
        {"release_id": candidate.release_id, "expires_on": receiver.expires_on, **said},
    )
