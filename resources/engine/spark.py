"""A connection of Spark's that the stages use as they use DuckDB's.

A temporary table is Parquet in a scratch folder below the data root, a temporary view is its text; both are of one
connection and go with it. Files are written by Spark in parts and put together by DuckDB, in the order that was asked
for and with its options: whatever reads them sees no difference. The data root must be one path to the driver and all
workers, and theirs to write.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from resources.duck import ROW_GROUP, quote, spill_folder
from resources.engine import SparkFailed
from resources.engine.order import without_order
from resources.engine.portable import NotPortable, inserted_into, query_of, shown, statements, to_spark
from resources.settings import Settings

CONFIGURATION = {
    # the same meaning of a moment and of a bad value as in DuckDB
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # what a worker's Python is handed at a time: enough that planning a query over it costs little
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(ROW_GROUP),
    # nothing listens but what Spark needs to work
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""What every session needs. The rest (memory, cores, shuffle) is Spark's own ``spark-defaults.conf``."""

Work = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
"""From batches of rows to batches of others, on a worker."""

_HERE = ("local", "spark://127.0.0.1")


@contextmanager
def open_spark(settings: Settings, con: duckdb.DuckDBPyConnection) -> Iterator[SparkConnection]:
    """A connection on the master of the settings; ``con`` puts the files together. The session stays for the next
    stage of the process. Raises :class:`SparkFailed` where PySpark is not installed or the master does not answer."""
    with spill_folder(settings.data) as scratch:
        spark = SparkConnection(_session(settings), con, scratch)
        try:
            yield spark
        finally:
            spark.close()


def _session(settings: Settings) -> Any:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as e:
        raise SparkFailed("REGISTER_ENGINE=spark needs PySpark: install the extra 'spark' (make spark does)") from e
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # of the workers: else whatever python3 is on their PATH
    builder = SparkSession.builder.master(settings.spark_master).appName("community-register")
    for key, value in CONFIGURATION.items():
        builder = builder.config(key, value)
    if settings.spark_master.startswith(_HERE):
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    try:
        session = builder.getOrCreate()
    except PySparkException as e:
        raise SparkFailed(f"no Spark session on {settings.spark_master}: {e.getCondition()}") from None
    session.sparkContext.setLogLevel("OFF")  # an error is raised here; its text on the console may quote a value
    return session


class Rows:
    """The rows of a query, computed when they are asked for."""

    def __init__(self, frame: Any, statement: exp.Expr) -> None:
        self._frame, self._statement = frame, statement

    def fetchone(self) -> tuple[Any, ...] | None:
        with _told(self._statement):
            rows = self._frame.head(1)
        return tuple(rows[0]) if rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        with _told(self._statement):
            return [tuple(row) for row in self._frame.collect()]

    def to_arrow_table(self) -> pa.Table:
        with _told(self._statement):
            return self._frame.toArrow()


class Written:
    """What a statement that returns no query's rows answers: how many rows it wrote, where that is known."""

    def __init__(self, rows: int | None = None) -> None:
        self._rows = rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return None if self._rows is None else (self._rows,)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return [] if self._rows is None else [(self._rows,)]


class SparkConnection:
    """See :class:`resources.engine.Connection`."""

    def __init__(self, session: Any, con: duckdb.DuckDBPyConnection, scratch: Path) -> None:
        self.session = session.newSession()
        self._con = con
        self._folder = Path(tempfile.mkdtemp(dir=scratch))
        self._tables: dict[str, Path] = {}
        self._numbers = count(1)
        if "spark.sql.shuffle.partitions" not in dict(session.sparkContext.getConf().getAll()):
            partitions = max(2, 2 * session.sparkContext.defaultParallelism)
            self.session.conf.set("spark.sql.shuffle.partitions", str(partitions))

    def cursor(self) -> SparkConnection:
        return SparkConnection(self.session, self._con.cursor(), self._folder)

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def execute(self, query: Any, parameters: Any = None) -> Rows | Written:
        if parameters is not None:
            raise NotPortable("a statement with parameters; write the values into the model")
        result: Rows | Written = Written()
        for statement in statements(query):
            result = self._run(statement)
        return result

    def sql(self, query: Any) -> Rows:
        result = self.execute(query)
        if not isinstance(result, Rows):
            raise NotPortable("a statement that is no query, where rows are asked for")
        return result

    def executemany(self, query: Any, parameters: Any = None) -> Written:
        from pyspark.sql.pandas.types import to_arrow_schema

        table, named = inserted_into(query)
        schema = to_arrow_schema(self.session.table(_name(table)).schema)
        columns = dict(zip(named or schema.names, zip(*parameters, strict=True), strict=True)) if parameters else {}
        rows = [pa.array(columns.get(f.name, [None] * len(parameters or ())), f.type) for f in schema]
        folder = self._new_folder(table)
        folder.mkdir()
        pq.write_table(pa.table(rows, schema=schema), folder / "rows.parquet")
        self._take_over(table, folder)
        return Written(len(parameters or ()))

    def make_by(self, name: str, query: str, work: Work, schema: pa.Schema) -> None:
        """Make the table ``name`` of what ``work`` makes of a query's rows, which it is given in batches, some of them
        to each call. It runs on the workers, whose Python must know its module: what is sent there is its name."""
        from pyspark.sql.pandas.types import from_arrow_schema

        (statement,) = statements(query)
        frame = self._frame(statement)
        with _told(statement):
            frame = frame.mapInArrow(work, from_arrow_schema(schema))
        self._keep(name, frame, statement)

    def files(self, table: str) -> Path:
        """The Parquet files of a table of this connection, as a pattern; they go with the table."""
        return self._tables[table.lower()] / "*.parquet"

    def register(self, view_name: str, python_object: pa.Table, /) -> None:
        self._forget(view_name)
        folder = self._new_folder(view_name)
        folder.mkdir()
        pq.write_table(python_object, folder / "rows.parquet")
        self._hold(view_name, folder)

    def unregister(self, view_name: str, /) -> None:
        self._forget(view_name)

    def _run(self, statement: exp.Expr) -> Rows | Written:
        query = query_of(statement)
        if query is None:
            self._arrange(statement)
            return Written()
        match statement:
            case exp.Query():
                return Rows(self._frame(statement), statement)
            case exp.Create(kind="VIEW"):
                with _told(statement):
                    name, text = _name(statement.this.name), self._text(query)
                    self.session.sql(f"CREATE OR REPLACE TEMPORARY VIEW {name} AS {text}")
            case exp.Create():
                self._keep(statement.this.name, self._frame(query), statement)
            case exp.Insert():
                self._insert(statement.this.name, query)
            case exp.Copy():
                return self._copy(statement, query)
        return Written()

    def _arrange(self, statement: exp.Expr) -> None:
        """A statement without a query; of DuckDB's settings (SET) Spark needs none."""
        match statement:
            case exp.Create():
                self._make_empty(statement.this)
            case exp.Drop():
                for table in statement.args["tables"]:
                    self._forget(table.name)
            case exp.Alter():
                (rename,) = statement.args["actions"]
                self._rename(statement.this.name, rename.this.name)

    def _text(self, query: exp.Expr) -> str:
        return to_spark(query, self._view_of)

    def _frame(self, query: exp.Expr) -> Any:
        text = self._text(query)
        with _told(query):
            return self.session.sql(text)

    def _view_of(self, paths: Sequence[str]) -> str:
        """A view over Parquet files; where they differ in their types, those of the first hold, as in DuckDB."""
        from pyspark.sql import functions as f

        alike = groupby(paths, key=lambda p: pq.read_schema(p).remove_metadata())
        frames = [self._read([f"file://{p}" for p in group]) for _, group in alike]
        first = frames[0]
        for frame in frames[1:]:
            first = first.unionAll(frame.select(*(f.col(c.name).cast(c.dataType) for c in frames[0].schema)))
        name = f"files_{next(self._numbers)}"
        first.createOrReplaceTempView(name)
        return name

    def _read(self, paths: list[str], schema: Any = None) -> Any:
        """The rows of Parquet files; Spark needs a job to learn a schema (its own, or the columns of a table's
        definition) that is not given."""
        reader = self.session.read
        return (reader if schema is None else reader.schema(schema)).parquet(*paths)

    def _new_folder(self, name: str) -> Path:
        return self._folder / f"{name}_{next(self._numbers)}"

    def _write(self, frame: Any, name: str, statement: exp.Expr) -> tuple[Path, Any]:
        """The rows as Parquet in a new folder, and their schema."""
        from pyspark.sql import functions as f
        from pyspark.sql.types import NullType

        folder = self._new_folder(name)
        nothing = [c.name for c in frame.schema if isinstance(c.dataType, NullType)]
        with _told(statement):
            frame = frame.withColumns({c: f.lit(None).cast("int") for c in nothing}) if nothing else frame
            frame.write.parquet(f"file://{folder}")
        return folder, frame.schema

    def _keep(self, name: str, frame: Any, statement: exp.Expr) -> None:
        """Make a table of the rows, in place of any of its name."""
        folder, schema = self._write(frame, name, statement)
        self._forget(name)
        self._hold(name, folder, schema)

    def _hold(self, name: str, folder: Path, schema: Any = None) -> None:
        """Make the view of a table's folder, as it is now."""
        self._read([f"file://{folder}"], schema).createOrReplaceTempView(_name(name))
        self._tables[name.lower()] = folder

    def _forget(self, name: str) -> None:
        self.session.catalog.dropTempView(name)
        folder = self._tables.pop(name.lower(), None)
        if folder is not None:
            shutil.rmtree(folder)

    def _rename(self, table: str, name: str) -> None:
        schema = self.session.table(_name(table)).schema
        folder = self._tables.pop(table.lower())
        self.session.catalog.dropTempView(table)
        self._forget(name)
        self._hold(name, folder, schema)

    def _make_empty(self, schema: exp.Expr) -> None:
        columns = ", ".join(c.sql(dialect="spark") for c in schema.expressions)
        folder = self._new_folder(schema.this.name)
        folder.mkdir()
        self._hold(schema.this.name, folder, columns)

    def _insert(self, table: str, query: exp.Expr) -> None:
        """Add a query's rows by place, in the table's types; they are written apart first, since the query may read
        the table."""
        from pyspark.sql import functions as f

        held = self.session.table(_name(table)).schema
        frame = self._frame(query)
        with _told(query):
            named = frame.toDF(*(f"c{n}" for n in range(len(held))))
            typed = named.select(*(f.col(f"c{n}").cast(c.dataType).alias(c.name) for n, c in enumerate(held)))
        self._take_over(table, self._write(typed, table, query)[0])

    def _take_over(self, table: str, folder: Path) -> None:
        """Move the files of ``folder`` to those of a table."""
        target, schema = self._tables[table.lower()], self.session.table(_name(table)).schema
        for part in folder.glob("*.parquet"):
            part.rename(target / f"{folder.name}_{part.name}")
        shutil.rmtree(folder)
        self._hold(table, target, schema)

    def _copy(self, copy: exp.Expr, query: exp.Expr) -> Written:
        """Write a query's rows as one file, by DuckDB and so in its form, sorted there if they are to be."""
        unsorted, columns, by = without_order(query)
        folder, _ = self._write(self._frame(unsorted), "copied", copy)
        (target,), options = copy.args["files"], ", ".join(_option(p) for p in copy.args["params"])
        rows = self._con.execute(
            f"COPY (SELECT {columns} FROM read_parquet({quote(folder / '*.parquet')}) {by and f'ORDER BY {by}'}) "
            f"TO {quote(target.name)} ({options})"
        ).fetchone()
        shutil.rmtree(folder)
        return Written(int(rows[0]) if rows else 0)


def _option(parameter: exp.CopyParameter) -> str:
    return f"{parameter.this.name} {parameter.expression.sql(dialect='duckdb')}"


def _name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


@contextmanager
def _told(statement: exp.Expr) -> Iterator[None]:
    """Say which statement failed and how, without the text of the error: it may quote a value."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as e:
        what = e.getCondition() or type(e).__name__
        raise SparkFailed(f"Spark: {what}{_raised_by(str(e))} in: {shown(statement)}") from None
    except Py4JError as e:
        raise SparkFailed(f"Spark: {type(e).__name__} in: {shown(statement)}") from None


_RAISED = re.compile(r"^Traceback .*\n(?: .*\n)*([\w.]+)", re.MULTILINE)
"""The kind of an error of Python's, which stands after the lines that say where it was raised."""


def _raised_by(text: str) -> str:
    """The kind of the error that a worker's Python raised, where it was one: its own text may quote a value."""
    found = _RAISED.search(text)
    return f" ({found[1]})" if found else ""
