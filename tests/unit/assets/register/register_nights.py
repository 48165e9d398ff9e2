"""Small registers for tests: standard records as short dictionaries, night after night."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assets.landing import Delivery
from assets.merge import Merge
from assets.register import RegisterReport, build_register, current_id, former_ids
from assets.standard import standard_folder
from assets.verdicts import Verdict
from expectations.contracts.datasets import DATASETS, PROVENANCE
from expectations.feeds import Company
from expectations.policy import Policy
from resources.settings import Settings

COMMUNITY = "c_340199001001001"
DAY = date(2026, 11, 20)

_DEFAULTS: dict[str, dict[str, Any]] = {
    "residents": {"name_is_partial": False, "id_verified": False},
    "vehicles": {"owner_name_is_partial": False, "owner_id_verified": False},
    "houses": {},
}


def id_number(n: int, birth: str = "19900101", *, odd: bool = True) -> str:
    """A made-up, valid 18-character ID number of the unassigned region 340199."""
    body = f"340199{birth}{(2 * n + odd) % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def person(name: str, room: str | None = "101", id: str | None = None, phone: str | None = None, **more: Any) -> dict:
    """A residents record in building 1, unit 1."""
    house = {"building": "1", "unit": "1", "room": room} if room else {}
    known = {"id_number": id, "id_type": "resident_id" if id else None, "id_verified": id is not None}
    return {**house, "name": name, **known, "phone": phone, "phones": [phone] if phone else [], **more}


def house(room: str, unit: str | None = "1", **more: Any) -> dict:
    """A houses record in building 1."""
    return {"building": "1", "unit": unit, "room": room, **more}


def car(plate: str, room: str | None = "101", **more: Any) -> dict:
    """A vehicles record of a house in building 1, unit 1."""
    place = {"building": "1", "unit": "1", "room": room} if room else {}
    return {**place, "plate": plate, **more}


def company(slug: str = "acme", *, mode: str = "snapshot", trust: int = 50) -> Company:
    """A company with one community and a feed for each dataset."""
    return Company.model_validate(
        {
            "company": slug,
            "name": slug.title(),
            "trust": trust,
            "communities": [{"name": "梧桐苑", "code": COMMUNITY[2:], "district": "蜀山区"}],
            "feeds": {d: {"files": [f"{d}*"], "mode": mode} for d in _DEFAULTS},
        }
    )


@dataclass
class Sent:
    """One delivery of records."""

    dataset: str
    records: list[dict]
    company: str = "acme"
    on: date = DAY
    file: str = "export.csv"
    delivery: str | None = None
    """Its id; made from the content when not given."""


@dataclass
class Night:
    """What a night made."""

    merge: Merge
    report: RegisterReport

    def rows(self, table: str, order: str | None = "ALL") -> list[dict[str, Any]]:
        """A table's rows as dictionaries; ``order`` None for the order they are stored in."""
        with duckdb.connect() as con:
            query = f"FROM read_parquet('{self.merge.tables / table}.parquet')" + (
                f" ORDER BY {order}" if order else ""
            )
            return con.sql(query).to_arrow_table().to_pylist()

    def columns(self, table: str) -> list[tuple[str, str]]:
        """Names and types of a table's columns."""
        with duckdb.connect() as con:
            described = con.execute(f"DESCRIBE FROM read_parquet('{self.merge.tables / table}.parquet')").fetchall()
        return [(name, type_) for name, type_, *_ in described]

    def column(self, table: str, name: str) -> list[Any]:
        return [r[name] for r in self.rows(table)]

    def one(self, table: str, **where: Any) -> dict[str, Any]:
        """The one row with these values."""
        found = [r for r in self.rows(table) if all(r[k] == v for k, v in where.items())]
        assert len(found) == 1, f"{len(found)} rows of {table} with {where}"
        return found[0]

    def entity_of(self, file: str = "export.csv", dataset: str = "residents", company: str = "acme") -> dict[int, str]:
        """Row number -> entity, for one file."""
        return {
            r["row_number"]: r["entity_id"]
            for r in self.rows("sources")
            if (r["file"], r["dataset"], r["company"]) == (file, dataset, company)
            and r["entity_type"] == dataset.removesuffix("s")
        }

    def current_id(self, old_id: str) -> str | None:
        """What stands today for an id, by this night's ledger."""
        with duckdb.connect() as con:
            con.execute(f"CREATE VIEW id_ledger AS FROM read_parquet('{self.merge.tables / 'id_ledger.parquet'}')")
            former_ids(con, "id_ledger")
            con.execute("ALTER TABLE former RENAME TO former_ids")
            return current_id(con, old_id)

    @property
    def events(self) -> dict[str, dict[str, int]]:
        return {k: v for k, v in self.report.id_events.items() if v}

    def ledger(self, event: str) -> list[dict[str, Any]]:
        return [r for r in self.rows("id_ledger") if r["event"] == event]


@dataclass
class Register:
    """A data root in which nights follow one another."""

    root: Path
    companies: dict[str, Company] = field(default_factory=lambda: {"acme": company()})
    policy: Policy = field(default_factory=Policy)
    verdicts: tuple[Verdict, ...] = ()
    nights: int = 0
    build: Callable[[Merge, duckdb.DuckDBPyConnection], RegisterReport] = build_register

    def night(self, *sent: Sent, previous: Night | None = None) -> Night:
        """Merge these deliveries, after ``previous``."""
        self.nights += 1
        settings = Settings(data=self.root, config=self.root / "config", memory_limit="1GB", threads=2)
        deliveries = tuple(self._deliver(settings, s) for s in sent)
        release = None
        if previous:
            release = settings.releases / f"r{self.nights - 1}"
            settings.ledger.mkdir(exist_ok=True)
            target = settings.ledger / release.name
            if not target.exists():
                target.symlink_to(previous.merge.state)
        work = settings.register / f"m{self.nights}"
        for folder in ("tables", "state"):
            (work / folder).mkdir(parents=True)
        merge = Merge(
            settings=settings,
            companies=self.companies,
            policy=self.policy,
            deliveries=deliveries,
            as_of=max((s.on for s in sent), default=DAY),
            merge_id=work.name,
            work=work,
            previous=release,
            verdicts=self.verdicts,
        )
        with duckdb.connect() as con:
            con.execute("SET threads = 1")
            return Night(merge, self.build(merge, con))

    def _deliver(self, settings: Settings, sent: Sent) -> Delivery:
        key = f"{sent.company}|{sent.dataset}|{sent.on}|{sent.file}|{sent.records}"
        delivery_id = sent.delivery or "d_" + hashlib.sha256(key.encode()).hexdigest()[:12]
        folder = standard_folder(settings, sent.company, delivery_id)
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(standard_records(sent, delivery_id), folder / "accepted.parquet")
        feed = self.companies[sent.company].feeds[sent.dataset]
        return Delivery(
            delivery_id=delivery_id,
            company=sent.company,
            feed=sent.dataset,
            dataset=sent.dataset,
            mode=feed.mode,
            status="loaded",
            delivered_on=sent.on,
            received_at=f"{sent.on}T00:00:00Z",
            feed_fingerprint="f",
        )


def standard_records(sent: Sent, delivery_id: str) -> pa.Table:
    """The records as the standard layer writes them: the contract's columns and types. ``row_number`` may be given."""
    rows = list(_filled(sent, delivery_id))
    columns = (*PROVENANCE, *DATASETS[sent.dataset].columns)
    schema = pa.schema([(c.name, _ARROW[c.type]) for c in columns])
    return pa.Table.from_pylist([{c.name: r.get(c.name) for c in columns} for r in rows], schema=schema)


def _filled(sent: Sent, delivery_id: str) -> Iterable[dict]:
    for n, record in enumerate(sent.records, start=2):
        text = "|".join(f"{k}={v}" for k, v in sorted(record.items()) if k != "row_number")
        yield {
            "company": sent.company,
            "feed": sent.dataset,
            "delivery_id": delivery_id,
            "file": sent.file,
            "row_number": n,
            "record_hash": hashlib.md5(text.encode()).hexdigest(),
            "delivered_on": sent.on,
            "community_id": COMMUNITY,
            "warnings": [],
            **_DEFAULTS[sent.dataset],
            **record,
        }


_ARROW = {
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}
