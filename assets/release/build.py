"""Building a release aside: both databases, the Parquet copies, the days, and what they hold."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from assets.merge import Merge
from assets.receivers.build import build_receivers
from assets.register.ledger import former_ids
from assets.release.candidate import CONTENTS, Candidate, discard, named_release, new_candidate
from assets.release.changes import build_changes, previous_attached
from assets.release.city import build_coverage, build_inhabitants, build_profile
from assets.release.database import attached, copy_to_parquet, create_table, define_current_id, describe, store
from assets.release.days import DAY_TABLES, DayFile, place_days
from assets.release.fingerprint import row_count_and_checksum
from assets.release.operations import build_loads, build_quarantine, build_releases
from expectations.contracts.tables import TABLES
from expectations.dictionary import entries
from expectations.relations import databases_of
from resources.duck import quote
from resources.files import write_text

REGISTER_TABLES = (
    "communities",
    "houses",
    "residents",
    "occupancies",
    "vehicles",
    "vehicle_holdings",
    "sources",
    "evidence",
)
"""Tables that come from the register as they are: columns, types and order of their contract
(``register.stage.write_table``)."""


def build_release(merge: Merge, con: duckdb.DuckDBPyConnection, *, started_at: datetime) -> Candidate:
    """Build a candidate from the register's tables of this merge.

    Nothing that readers see changes. ``started_at`` is when the merge began (with time zone); ``releases`` tells how
    long it took. Raises :class:`resources.keys.KeyProblem` when the restricted database cannot be encrypted; whatever
    is raised, the half-built candidate is removed.
    """
    candidate = new_candidate(merge, started_at)
    try:
        with attached(con, merge.settings, candidate), previous_attached(con, merge):
            days = place_days(con, merge, candidate)
            _store_tables(con, merge, candidate, days)
            contents = _contents(con, days) | build_receivers(con, merge, candidate)
        write_text(candidate.folder / CONTENTS, json.dumps(contents, indent=1))
    except BaseException:
        discard(candidate)
        raise
    return candidate


def _store_tables(con: duckdb.DuckDBPyConnection, merge: Merge, candidate: Candidate, days: list[DayFile]) -> None:
    """Every table that lies inside the databases, in the order in which they lean on one another."""
    full = {name: merge.tables / f"{name}.parquet" for name in REGISTER_TABLES}
    for name, path in full.items():
        store(con, TABLES[name], f"read_parquet({quote(path)})", in_order=True)
    for name in ("id_ledger", "accuracy"):
        store(con, TABLES[name], _named(merge, candidate, name))
    former_ids(con, "restricted.id_ledger")
    store(con, TABLES["former_ids"], "former")
    store(con, TABLES["inhabitants"], build_inhabitants(con))
    store(con, TABLES["community_profile"], build_profile(con, merge.as_of.year))
    store(con, TABLES["coverage"], build_coverage(con, merge))
    store(con, TABLES["changes"], build_changes(con, candidate))
    store(con, TABLES["loads"], build_loads(con, merge, candidate.created_at))
    for name, relation in zip(("quarantine", "quarantine_summary"), build_quarantine(con, merge), strict=True):
        store(con, TABLES[name], relation)
    events = sum(d.rows for d in days if d.table == "access_events")
    store(con, TABLES["releases"], build_releases(con, merge, candidate, events))
    _store_dictionary(con)
    for database in ("restricted", "curated"):
        define_current_id(con, database)
    checks = TABLES["checks"]  # filled when the candidate is closed
    for database in databases_of(checks):
        create_table(con, checks, database)
        describe(con, checks, database)
    for table in TABLES.values():
        if table.storage == "table" and table.where != "restricted" and table is not checks:
            copy_to_parquet(con, table, candidate, full.get(table.name))


def _named(merge: Merge, candidate: Candidate, table: str) -> str:
    path = merge.tables / f"{table}.parquet"
    return f"({named_release(path, merge.merge_id, candidate.release_id)})"


def _store_dictionary(con: duckdb.DuckDBPyConnection) -> None:
    """Each database describes itself."""
    table = TABLES["data_dictionary"]
    for database in databases_of(table):
        rows = [asdict(e) for e in entries(is_open=database == "curated")]
        con.register("release_dictionary", pa.Table.from_pylist(rows))
        create_table(con, table, database)
        con.execute(
            f'INSERT INTO {database}.data_dictionary BY NAME FROM release_dictionary ORDER BY "table", "column"'
        )
        con.unregister("release_dictionary")
        describe(con, table, database)


def _contents(con: duckdb.DuckDBPyConnection, days: list[DayFile]) -> dict[str, Any]:
    """Rows and checksum of every table, and the days."""
    tables: dict[str, dict[str, Any]] = {}
    for table in TABLES.values():
        if table.storage == "table":
            rows, checksum = row_count_and_checksum(con, table, f"{databases_of(table)[0]}.{table.name}")
            tables[table.name] = {"rows": rows, "checksum": checksum}
    listed: dict[str, dict[str, Any]] = {t.name: {} for t in DAY_TABLES}
    for day in days:
        listed[day.table][day.date] = asdict(day)
    for table in DAY_TABLES:
        of_table = listed[table.name].values()
        tables[table.name] = {
            "rows": sum(d["rows"] for d in of_table),
            "checksum": f"{sum(int(d['checksum'], 16) for d in of_table):024x}",
        }
    return {"tables": tables, "days": listed}
