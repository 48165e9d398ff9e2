"""The access events of a release: immutable Parquet files by day, shown as views.

A night writes only the days it touched. The others are hard links to files that the release before has too, so a
release of thirty days costs one day of disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from assets.merge import Merge
from assets.release.candidate import Candidate, previous_manifest
from assets.release.database import create_table, declared, describe
from assets.release.fingerprint import row_count_and_checksum
from expectations.checks import CheckResult
from expectations.contracts.model import Table
from expectations.contracts.tables import TABLES
from expectations.relations import databases_of
from resources.duck import PARQUET, identifier, quote
from resources.files import fsync_path, link_or_copy
from resources.keys import PARQUET_KEY

DAY_TABLES = tuple(t for t in TABLES.values() if t.storage == "days")
_ENCRYPTED = f"encryption_config = {{footer_key: '{PARQUET_KEY}'}}"


@dataclass(frozen=True)
class DayFile:
    """One day of one table in a release. ``source`` tells whether the register wrote the day anew: its name, size
    and time of writing. ``is_new``: the release before did not carry it."""

    table: str
    date: str
    file: str
    source: str
    rows: int
    checksum: str
    is_new: bool


def events_report(merge: Merge) -> dict[str, Any]:
    """``events.json`` of the register: its ``days`` (date, a path per table, rows) and how the accepted records became
    passes. Empty when no company sends events."""
    path = merge.work / "events.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def event_days(merge: Merge) -> list[dict[str, Any]]:
    """The days that the register lists, oldest first."""
    return sorted(events_report(merge).get("days", []), key=lambda d: str(d["date"]))


def place_days(con: duckdb.DuckDBPyConnection, merge: Merge, candidate: Candidate) -> list[DayFile]:
    """Bring every day file into the candidate's folder and show each table as a view (an empty table without
    days)."""
    before = previous_manifest(merge).get("days", {})
    days = event_days(merge)
    placed = []
    for table in DAY_TABLES:
        folder = candidate.folder / "events" / table.name
        folder.mkdir(parents=True)
        files = []
        for day in days:
            name, source = str(day["date"]), Path(day[table.name])
            kept = _keep(con, merge, candidate, before.get(table.name, {}).get(name), source)
            files.append(kept or _take_in(con, candidate, table, name, source))
        fsync_path(folder)
        for database in databases_of(table):
            _show(con, table, database, [candidate.final / f.file for f in files])
        placed += files
    return placed


def source_identity(source: Path) -> str:
    """Tells whether the register wrote a day's file anew: its name, size and time of writing."""
    stat = source.stat()
    return f"{source.name}:{stat.st_size}:{stat.st_mtime_ns}"


def _keep(
    con: duckdb.DuckDBPyConnection, merge: Merge, candidate: Candidate, known: dict[str, Any] | None, source: Path
) -> DayFile | None:
    """Link the file of the release before, unless the register wrote the day anew. After a change of key the same
    rows are encrypted again."""
    if known is None or merge.previous is None or known["source"] != source_identity(source):
        return None
    day = DayFile(**{**known, "is_new": False})
    table, old, target = TABLES[day.table], merge.previous / day.file, candidate.folder / day.file
    try:
        con.execute(f"SELECT 1 FROM {read_days([old], table)} LIMIT 1")
    except duckdb.InvalidInputException:
        encrypt_day(con, table, f"read_parquet({quote(source)})", target)
        return day
    link_or_copy(old, target)
    return day


def _take_in(con: duckdb.DuckDBPyConnection, candidate: Candidate, table: Table, date: str, source: Path) -> DayFile:
    """A day that the register wrote tonight: linked as it is, or encrypted where it names persons."""
    file = f"events/{table.name}/{date}.parquet"
    target = candidate.folder / file
    if table.where == "restricted":
        encrypt_day(con, table, f"read_parquet({quote(source)})", target)
    else:
        link_or_copy(source, target)
    fsync_path(target)
    rows, checksum = row_count_and_checksum(con, table, f"read_parquet({quote(source)}, hive_partitioning = false)")
    return DayFile(table.name, date, file, source_identity(source), rows, checksum, is_new=True)


def encrypt_day(con: duckdb.DuckDBPyConnection, table: Table, relation: str, target: Path) -> None:
    """Write the rows of a relation as an encrypted day file."""
    order = ", ".join(map(identifier, table.order_by))
    con.execute(
        f"COPY (SELECT * FROM {relation} ORDER BY {order}) TO {quote(target)} "
        f"({PARQUET}, ENCRYPTION_CONFIG {{footer_key: '{PARQUET_KEY}'}})"
    )
    target.chmod(0o600)


def read_days(paths: list[Path], table: Table) -> str:
    """Day files of a table as a relation, encrypted or not."""
    listed = ", ".join(quote(p) for p in paths)
    secret = f", {_ENCRYPTED}" if table.where == "restricted" else ""
    return f"read_parquet([{listed}], hive_partitioning = false{secret})"


def _select(table: Table, database: str, paths: list[Path]) -> str:
    columns = ", ".join(
        f"CAST({identifier(name)} AS {kind}) AS {identifier(name)}" for name, kind, _ in declared(table, database)
    )
    return f"SELECT {columns} FROM {read_days(paths, table)}"


def new_days(table: Table, candidate: Candidate, days: dict[str, dict[str, Any]]) -> str | None:
    """The rows of the days that this release is the first to carry, as a relation; None for a table without days."""
    if table.storage != "days":
        return None
    new = [candidate.folder / d["file"] for d in days[table.name].values() if d["is_new"]]
    database = databases_of(table)[0]
    return f"({_select(table, database, new)})" if new else f"(SELECT * FROM {database}.{table.name} LIMIT 0)"


def _show(con: duckdb.DuckDBPyConnection, table: Table, database: str, paths: list[Path]) -> None:
    if not paths:
        create_table(con, table, database)
        describe(con, table, database)
        return
    con.execute(f"CREATE VIEW {database}.{identifier(table.name)} AS {_select(table, database, paths)}")
    describe(con, table, database, "VIEW")


def day_audits(
    con: duckdb.DuckDBPyConnection, merge: Merge, candidate: Candidate, days: dict[str, dict[str, Any]]
) -> Iterator[CheckResult]:
    """What must hold of passes, in the days that this release is the first to carry; and how long persons are kept."""
    passes, hourly, identified = (
        new_days(TABLES[name], candidate, days) for name in ("access_events", "access_hourly", "events_identified")
    )
    rules = {
        ("access_hourly", "sums_up", "the hours of a gate sum up to its passes"): (
            f"""SELECT count(*) FROM (
                SELECT community_id, gate, direction, subject_kind, sum(n) AS n FROM (
                    SELECT community_id, gate, direction, subject_kind, events AS n FROM {hourly} h
                    UNION ALL SELECT community_id, gate, direction, subject_kind, -1 FROM {passes} e
                ) both_tables GROUP BY ALL) summed WHERE n <> 0"""
        ),
        ("events_identified", "known_pass", "every identified pass is one of access_events"): (
            f"SELECT count(*) FROM {identified} i ANTI JOIN {passes} e ON e.event_id = i.event_id"
        ),
        ("events_identified", "known_entity", "every identified pass belongs to a resident or vehicle"): (
            f"""SELECT count(*) FROM {identified} i ANTI JOIN (
                SELECT 'resident' AS entity_type, resident_id AS entity_id FROM restricted.residents
                UNION ALL SELECT 'vehicle', vehicle_id FROM restricted.vehicles
            ) e ON e.entity_type = i.entity_type AND e.entity_id = i.entity_id"""
        ),
        ("events_identified", "no_children", "nobody under 14 on the day of the pass"): (
            f"""SELECT count(*) FROM {identified} i
            JOIN restricted.residents r ON i.entity_type = 'resident' AND r.resident_id = i.entity_id
            WHERE r.birth_date + INTERVAL 14 YEAR > i.event_date"""
        ),
    }
    for (table, check, expected), query in rules.items():
        row = con.execute(query).fetchone()
        assert row is not None
        yield CheckResult(check, table, row[0] == 0, f"{row[0]} rows otherwise", expected)
    yield _retention(merge, days["events_identified"])


def _retention(merge: Merge, identified: dict[str, Any]) -> CheckResult:
    first = merge.as_of - timedelta(days=merge.policy.events.keep_days)
    old = sorted(day for day in identified if date.fromisoformat(day) < first)
    return CheckResult(
        "retention",
        "events_identified",
        not old,
        f"{len(identified)} days, {len(old)} of them too old",
        f"no day before {first}: events.keep_days is {merge.policy.events.keep_days}",
    )
