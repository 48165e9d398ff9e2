"""Which engine judges a delivery, and how Spark does.

A record is judged by itself, once the delivery's duplicates and the files with rounded numbers are known. So Spark does
what needs the whole delivery and hands the other rows out; its workers judge theirs by the very SQL, on a DuckDB of
their own. What is written of a judged delivery is read from the Parquet that Spark leaves.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from assets.landing.delivery import Delivery
from assets.standard.functions import functions
from assets.standard.rules import Context
from assets.standard.stage import OF_DELIVERY, OF_ROW, STAGED, Stage, filled_fields, of_delivery
from expectations.contracts.datasets import PROVENANCE
from resources.duck import ROW_GROUP, identifier, limit, quote
from resources.settings import Settings
from resources.version import code_version

if TYPE_CHECKING:
    from resources.engine.spark import SparkConnection

_log = logging.getLogger(__name__)

_LANDED, _LANDED_ROWS = "std_landed", "std_landed_rows"
"""The rows of a small delivery, and the table of what in them is not the same or empty throughout."""

_HANDED = "std_handed"
"""The rows that a worker was handed, as its DuckDB knows them."""


class OtherCode(RuntimeError):
    """A worker has another version of this project than the process that sent it work."""


@contextmanager
def open_stage(settings: Settings, delivery: Delivery, con: duckdb.DuckDBPyConnection, landed: Path) -> Iterator[Stage]:
    """The stage of a delivery on the engine that judges it, told in the log where an engine was asked for.

    Raises SparkFailed where Spark is to judge it and cannot be had.
    """
    filled = filled_fields(con, landed)
    on_spark = settings.engine == "spark" and delivery.rows_read >= settings.spark_rows
    if settings.engine != "duckdb":
        place = settings.spark_master if on_spark else "DuckDB"
        _log.info("standard: %s/%s is judged on %s", delivery.company, delivery.delivery_id, place)
    if not on_spark:
        with _near(con, delivery, landed, filled) as rows, Stage(con, rows, filled) as stage:
            yield stage
        return
    from resources.engine.spark import open_spark

    with open_spark(settings, con) as spark, _StageOnSpark(con, _rows_of(landed), filled, spark, settings) as stage:
        yield stage


@contextmanager
def _near(con: duckdb.DuckDBPyConnection, delivery: Delivery, landed: Path, filled: Collection[str]) -> Iterator[str]:
    """The landed rows on this DuckDB, as a query names them: a small delivery's as a table, since they are read a dozen
    times and each time a file's columns are looked up anew."""
    if delivery.rows_read > ROW_GROUP:
        yield _rows_of(landed)
        return
    columns = ", ".join(map(identifier, sorted({*filled, *OF_ROW} - {*OF_DELIVERY})))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_LANDED_ROWS} AS SELECT {columns} FROM {_rows_of(landed)}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW {_LANDED} AS SELECT *, {of_delivery(delivery)} FROM {_LANDED_ROWS}")
    try:
        yield _LANDED
    finally:
        con.execute(f"DROP VIEW IF EXISTS {_LANDED}")
        con.execute(f"DROP TABLE IF EXISTS {_LANDED_ROWS}")


def _rows_of(files: Path | str) -> str:
    return f"read_parquet({quote(files)})"


class _StageOnSpark(Stage):
    """What needs the whole delivery is a table of Spark's, seen by DuckDB as the Parquet that it is."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        landed: str,
        filled: Collection[str],
        spark: SparkConnection,
        settings: Settings,
    ) -> None:
        super().__init__(con, landed, filled)
        self.engine = self._spark = spark
        self._settings = settings

    def _make_of_all(self, kind: str, name: str, query: str) -> None:
        self._spark.execute(f"CREATE TEMP {kind} {name} AS {query}")
        self._make("VIEW", name, query if kind == "VIEW" else f"FROM {_rows_of(self._spark.files(name))}")

    def judge(self, ctx: Context) -> None:
        """Let the workers judge every record that is no duplicate."""
        names = (*(c.name for c in PROVENANCE), *(f.name for f in ctx.dataset.fields if f.name in self._filled))
        handed = f"""SELECT {", ".join(f"r.{identifier(n)}" for n in (*names, "row_kind"))}
            FROM {self.landed} r {self._but_duplicates()} WHERE r.row_kind = 'record'"""
        judge = partial(judged_batches, self._settings, ctx, self._filled, code_version())
        nothing = self.con.sql(f"SELECT * FROM ({handed}) LIMIT 0").to_arrow_table()
        (judged_nothing,) = judge([pa.RecordBatch.from_pylist([], nothing.schema)])
        self._spark.make_by(STAGED, handed, judge, judged_nothing.schema)
        self._make("VIEW", STAGED, f"FROM {_rows_of(self._spark.files(STAGED))}")


def judged_batches(
    settings: Settings, ctx: Context, filled: Collection[str], code: str, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """``std_staged`` of the landed records in each batch, none of them a duplicate; runs on Spark's workers.

    A batch has the columns of ``data.parquet`` but the fields that are not ``filled``. One thread for each call, within
    the memory limit of the installation and nothing on a disk. Raises :class:`OtherCode` where this code's version is
    not ``code``: rows must not be judged by other rules than the ledger will say.
    """
    if code_version() != code:
        raise OtherCode
    with duckdb.connect() as con, functions(con, ctx.company):
        limit(con, replace(settings, threads=1))
        con.execute("SET temp_directory = ''")
        for batch in batches:
            con.register("std_batch", pa.Table.from_batches([batch]))
            # it is read several times, which costs a fifth less of a table than of Arrow
            con.execute(f"CREATE OR REPLACE TEMP TABLE {_HANDED} AS FROM std_batch")
            con.unregister("std_batch")
            with Stage(con, _HANDED, filled) as stage:
                stage.records(ctx.dataset)
                stage.judge(ctx)
                judged = con.table(STAGED).to_arrow_table()
            yield from judged.to_batches() or [pa.RecordBatch.from_pylist([], judged.schema)]
