"""The runner of SQL models: how values are written, and what a missing one says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from resources.models import Sql, Value, literal, render, run_model


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "NULL"),
        ("it's", "'it''s'"),
        (Path("/a b/c.parquet"), "'/a b/c.parquet'"),
        ([Path("/a"), Path("/b'c")], "['/a', '/b''c']"),
        (date(2026, 11, 20), "DATE '2026-11-20'"),
        (3, "3"),
        (True, "true"),
        (Sql("upper(x)"), "upper(x)"),
    ],
)
def test_values_become_literals(value: Value, written: str) -> None:
    assert literal(value) == written


def test_a_model_runs_every_statement(tmp_path: Path) -> None:
    path = tmp_path / "both.sql"
    path.write_text("CREATE TABLE t AS SELECT $day AS day, '$$' AS sign;\nINSERT INTO t SELECT $day + 1, $sign;")
    with duckdb.connect() as con:
        run_model(con, path, day=date(2026, 11, 20), sign="x")
        assert con.sql("SELECT day::DATE, sign FROM t ORDER BY 1").fetchall() == [
            (date(2026, 11, 20), "$"),
            (date(2026, 11, 21), "x"),
        ]


def test_a_missing_value_is_named_with_its_model(tmp_path: Path) -> None:
    path = tmp_path / "lonely.sql"
    path.write_text("SELECT $what")
    with pytest.raises(KeyError, match=r"lonely\.sql.*\$what"):
        render(path)
