"""Of a Spark connection, what judging asks of it, on DuckDB: no Java is needed."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from portable_stages import PortableOnly

from resources.duck import quote, spill_folder
from resources.settings import Settings


class StandIn(PortableOnly):
    """Statements are translated to Spark's SQL and run on a DuckDB of its own; the rows that are handed out are cut at
    the given shares of them, into a batch each, and every second batch goes to a worker of its own."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path, cuts: tuple[float, ...]) -> None:
        super().__init__(con)
        self._folder = folder
        self._cuts = cuts
        self.handed: list[int] = []

    def files(self, table: str) -> Path:
        if not list(self._folder.glob(f"{table}.*")):
            self.duckdb.execute(f"COPY {table} TO {quote(self._folder / f'{table}.parquet')}")
        return self._folder / f"{table}.*"

    def make_by(self, name: str, query: str, work: Any, schema: pa.Schema) -> None:
        rows = self.sql(query).to_arrow_table()
        at = [0, *sorted(int(share * len(rows)) for share in self._cuts), len(rows)]
        batches = [
            pa.RecordBatch.from_pylist(rows.slice(begin, end - begin).to_pylist(), rows.schema)
            for begin, end in pairwise(at)
        ]
        self.handed = [len(b) for b in batches]
        made = [b for n in (0, 1) for b in pickle.loads(pickle.dumps(work))(iter(batches[n::2]))]
        pq.write_table(pa.Table.from_batches(made, schema), self._folder / f"{name}.parquet")


def stand_in(monkeypatch: pytest.MonkeyPatch, cuts: tuple[float, ...] = ()) -> list[StandIn]:
    """Let no Spark be opened but stand-ins; gives those that were."""
    opened: list[StandIn] = []

    @contextmanager
    def open_spark(settings: Settings, con: duckdb.DuckDBPyConnection) -> Iterator[StandIn]:
        with spill_folder(settings.data) as folder, duckdb.connect() as own:
            opened.append(StandIn(own, folder, cuts))
            yield opened[-1]

    monkeypatch.setattr("resources.engine.spark.open_spark", open_spark)
    return opened


def no_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where the extra is not installed."""
    for module in ("pyspark", "pyspark.errors", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, module, None)
