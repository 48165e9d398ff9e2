"""Nothing lost on the way: what was delivered against what is released, and tonight's volumes against the last
release's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow.parquet as pq

from assets.merge import Merge
from assets.release.days import events_report
from assets.standard import Ledger, read_ledger, standard_folder
from expectations.checks import CheckResult
from resources.duck import quote

_SHRUNK = 0.5
"""A release with less than this share of the entities of the one before is stopped."""


def conservation_audits(
    con: duckdb.DuckDBPyConnection, merge: Merge, contents: dict[str, Any]
) -> Iterator[CheckResult]:
    """Every ledger in effect adds up, its parts hold as many rows as it says, and what was set aside is released."""
    ledgers = [read_ledger(standard_folder(merge.settings, d.company, d.delivery_id)) for d in merge.deliveries]
    unbalanced = [f"{g.company}/{f.file}" for g in ledgers for f in g.files if f.balance]
    yield CheckResult(
        "ledger_balanced",
        "loads",
        not unbalanced,
        ", ".join(unbalanced[:10]) or f"{sum(len(g.files) for g in ledgers)} files add up",
        "rows read = accepted + quarantined + duplicate + skipped, for every file in effect",
    )
    for part in ("accepted", "quarantined"):
        yield _part_audit(con, merge, ledgers, part)
    told = sum(f.quarantined for g in ledgers for f in g.files)
    found = contents["tables"]["quarantine"]["rows"]
    yield CheckResult("all_of_it", "quarantine", told == found, f"{found} rows", f"{told} rows, as the ledgers say")
    if events := events_report(merge):
        accepted = sum(f.accepted for g in ledgers if g.dataset == "access_events" for f in g.files)
        passes = contents["tables"]["access_events"]["rows"]
        kept = passes + events["folded"] + events["expired"]
        yield CheckResult(
            "none_lost",
            "access_events",
            accepted == kept,
            f"{passes} passes + {events['folded']} folded + {events['expired']} older than is kept",
            f"{accepted} accepted records, as the ledgers say",
        )


def _part_audit(con: duckdb.DuckDBPyConnection, merge: Merge, ledgers: list[Ledger], part: str) -> CheckResult:
    files = {str(standard_folder(merge.settings, g.company, g.delivery_id) / f"{part}.parquet"): g for g in ledgers}
    listed = ", ".join(map(quote, files))
    rows = dict(con.execute(f"SELECT file_name, num_rows FROM parquet_file_metadata([{listed}])").fetchall())
    wrong = [
        f"{g.company}/{g.delivery_id}"
        for file, g in files.items()
        if rows.get(file, 0) != sum(getattr(f, part) for f in g.files)
    ]
    return CheckResult(
        f"{part}_as_in_ledger",
        "loads",
        not wrong,
        ", ".join(wrong[:10]) or f"{len(files)} deliveries",
        f"as many {part} records in every delivery as its ledger says",
    )


def volume_audits(
    merge: Merge, tables: dict[str, dict[str, Any]], before: dict[str, dict[str, Any]]
) -> Iterator[CheckResult]:
    """A table of which records were accepted is not empty (passes are counted to the row elsewhere), and the register
    has not shrunk by half overnight."""
    for table in ("communities", "houses", "residents", "vehicles"):
        rows = tables[table]["rows"]
        if table == "communities" or any(pq.read_metadata(p).num_rows for p in merge.accepted(table)):
            yield CheckResult("not_empty", table, rows > 0, f"{rows} rows", "at least one row")
        if table in ("houses", "residents") and table in before:
            least = int(before[table]["rows"] * _SHRUNK)
            expected = f"at least {least} rows, half of the release before"
            yield CheckResult("not_shrunk", table, rows >= least, f"{rows} rows", expected)
