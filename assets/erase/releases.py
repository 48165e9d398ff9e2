"""Taking a person out of a kept release: a new folder beside it, exchanged with it in one system call.

A reader that has the old files open goes on; one that arrives sees the release without the person, and a manifest with
the new checksums. Names, times and everything about others stay. Databases are written anew, since rows deleted from a
DuckDB file stay readable in its free blocks.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import duckdb

from assets.erase.pseudonyms import open_pseudonyms
from assets.release.candidate import MANIFEST, read_manifest
from assets.release.database import OPEN_STORAGE, databases_of
from assets.release.days import encrypt_day, read_days
from assets.release.fingerprint import content_fingerprint, row_count_and_checksum
from assets.release.manifest import describe_file
from expectations.contracts.model import Table
from expectations.contracts.tables import TABLES
from resources.duck import PARQUET, identifier, quote
from resources.files import fsync_path, link_or_copy, write_text
from resources.keys import (
    KeyProblem,
    add_parquet_key,
    attach_encrypted,
    restricted_key,
)
from resources.settings import Settings

_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD


_OTHERS = "entity_id NOT IN (SELECT entity_id FROM erase_ids)"


def _day(path: Path) -> str:
    return read_days([path], TABLES["events_identified"])


class CannotExchange(RuntimeError):
    """Releases cannot be replaced in one step here; the message says where."""


def try_exchange(folder: Path) -> None:
    """Raises :class:`CannotExchange` where two folders below ``folder`` cannot change names in one step: asked before
    anything is erased, since an erasure that stops at the releases leaves the person in them."""
    probe = folder / ".exchange"
    shutil.rmtree(probe, ignore_errors=True)  # of a process that was killed here
    one, other = probe / "one", probe / "other"
    for each in (one, other):
        each.mkdir(parents=True)
    try:
        exchange(one, other)
    finally:
        shutil.rmtree(probe)


def exchange(one: Path, other: Path) -> None:
    """Let two folders change names in one step, so that neither name is ever without a folder (Linux)."""
    sys.audit("os.rename", one, other, -1, -1)  # as Python announces its own
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        raise CannotExchange(f"this system cannot exchange two folders in one step, as in {one.parent}")
    if libc.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) != 0:
        why = os.strerror(ctypes.get_errno())
        raise CannotExchange(f"{why}: the file system of {one.parent} cannot exchange two folders in one step")
    fsync_path(one.parent)


def _erased(table: Table, columns: set[str]) -> str | None:
    """SQL for the rows of a table that are about an erased person; None where the table is about nobody.

    Reads ``erase_ids`` (entity_id) and ``erase_places`` (delivery_id, file, row_number).
    """
    ids = "(SELECT entity_id FROM erase_ids)"
    if table.name in ("id_ledger", "former_ids"):
        return None  # an id that nobody bears any more, and nothing about whose it was
    found = [
        f"coalesce({identifier(c)} IN {ids}, false)"
        for c in ("resident_id", "vehicle_id", "entity_id", "other_id")
        if c in columns
    ]
    for side in ("", "left_", "right_"):
        place = [f"{side}{c}" for c in ("delivery_id", "file", "row_number")]
        if set(place) <= columns:
            packed = ", ".join(f"{n} := {p}" for n, p in zip("dfr", place, strict=True))
            places = "(SELECT struct_pack(d := delivery_id, f := file, r := row_number) FROM erase_places)"
            found.append(f"struct_pack({packed}) IN {places}")
    if "raw" in columns:
        found.append("EXISTS (SELECT 1 FROM erase_values v WHERE v.alone AND contains(raw, v.value))")
    return " OR ".join(found) or None


def clean_release(con: duckdb.DuckDBPyConnection, settings: Settings, folder: Path) -> int:
    """Take the people of ``erase_ids`` out of a release; the rows that went. 0: it held nothing of them and is as it
    was."""
    key = restricted_key(settings)
    add_parquet_key(con, key)
    aside = folder.with_name(f".{folder.name}.erasing")
    shutil.rmtree(aside, ignore_errors=True)
    manifest = read_manifest(folder)
    attach_encrypted(con, folder / "restricted.duckdb", "old_restricted", key)
    con.execute(f"ATTACH {quote(folder / 'curated.duckdb')} AS old_curated (READ_ONLY)")
    try:
        days = _affected_days(con, folder, manifest)
        hits = {db: _hits(con, f"old_{db}") for db in ("curated", "restricted")}
        receivers = {r: _receiver_hits(con, folder, r) for r in manifest.get("receivers", {})}
        given = sum(1 if found is None else sum(found.values()) for found in receivers.values())
        total = sum(hits["restricted"].values()) + sum(days.values()) + given
        if not total:
            return 0
        _link_all(folder, aside)
        for database in ("curated", "restricted"):
            _rewrite_database(con, aside, database, key, hits[database])
        for day in days:
            (aside / day).unlink()
            kept = f"(FROM {_day(folder / day)} WHERE {_OTHERS})"
            encrypt_day(con, TABLES["events_identified"], kept, aside / day)
        for receiver, found in receivers.items():
            if found is None:
                (aside / f"{receiver}.duckdb").unlink()
            elif found:
                _rewrite_receiver(con, aside, receiver, found)
        _rewrite_parquet(con, aside, hits["curated"])
        _tell_tables(con, aside, manifest, key, {*hits["curated"], *hits["restricted"]})
        _tell_days(con, aside, manifest, days)
        _tell_receivers(manifest, receivers)
        _write_manifest(folder, aside, manifest)
    finally:
        for alias in ("old_restricted", "old_curated"):
            con.execute(f"DETACH DATABASE IF EXISTS {alias}")
    for entry in aside.rglob("*"):
        fsync_path(entry)
    fsync_path(aside)
    exchange(aside, folder)
    shutil.rmtree(aside)
    return total


def _tables(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, set[str]]:
    """The columns of every stored table of an attached database; views (of the days) have files of their own."""
    rows = con.execute(
        """SELECT c.table_name, c.column_name FROM duckdb_columns() c
        JOIN duckdb_tables() t ON t.database_name = c.database_name AND t.table_name = c.table_name
        WHERE c.database_name = ?""",
        [database],
    ).fetchall()
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return found


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0


def _hits(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, int]:
    found = {}
    for name, columns in _tables(con, database).items():
        where = _erased(TABLES[name], columns) if name in TABLES else None
        rows = _number(con, f"SELECT count(*) FROM {database}.{identifier(name)} WHERE {where}") if where else 0
        if rows:
            found[name] = rows
    return found


def _affected_days(con: duckdb.DuckDBPyConnection, folder: Path, manifest: dict[str, Any]) -> dict[str, int]:
    """The files of identified passes that hold some of theirs, and how many."""
    found = {}
    for day in manifest["days"]["events_identified"].values():
        source = _day(folder / day["file"])
        rows = _number(con, f"SELECT count(*) FROM {source} WHERE entity_id IN (SELECT entity_id FROM erase_ids)")
        if rows:
            found[day["file"]] = rows
    return found


def _link_all(folder: Path, aside: Path) -> None:
    for entry in sorted(folder.rglob("*")):
        target = aside / entry.relative_to(folder)
        if entry.is_dir():
            target.mkdir(parents=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(entry, target)


def _copy_database(con: duckdb.DuckDBPyConnection, old: str, new: str, wheres: dict[str, str]) -> None:
    """Everything of an attached database but the rows that ``wheres`` names by table."""
    con.execute(f"COPY FROM DATABASE {old} TO {new} (SCHEMA)")
    con.execute("SET preserve_insertion_order = true")
    for name in _tables(con, old):
        where = f" WHERE NOT coalesce({wheres[name]}, false)" if name in wheres else ""
        con.execute(f"INSERT INTO {new}.{identifier(name)} SELECT * FROM {old}.{identifier(name)}{where}")
    con.execute("SET preserve_insertion_order = false")
    con.execute(f"CHECKPOINT {new}")


def _rewrite_database(
    con: duckdb.DuckDBPyConnection, aside: Path, database: str, key: str, hits: dict[str, int]
) -> None:
    path = aside / f"{database}.duckdb"
    path.unlink()
    if database == "restricted":
        attach_encrypted(con, path, "new_database", key, read_only=False)
    else:
        con.execute(f"ATTACH {quote(path)} AS new_database (STORAGE_VERSION '{OPEN_STORAGE}')")
    try:
        columns = _tables(con, f"old_{database}")
        wheres = {name: _erased(TABLES[name], columns[name]) or "false" for name in hits}
        _copy_database(con, f"old_{database}", "new_database", wheres)
    finally:
        con.execute("DETACH DATABASE IF EXISTS new_database")
    if database == "restricted":
        path.chmod(0o600)


def _receiver_where(columns: set[str]) -> str | None:
    keys = [c for c in ("resident_id", "vehicle_id", "entity_id") if c in columns]
    found = [f"coalesce({identifier(c)} IN (SELECT pseudonym FROM erase_pseudonyms), false)" for c in keys]
    return " OR ".join(found) or None


def _receiver_hits(con: duckdb.DuckDBPyConnection, folder: Path, receiver: str) -> dict[str, int] | None:
    """Rows of a receiver's database that are about them; None when its key is gone, so that nobody can tell: then its
    whole database goes from this release."""
    try:
        open_pseudonyms(con, receiver)
    except KeyProblem:
        return None
    con.execute(f"ATTACH {quote(folder / f'{receiver}.duckdb')} AS old_receiver (READ_ONLY)")
    try:
        found = {}
        for name, columns in _tables(con, "old_receiver").items():
            where = _receiver_where(columns) if name != "erasures" else None
            rows = _number(con, f"SELECT count(*) FROM old_receiver.{identifier(name)} WHERE {where}") if where else 0
            if rows:
                found[name] = rows
        return found
    finally:
        con.execute("DETACH DATABASE IF EXISTS old_receiver")


def _rewrite_receiver(con: duckdb.DuckDBPyConnection, aside: Path, receiver: str, hits: dict[str, int]) -> None:
    path = aside / f"{receiver}.duckdb"
    old = path.with_name(f".{path.name}")
    os.rename(path, old)
    open_pseudonyms(con, receiver)
    con.execute(f"ATTACH {quote(old)} AS old_receiver (READ_ONLY)")
    con.execute(f"ATTACH {quote(path)} AS new_database (STORAGE_VERSION '{OPEN_STORAGE}')")
    try:
        columns = _tables(con, "old_receiver")
        _copy_database(con, "old_receiver", "new_database", {n: _receiver_where(columns[n]) or "false" for n in hits})
    finally:
        con.execute("DETACH DATABASE IF EXISTS new_database")
        con.execute("DETACH DATABASE IF EXISTS old_receiver")
    path.chmod(0o600)
    old.unlink()


def _rewrite_parquet(con: duckdb.DuckDBPyConnection, aside: Path, hits: dict[str, int]) -> None:
    """The open tables' copies."""
    con.execute(f"ATTACH {quote(aside / 'curated.duckdb')} AS new_database (READ_ONLY)")
    con.execute("SET preserve_insertion_order = true")
    try:
        for name in hits:
            path = aside / "parquet" / f"{name}.parquet"
            path.unlink()
            con.execute(f"COPY new_database.{identifier(name)} TO {quote(path)} ({PARQUET})")
    finally:
        con.execute("SET preserve_insertion_order = false")
        con.execute("DETACH DATABASE IF EXISTS new_database")


def _tell_tables(
    con: duckdb.DuckDBPyConnection, aside: Path, manifest: dict[str, Any], key: str, changed: set[str]
) -> None:
    """Rows and checksum of every table that changed, as they are now."""
    attach_encrypted(con, aside / "restricted.duckdb", "new_restricted", key)
    con.execute(f"ATTACH {quote(aside / 'curated.duckdb')} AS new_curated (READ_ONLY)")
    try:
        for name in changed:
            relation = f"new_{databases_of(TABLES[name])[0]}.{identifier(name)}"
            rows, checksum = row_count_and_checksum(con, TABLES[name], relation)
            manifest["tables"][name] |= {"rows": rows, "checksum": checksum}
    finally:
        for alias in ("new_restricted", "new_curated"):
            con.execute(f"DETACH DATABASE IF EXISTS {alias}")


def _tell_days(con: duckdb.DuckDBPyConnection, aside: Path, manifest: dict[str, Any], changed: dict[str, int]) -> None:
    identified = manifest["days"]["events_identified"]
    for day in identified.values():
        if day["file"] in changed:
            rows, checksum = row_count_and_checksum(con, TABLES["events_identified"], _day(aside / day["file"]))
            day |= {"rows": rows, "checksum": checksum}
    manifest["tables"]["events_identified"] |= {
        "rows": sum(d["rows"] for d in identified.values()),
        "checksum": f"{sum(int(d['checksum'], 16) for d in identified.values()):024x}",
    }


def _tell_receivers(manifest: dict[str, Any], receivers: dict[str, dict[str, int] | None]) -> None:
    for receiver, found in receivers.items():
        if found is None:
            del manifest["receivers"][receiver], manifest["files"][f"{receiver}.duckdb"]
            continue
        for table, rows in found.items():
            manifest["receivers"][receiver]["tables"][table] -= rows


def _write_manifest(folder: Path, aside: Path, manifest: dict[str, Any]) -> None:
    """The manifest with the digests of the files that were written anew, last of all."""
    manifest["content_fingerprint"] = content_fingerprint({k: t["checksum"] for k, t in manifest["tables"].items()})
    manifest["erasures"] = manifest.get("erasures", 0) + 1
    for name in manifest["files"]:
        if not (aside / name).samefile(folder / name):
            manifest["files"][name] = describe_file(aside / name)
    path = aside / MANIFEST
    path.unlink()  # a hard link: the folder that is replaced keeps its own
    write_text(path, json.dumps(manifest, indent=1, ensure_ascii=False))
