"""Auditing the receivers' databases of a candidate: nothing undeclared, nobody else's community, no child's pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from assets.receivers.build import OF_AGE, receiver_file
from assets.receivers.pseudonyms import pseudonym
from assets.release.candidate import Candidate
from expectations.checks import CheckResult
from expectations.privacy import is_forbidden
from expectations.receivers import Receiver, load_receiver
from resources.duck import identifier, quote
from resources.keys import forget_hmac_key, receiver_key, use_hmac_key
from resources.settings import Settings

OWN_TABLES = {
    "about": ("release_id", "receiver", "name", "purpose", "legal_basis", "legal_reference", "expires_on"),
    "erasures": ("pseudonym", "erased_on"),
}
"""Tables of a receiver's database that are about the publication itself."""


def audit_receivers(
    con: duckdb.DuckDBPyConnection, settings: Settings, candidate: Candidate, contents: dict[str, Any]
) -> Iterator[CheckResult]:
    """Every check of every receiver's database, and a warning for each receiver that gets none; needs the candidate's
    databases attached. ``contents``: what :func:`build_receivers` told of those served, and why the others are not."""
    for name, problem in {**dict.fromkeys(contents["receivers"]), **contents["unserved"]}.items():
        yield CheckResult(
            "served",
            f"receiver {name}",
            problem is None,
            problem or "served",
            "purpose, legal basis, contact, expiry, known communities and a key of its own",
            "warning",
        )
    for name in contents["receivers"]:
        yield from _audit(con, candidate, load_receiver(settings.receivers / f"{name}.yaml"))


def _audit(con: duckdb.DuckDBPyConnection, candidate: Candidate, receiver: Receiver) -> Iterator[CheckResult]:
    about = f"receiver {receiver.receiver}"
    con.execute(f"ATTACH {quote(receiver_file(candidate.folder, receiver.receiver))} AS receiver (READ_ONLY)")
    try:
        yield _columns(con, receiver, about)
        wrong = _outside(con, receiver)
        yield CheckResult(
            "only_declared_communities", about, not wrong, ", ".join(wrong) or "none", "no row of another community"
        )
        if "events_identified" in receiver.tables:
            passes = _children(con, receiver)
            yield CheckResult(
                "no_children", about, passes == 0, f"{passes} passes", "no pass of anyone not known to be 14 or older"
            )
    finally:
        con.execute("DETACH DATABASE IF EXISTS receiver")


def _columns(con: duckdb.DuckDBPyConnection, receiver: Receiver, about: str) -> CheckResult:
    held = {
        (t, c)
        for t, c in con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'receiver' AND NOT internal"
        ).fetchall()
    }
    declared = {(table, c.name) for table in receiver.tables for c in receiver.shown(table)}
    own = {(t, c) for t, columns in OWN_TABLES.items() for c in columns}
    wrong = sorted(f"{t}.{c}" for t, c in (held ^ (declared | own)) | {(t, c) for t, c in held if is_forbidden(c)})
    return CheckResult(
        "only_declared_columns", about, not wrong, ", ".join(wrong) or "none", "the columns declared, and no other"
    )


def _outside(con: duckdb.DuckDBPyConnection, receiver: Receiver) -> list[str]:
    """Tables with a row of a community that was not declared."""
    if receiver.communities == "all":
        return []
    wrong = []
    for table in receiver.tables:
        if any(c.name == "community_id" for c in receiver.shown(table)):
            row = con.execute(
                f"SELECT count(*) FROM receiver.{identifier(table)} WHERE NOT list_contains($listed, community_id)",
                {"listed": list(receiver.communities)},
            ).fetchone()
            wrong += [f"{table}: {row[0]} rows"] if row and row[0] else []
    return wrong


def _children(con: duckdb.DuckDBPyConnection, receiver: Receiver) -> int:
    """Passes in the copy whose person is not known to be of age on that day. The copy knows people by pseudonym, so
    they are worked out again from the register."""
    names = {c.name for c in receiver.shown("events_identified")}
    if not names >= {"event_id", "entity_id"}:
        return 0  # a row without its pass or its person says where nobody was
    use_hmac_key(con, receiver_key(receiver.receiver))
    try:
        row = con.execute(
            f"""SELECT count(*) FROM receiver.events_identified given
            JOIN (
                SELECT {pseudonym("event_id", "event_id")} AS pass, {pseudonym("entity_id", "entity_id")} AS person
                FROM restricted.events_identified i
                JOIN restricted.residents r ON r.resident_id = i.entity_id
                WHERE i.entity_type = 'resident'
                    AND NOT coalesce(r.birth_date + to_years({OF_AGE}) <= i.event_date, false)
            ) minor ON minor.pass = given.event_id AND minor.person = given.entity_id"""
        ).fetchone()
    finally:
        forget_hmac_key(con)
    return int(row[0]) if row else 0
