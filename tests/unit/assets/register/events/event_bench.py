"""A register of three residents and a car, and a bench that runs accepted records through the events stage."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assets.landing import Delivery
from assets.merge import Merge
from assets.register.events import EventsReport, build_events
from assets.register.stage import stage_path
from assets.register.vehicles import PLATES
from assets.standard import standard_folder
from expectations.contracts.datasets import ACCESS_EVENTS, PROVENANCE
from expectations.contracts.tables import TABLES
from expectations.policy import Policy
from resources.duck import quote
from resources.settings import Settings

HOME = "c_340199001001001"
ELSEWHERE = "c_340199001001002"
DAY = date(2026, 11, 20)
SHANGHAI = timedelta(hours=8)

RESIDENTS = [
    {"resident_id": "r_adult", "name": "张三", "id_number": "340199199001011232", "phone": "13800000001",
     "birth_date": date(1990, 1, 1)},
    {"resident_id": "r_child", "name": "张小", "id_number": "340199201301011231", "phone": "13800000002",
     "birth_date": date(2013, 1, 1)},
    {"resident_id": "r_unaged", "name": "李四", "id_number": None, "phone": "13800000003", "birth_date": None},
    {"resident_id": "r_twin1", "name": "王五", "id_number": None, "phone": "13800000004",
     "birth_date": date(1980, 1, 1)},
    {"resident_id": "r_twin2", "name": "王五", "id_number": None, "phone": "13800000004",
     "birth_date": date(1981, 1, 1)},
]  # fmt: skip
ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DATE": pa.date32(),
    "TIMESTAMPTZ": pa.timestamp("us", "UTC"),
    "VARCHAR[]": pa.list_(pa.string()),
}


def at(clock: str, day: date = DAY) -> datetime:
    """A local time of a day as an instant."""
    return (datetime.combine(day, datetime.strptime(clock, "%H:%M:%S").time()) - SHANGHAI).replace(tzinfo=UTC)


def record(clock: str, day: date = DAY, **values: Any) -> dict[str, Any]:
    """An accepted record; whatever is not given has a default or is null."""
    return {"occurred_at": at(clock, day), "event_date": day, "community_id": HOME, "gate": "南门", "direction": "in",
            "method": "card", "subject_kind": "resident", **values}  # fmt: skip


@dataclass
class Bench:
    """Deliveries of records, and the merge over them."""

    settings: Settings
    con: duckdb.DuckDBPyConnection
    deliveries: list[Delivery] = field(default_factory=list)
    merges: int = 0

    def deliver(
        self, delivery_id: str, records: list[dict[str, Any]], on: date = DAY + timedelta(days=1), **given: str
    ) -> None:
        company, feed, file = (given.get(k, v) for k, v in (("company", "acme"), ("feed", "gates"), ("file", "a.csv")))
        rows = []
        for n, r in enumerate(records, start=2):
            content = json.dumps({k: str(v) for k, v in r.items() if k != "row_number"}, sort_keys=True)
            rows.append(
                {"company": company, "feed": feed, "delivery_id": delivery_id, "file": file, "row_number": n,
                 "record_hash": hashlib.md5(content.encode()).hexdigest(), "delivered_on": on, **r}
            )  # fmt: skip
        rows.sort(key=lambda r: r["occurred_at"])
        schema = pa.schema([(c.name, ARROW[c.type]) for c in (*PROVENANCE, *ACCESS_EVENTS.columns)])
        folder = standard_folder(self.settings, company, delivery_id)
        folder.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows, schema), folder / "accepted.parquet")
        (folder / "ledger.json").write_text(json.dumps({"delivery_id": delivery_id, "accepted": len(rows)}))
        self.deliveries.append(
            Delivery(
                delivery_id=delivery_id, company=company, feed=feed, dataset="access_events", mode="append",
                status="loaded", delivered_on=on, received_at="2026-11-21T01:00:00Z", feed_fingerprint="f",
            )
        )  # fmt: skip

    def merge(self, as_of: date | None = None, policy: Policy | None = None) -> Merge:
        self.merges += 1
        work = self.settings.register / f"merge{self.merges}"
        (work / "tables").mkdir(parents=True)
        merge = Merge(
            settings=self.settings, companies={}, policy=policy or Policy(), deliveries=tuple(self.deliveries),
            as_of=as_of or max(d.delivered_on for d in self.deliveries), merge_id=work.name, work=work, previous=None,
        )  # fmt: skip
        self._table(merge, "residents", RESIDENTS)
        self._table(merge, "houses", [{"house_id": "h_1", "community_id": HOME}])
        self._table(merge, "occupancies", [{"resident_id": r["resident_id"], "house_id": "h_1"} for r in RESIDENTS])
        plates = stage_path(merge, PLATES)
        plates.parent.mkdir()
        pq.write_table(pa.table({"plate": ["皖A12345", "皖A1234S"], "vehicle_id": ["v_1", "v_1"]}), plates)
        return merge

    def _table(self, merge: Merge, name: str, rows: list[dict[str, Any]]) -> None:
        given = pa.Table.from_pylist(rows)
        columns = ", ".join(
            f"{c.name if c.name in given.column_names else 'NULL'}::{c.type} AS {c.name}" for c in TABLES[name].columns
        )
        path = merge.tables / f"{name}.parquet"
        self.con.register("given", given)
        self.con.execute(f"COPY (SELECT {columns} FROM given) TO {quote(path)} (FORMAT parquet)")
        self.con.unregister("given")

    def build(self, **given: Any) -> tuple[Merge, EventsReport]:
        merge = self.merge(**given)
        return merge, build_events(merge, self.con)

    def rows(self, report: EventsReport, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """All rows of one of the day files, over all days, sorted: several files are read in no fixed order."""
        paths = [quote(d.folder / f"{name}.parquet") for d in report.days]
        if not paths:
            return []
        return self.con.sql(f"SELECT {columns} FROM read_parquet([{', '.join(paths)}]) ORDER BY ALL").fetchall()
