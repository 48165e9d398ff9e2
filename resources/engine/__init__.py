"""What runs the set-based models: DuckDB, or Spark on the same Parquet.

Models are SQL in DuckDB's dialect inside a portable subset. A stage is given a :class:`Connection`; with DuckDB that is
DuckDB's own, with Spark one that translates each statement (:mod:`resources.engine.portable`) and keeps its temporary
tables as Parquet below the data root.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import pyarrow as pa

from resources.duck import connect
from resources.settings import Settings


class SparkFailed(RuntimeError):
    """Spark could not do what it was asked to; the message has no values of the data."""


class Result(Protocol):
    """The rows of a statement."""

    def fetchone(self) -> tuple[Any, ...] | None: ...

    def fetchall(self) -> list[Any]: ...


class Relation(Protocol):
    """The rows of a query."""

    def fetchall(self) -> list[Any]: ...

    def to_arrow_table(self) -> pa.Table: ...


class Connection(Protocol):
    """What the models need of an engine; DuckDB's connection is one as it is."""

    def execute(self, query: Any, parameters: Any = None) -> Result: ...

    def executemany(self, query: Any, parameters: Any = None) -> Result: ...

    def sql(self, query: Any) -> Relation: ...

    def register(self, view_name: str, python_object: Any, /) -> object: ...

    def unregister(self, view_name: str, /) -> object: ...

    def cursor(self) -> Connection: ...

    def close(self) -> None: ...


@contextmanager
def open_engine(settings: Settings, name: str) -> Iterator[Connection]:
    """A connection of the engine ``name``, with the limits of the installation."""
    with connect(settings) as con:
        if name == "spark":
            from resources.engine.spark import open_spark

            with open_spark(settings, con) as spark:
                yield spark
        else:
            yield con


__all__ = ["Connection", "Relation", "Result", "SparkFailed", "open_engine"]
