"""A DuckDB connection that lets through only what Spark's would run too."""

from __future__ import annotations

from typing import Any

import duckdb
from sqlglot import exp

from resources.engine.order import without_order
from resources.engine.portable import inserted_into, query_of, statements, to_spark


class PortableOnly:
    """Runs everything on DuckDB, once each statement has been translated."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.duckdb = con

    def execute(self, query: str, parameters: Any = None) -> Any:
        self._check(query)
        return self.duckdb.execute(query, parameters)

    def sql(self, query: str) -> Any:
        self._check(query)
        return self.duckdb.sql(query)

    def executemany(self, query: str, parameters: Any = None) -> Any:
        inserted_into(query)
        return self.duckdb.executemany(query, parameters)

    def cursor(self) -> PortableOnly:
        return PortableOnly(self.duckdb.cursor())

    def _check(self, sql: str) -> None:
        for statement in statements(sql):
            query = query_of(statement)
            if query is not None:
                if isinstance(statement, exp.Copy):
                    query, *_ = without_order(query)
                to_spark(query, lambda paths: f"files_{len(paths)}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.duckdb, name)
