"""Every stage that runs on Spark says nothing that Spark would not understand, or understand otherwise."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

import duckdb
import pytest
import splink
from portable_stages import PortableOnly
from register_nights import Night, Register, Sent, car, company, house, id_number, person
from test_register_reviews import EXACT, LINKED, decide

import assets.register
from assets.merge import Merge
from assets.register import STAGES, RegisterReport
from assets.register.engines import ON_SPARK, stage_connection
from assets.register.linking import score
from assets.register.linking.model import read_model
from resources import models
from resources.settings import Settings, SettingsError

NOT_RUN = {"former_ids", "labelled"}
"""Models of the release and of training, which run on DuckDB only."""

A = id_number(1)
CARS = [
    car("皖A12345", owner_name="张三", owner_id_number=A, brand="大众", body_colour="白"),
    car("皖A1234S", owner_name="张三", owner_id_number=A, brand="大众", body_colour="白"),
]
SENT = (
    Sent("houses", [house("101"), house("101", None), house("909", record_key="k1")]),
    Sent("residents", [person("张三", id=A), *EXACT, *LINKED]),
    Sent("vehicles", CARS[:1]),
    Sent("vehicles", CARS, company="other"),
)


def _portable(merge: Merge, con: duckdb.DuckDBPyConnection) -> RegisterReport:
    for name, stage in STAGES.items():
        stage(merge, PortableOnly(con) if name in ON_SPARK else con)
    return RegisterReport()


def test_whatever_runs_on_spark_is_translated(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    run = set()

    def read(path: Path, _read=models._read):  # type: ignore[no-untyped-def]
        run.add(path)
        return _read(path)

    monkeypatch.setattr(models, "_read", read)
    # Splink wants DuckDB's own connection; its conditions are translated by a test of their own
    monkeypatch.setattr(score, "_api", lambda con: splink.DuckDBAPI(connection=getattr(con, "duckdb", con)))
    register.companies = {"acme": company(mode="delta"), "other": company("other")}
    register.build = _portable
    first = register.night(*SENT)
    linked = next(n for n, r in first.entity_of().items() if list(first.entity_of().values()).count(r) > 1)
    partner = next(n for n, r in first.entity_of().items() if r == first.entity_of()[linked] and n != linked)
    decide(register, first, "different", (linked, partner))
    again = register.night(
        *SENT, Sent("houses", [house("909", record_key="k1")], on=date(2026, 11, 21)), previous=first
    )
    assert isinstance(again, Night)
    root = Path(assets.register.__file__).parent
    models_of_spark = {p for folder in ("sql", "linking/sql") for p in (root / folder).glob("*.sql")}
    assert {p.stem for p in models_of_spark - run} == NOT_RUN


def test_the_others_run_on_duckdb_and_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(data=tmp_path, config=tmp_path, memory_limit="1GB", engine="spark")
    with caplog.at_level(logging.INFO), stage_connection(settings, "accuracy") as con:
        assert isinstance(con, duckdb.DuckDBPyConnection)
    assert "accuracy runs on DuckDB" in caplog.text


def test_the_linking_model_is_translated() -> None:
    conditions = [
        [level["sql_condition"] for level in c["comparison_levels"]]
        for c in score.for_spark(read_model().settings)["comparisons"]
    ]
    assert [c[-1] for c in conditions] == ["ELSE"] * len(conditions)
    assert "ARRAYS_OVERLAP(houses_l, houses_r)" in conditions[5]


def test_another_engine_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="REGISTER_ENGINE='flink': expected one of duckdb, spark"):
        Settings(data=tmp_path, config=tmp_path, engine="flink")
