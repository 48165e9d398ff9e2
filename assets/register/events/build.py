"""The events of a merge: every day listed, those that changed written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from assets.register.events.days import MANIFEST, DayPlan, first_day, plan_days
from assets.register.events.deliveries import EventDelivery, check_ids, read_event_delivery
from assets.register.events.write import DAY_FILES, FOLDED, LEDGER, copy_to, union_of, write_day
from assets.register.stage import Connection, RegisterError, scratch
from resources.duck import identifier, quote
from resources.files import write_text

if TYPE_CHECKING:
    from assets.merge import Merge

EVENTS = "events.json"
EVENTS_LEDGER = "events_ledger.parquet"
EVENTS_FOLDED = "events_folded.parquet"

_LEDGER_TYPES = {
    "company": "VARCHAR",
    "delivery_id": "VARCHAR",
    "file": "VARCHAR",
    "records": "BIGINT",
    "kept": "BIGINT",
    "folded": "BIGINT",
    "expired": "BIGINT",
}
_FOLDED_TYPES = {
    "company": "VARCHAR",
    "delivery_id": "VARCHAR",
    "file": "VARCHAR",
    "row_number": "BIGINT",
    "kept_delivery_id": "VARCHAR",
    "kept_file": "VARCHAR",
    "kept_row_number": "BIGINT",
}


@dataclass(frozen=True)
class EventDay:
    """One day that the merge lists. ``folder`` holds its files; ``reused``: an earlier merge wrote them."""

    date: date
    folder: Path
    rows: int
    reused: bool


@dataclass(frozen=True)
class EventsReport:
    """The events of a merge. ``records`` accepted = ``passes`` + ``folded`` + ``expired`` (older than is kept, on the
    ``skipped_days``)."""

    days: tuple[EventDay, ...] = ()
    skipped_days: tuple[date, ...] = ()
    records: int = 0
    passes: int = 0
    folded: int = 0
    expired: int = 0

    def as_json(self) -> str:
        """The content of ``events.json``."""
        days = [
            {
                "date": d.date.isoformat(),
                **{name: str(d.folder / f"{name}.parquet") for name in DAY_FILES},
                "rows": d.rows,
                "reused": d.reused,
            }
            for d in self.days
        ]
        counts = {name: getattr(self, name) for name in ("records", "passes", "folded", "expired")}
        return json.dumps(
            {"days": days, "skipped_days": [d.isoformat() for d in self.skipped_days], **counts}, indent=1
        )


def build_events(merge: Merge, con: Connection) -> EventsReport:
    """Fold the accepted access events to one row per pass, by day, and attach them to the register.

    Needs the register's tables of the same merge. Writes the days that no merge has written from the same records, and
    below ``merge.work`` the list of days ``events.json``, ``events_ledger.parquet`` (company, delivery_id, file,
    records, kept, folded, expired) and ``events_folded.parquet``. Raises RegisterError when records are lost.
    """
    with scratch(con) as cur:
        deliveries = [
            read_event_delivery(cur, merge.settings, d) for d in merge.deliveries if d.dataset == "access_events"
        ]
        check_ids(deliveries)
        oldest = first_day(merge.as_of, merge.policy.events)
        plans = plan_days(merge.settings, deliveries, merge.policy.events, oldest)
        reused = {plan.day for plan in plans if plan.is_written}
        for plan in plans:
            if plan.day not in reused:
                write_day(cur, plan, merge)
        _write_folded(cur, merge, plans)
        records, passes, folded, expired = _write_ledger(cur, merge, plans, deliveries, oldest)
        rows = _rows(cur, plans)
    report = EventsReport(
        days=tuple(EventDay(p.day, p.folder, rows[p.day], p.day in reused) for p in plans),
        skipped_days=tuple(sorted({f.date for d in deliveries for f in d.days if f.date < oldest})),
        records=records,
        passes=passes,
        folded=folded,
        expired=expired,
    )
    write_text(merge.work / EVENTS, report.as_json())
    return report


def folded_records(merge: Merge, con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """The records folded by the merge: company, delivery_id, file, row_number, and the record kept instead of each:
    kept_delivery_id, kept_file, kept_row_number."""
    return con.sql(f"FROM read_parquet({quote(merge.work / EVENTS_FOLDED)})")


def _empty(types: dict[str, str]) -> str:
    return "SELECT " + ", ".join(f"NULL::{t} AS {identifier(n)}" for n, t in types.items()) + " WHERE false"


def _write_folded(con: Connection, merge: Merge, plans: list[DayPlan]) -> None:
    query = f"FROM {union_of([p.folder / FOLDED for p in plans])}" if plans else _empty(_FOLDED_TYPES)
    copy_to(con, query, merge.work / EVENTS_FOLDED)


def _write_ledger(
    con: Connection,
    merge: Merge,
    plans: list[DayPlan],
    deliveries: list[EventDelivery],
    oldest: date,
) -> tuple[int, int, int, int]:
    """Write the ledger by file and return its sums. What was accepted is counted from the deliveries, what was kept and
    folded from the days, so a record lost on the way shows."""
    counted: dict[tuple[str, str, str], list[int]] = {}
    for d in deliveries:
        for f in d.days:
            line = counted.setdefault((d.company, d.delivery_id, f.file), [0, 0])
            line[0] += f.records
            line[1] += f.records if f.date < oldest else 0
    con.execute(f"CREATE OR REPLACE TEMP TABLE accepted_files AS {_empty(_LEDGER_TYPES)}")
    if counted:
        con.executemany(
            "INSERT INTO accepted_files (company, delivery_id, file, records, expired) VALUES (?, ?, ?, ?, ?)",
            [(*key, *line) for key, line in sorted(counted.items())],
        )
    days = f"FROM {union_of([p.folder / LEDGER for p in plans])}" if plans else "FROM accepted_files"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE ledger AS
        SELECT a.company, a.delivery_id, a.file, a.records, coalesce(d.kept, 0)::BIGINT AS kept,
            coalesce(d.folded, 0)::BIGINT AS folded, a.expired
        FROM accepted_files a
        LEFT JOIN (SELECT delivery_id, file, sum(kept) AS kept, sum(folded) AS folded
                   FROM ({days}) GROUP BY delivery_id, file) d ON d.delivery_id = a.delivery_id AND d.file = a.file"""
    )
    wrong = con.execute(
        "SELECT company, file, records, kept, folded, expired FROM ledger WHERE records <> kept + folded + expired "
        "ORDER BY company, file LIMIT 10"
    ).fetchall()
    if wrong:
        said = "; ".join(f"{c}/{f}: {r} records, {k} kept, {x} folded, {e} expired" for c, f, r, k, x, e in wrong)
        raise RegisterError(f"access events do not add up in {said}; nothing is released, report this")
    copy_to(con, "FROM ledger ORDER BY company, delivery_id, file", merge.work / EVENTS_LEDGER)
    sums = con.execute(
        "SELECT coalesce(sum(records), 0)::BIGINT, coalesce(sum(kept), 0)::BIGINT, coalesce(sum(folded), 0)::BIGINT, "
        "coalesce(sum(expired), 0)::BIGINT FROM ledger"
    ).fetchall()
    records, passes, folded, expired = sums[0]
    return records, passes, folded, expired


def _rows(con: Connection, plans: list[DayPlan]) -> dict[date, int]:
    return {plan.day: json.loads((plan.folder / MANIFEST).read_text(encoding="utf-8"))["rows"] for plan in plans}
