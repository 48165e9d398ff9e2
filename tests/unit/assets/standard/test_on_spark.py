"""Judging on Spark, without Spark: what its workers are asked to do leaves the same as one DuckDB does."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spark_stand_in import no_pyspark, stand_in

from assets.standard import Ledger, standard_folder, standardise
from assets.standard.on_spark import OtherCode, judged_batches
from assets.standard.rules import Context
from expectations.contracts.datasets import DATASETS
from resources.engine import SparkFailed
from resources.settings import Settings

from .conftest import DELIVERED, Row, company_of, land, read_parts
from .test_identity import whole
from .test_properties import few, resident_rows
from .test_standardise import HOUSE, ROWS

Judged = tuple[Ledger, dict[str, dict[tuple[str, int], dict[str, object]]]]


def judged(con: duckdb.DuckDBPyConnection, dataset: str, rows: Sequence[Row], **engine: object) -> Judged:
    with TemporaryDirectory() as folder:
        settings = replace(Settings(data=Path(folder), config=Path(folder), memory_limit="1GB"), **engine)
        ledger = standardise(settings, company_of(dataset), land(settings, dataset, rows), con)
        return ledger, read_parts(standard_folder(settings, "acme", "d_1"))


def judged_by_workers(
    con: duckdb.DuckDBPyConnection, dataset: str, rows: Sequence[Row], cuts: tuple[float, ...]
) -> tuple[Judged, list[int]]:
    with pytest.MonkeyPatch.context() as patched:
        opened = stand_in(patched, cuts)
        found = judged(con, dataset, rows, engine="spark", spark_rows=0)
    (spark,) = opened
    return found, spark.handed


@few
@given(rows=resident_rows(), cuts=st.lists(st.floats(0, 1), max_size=3))
def test_rows_are_judged_alike_however_they_are_handed_out(
    con: duckdb.DuckDBPyConnection, rows: list[Row], cuts: list[float]
) -> None:
    found, handed = judged_by_workers(con, "residents", rows, tuple(cuts))
    assert len(handed) == len(cuts) + 1
    assert found == judged(con, "residents", rows)


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_dataset_is_judged_alike(con: duckdb.DuckDBPyConnection, dataset: str) -> None:
    rows = [*ROWS[dataset], *ROWS[dataset], {**ROWS[dataset][0], "file": "b.csv"}, {"row_kind": "malformed"}]
    found, handed = judged_by_workers(con, dataset, rows, (0.5,))
    assert sum(handed) == len(ROWS[dataset])  # the others are duplicates
    assert found == judged(con, dataset, rows)


def test_what_a_whole_file_shows_is_seen_though_no_worker_has_all_of_it(con: duckdb.DuckDBPyConnection) -> None:
    ids = [whole(f"34019919900307{n:03}")[:15] for n in range(1, 80, 2)][:24]
    rows: list[Row] = [
        {**HOUSE, "name": "张三", "room": str(100 + n), "id_number": i + "000"} for n, i in enumerate(ids)
    ]
    found, _ = judged_by_workers(con, "residents", rows, (0.1, 0.9))
    assert found[0].alarms and found == judged(con, "residents", rows)


def test_a_delivery_without_records(con: duckdb.DuckDBPyConnection) -> None:
    rows: list[Row] = [{"row_kind": "footer"}]
    found, handed = judged_by_workers(con, "houses", rows, ())
    assert (found, handed) == (judged(con, "houses", rows), [0])


@pytest.mark.parametrize(
    ("asked", "place"), [(("spark", 2), "local[2]"), (("spark", 3), "DuckDB"), (("duckdb", 0), None)]
)
def test_small_deliveries_are_judged_by_duckdb_and_the_log_says_where(
    con: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    asked: tuple[str, int],
    place: str | None,
) -> None:
    opened = stand_in(monkeypatch)
    with caplog.at_level(logging.INFO):
        judged(con, "houses", ROWS["houses"], engine=asked[0], spark_rows=asked[1])
    assert len(opened) == (place == "local[2]")
    told = [r.getMessage() for r in caplog.records if "is judged on" in r.getMessage()]
    assert told == ([f"standard: acme/d_1 is judged on {place}"] if place else [])


def test_a_delivery_that_spark_cannot_judge_is_left_as_it_was(
    settings: Settings, con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_pyspark(monkeypatch)
    delivery = land(settings, "houses", ROWS["houses"])
    with pytest.raises(SparkFailed, match="REGISTER_ENGINE=spark needs PySpark: install the extra 'spark'"):
        standardise(replace(settings, engine="spark", spark_rows=0), company_of("houses"), delivery, con)
    assert not standard_folder(settings, "acme", "d_1").exists()
    assert con.execute("SELECT count(*) FROM duckdb_functions() WHERE function_name = 'nfkc'").fetchone() == (0,)


def test_a_worker_of_another_version_judges_nothing(settings: Settings) -> None:
    company = company_of("houses")
    ctx = Context(company, company.feeds["f"], DATASETS["houses"], DELIVERED, frozenset(), {})
    batch = pa.RecordBatch.from_pylist([{"file": "a.csv"}])
    with pytest.raises(OtherCode):
        next(judged_batches(settings, ctx, (), "another", [batch]))
