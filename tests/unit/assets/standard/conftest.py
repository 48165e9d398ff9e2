"""A company, its feeds, and a bench that runs rows through the public entry of the standard layer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.landing.delivery import Delivery, FileReport
from assets.standard import Ledger, standard_folder, standardise
from expectations.contracts.datasets import DATASETS
from expectations.feeds import Company
from resources.settings import Settings

DELIVERED = date(2026, 11, 20)
Row = Mapping[str, str | None]

COMMUNITIES = (
    {"name": "翡翠湖花园", "code": "340199001001001", "aliases": ["翡翠湖花园(南)", "翡翠湖"]},
    {"name": "滨湖世纪城二期", "code": "340199001001002"},
)
ONLY = "c_340199001001001"


def company_of(dataset: str, **feed: object) -> Company:
    return Company.model_validate(
        {
            "company": "acme",
            "name": "Acme",
            "communities": COMMUNITIES,
            "feeds": {"f": {"dataset": dataset, "files": ["*.csv"], **feed}},
        }
    )


def land(
    settings: Settings, dataset: str, rows: Iterable[Row], delivered_on: date = DELIVERED, delivery_id: str = "d_1"
) -> Delivery:
    """Write a landing folder. A row may set file, row_number and row_kind; the rest are the dataset's fields."""
    fields = [f.name for f in DATASETS[dataset].fields]
    records = []
    for n, row in enumerate(rows, start=1):
        kind = row.get("row_kind", "record")
        content = "\x1f".join("\0" if row.get(f) is None else str(row[f]) for f in fields)
        records.append(
            {f: row.get(f) for f in fields}
            | {
                "company": "acme",
                "feed": "f",
                "delivery_id": delivery_id,
                "file": row.get("file", "a.csv"),
                "row_number": int(row.get("row_number") or n),
                "record_hash": hashlib.md5(content.encode()).hexdigest(),
                "delivered_on": delivered_on,
                "row_kind": kind,
                "raw_line": "cut,off" if kind == "malformed" else None,
            }
        )
    types = {"row_number": pa.int64(), "delivered_on": pa.date32()}
    names = [*fields, "company", "feed", "delivery_id", "file", "row_number", "record_hash", "delivered_on",
             "row_kind", "raw_line"]  # fmt: skip
    schema = pa.schema([(n, types.get(n, pa.string())) for n in names])
    folder = settings.landing / "acme" / delivery_id
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(records, schema), folder / "data.parquet", compression="zstd")
    files = sorted({r["file"] for r in records})
    return Delivery(
        delivery_id=delivery_id,
        company="acme",
        feed="f",
        dataset=dataset,
        mode=DATASETS[dataset].default_mode,
        status="loaded",
        delivered_on=delivered_on,
        received_at="2026-11-20T18:00:00Z",
        feed_fingerprint="x",
        columns={f: f for f in fields if any(r[f] is not None for r in records)},
        files=[
            FileReport(file=f, path=f, sha256="0", size=1, mtime_ns=0, rows_read=sum(r["file"] == f for r in records))
            for f in files
        ],
    )


@dataclass(frozen=True)
class Judged:
    """What became of the rows, by (file, row number)."""

    ledger: Ledger
    accepted: dict[tuple[str, int], dict[str, object]]
    quarantined: dict[tuple[str, int], dict[str, object]]
    duplicates: dict[tuple[str, int], dict[str, object]]
    skipped: dict[tuple[str, int], dict[str, object]]

    def row(self, number: int = 1, file: str = "a.csv") -> dict[str, object]:
        """One row, accepted or set aside."""
        key = (file, number)
        return self.accepted.get(key) or self.quarantined[key]


def read_parts(folder: Path) -> dict[str, dict[tuple[str, int], dict[str, object]]]:
    out = {}
    for part in ("accepted", "quarantined", "duplicates", "skipped"):
        rows = pq.read_table(folder / f"{part}.parquet").to_pylist()
        out[part] = {(r["file"], r["row_number"]): r for r in rows}
    return out


@pytest.fixture(scope="session")
def con() -> Iterable[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


Run = Callable[..., Judged]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", config=tmp_path / "config")


@pytest.fixture
def run(settings: Settings, con: duckdb.DuckDBPyConnection) -> Run:
    """Judge rows of a dataset: ``run("houses", [{"building": "3"}], codes={...})``."""

    numbers = count(1)

    def judge(dataset: str, rows: Iterable[Row], delivered_on: date = DELIVERED, **feed: object) -> Judged:
        delivery = land(settings, dataset, rows, delivered_on, f"d_{next(numbers)}")
        ledger = standardise(settings, company_of(dataset, **feed), delivery, con)
        return Judged(ledger, **read_parts(standard_folder(settings, "acme", delivery.delivery_id)))

    return judge
