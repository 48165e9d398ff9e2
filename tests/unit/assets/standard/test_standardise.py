"""The parts of a standard delivery, its ledger, and when it is made again."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from assets.standard import (
    LedgerImbalance,
    is_current,
    read_delivery_checks,
    read_ledger,
    standard_folder,
    standardise,
)
from expectations.contracts.datasets import DATASETS, PROVENANCE
from expectations.contracts.reasons import REASONS
from expectations.contracts.row_rules import ROW_RULES, RowRule
from expectations.feeds import Company
from resources.settings import Settings

from .conftest import Run, company_of, land
from .test_identity import whole

HOUSE = {"community": "翡翠湖", "building": "3", "room": "502"}
ROWS: dict[str, list[dict[str, str | None]]] = {
    "houses": [HOUSE, {**HOUSE, "building": None}],
    "residents": [{**HOUSE, "name": "张三"}, dict(HOUSE)],
    "vehicles": [{**HOUSE, "plate": "皖A12345"}, {**HOUSE, "plate": "无牌车"}],
    "access_events": [
        {"community": "翡翠湖", "gate": "东门", "occurred_at": "2026-11-20 08:15:00"},
        {"community": "翡翠湖", "gate": "东门", "occurred_at": "2026-11-19 08:15:00"},
        {"community": "翡翠湖", "gate": "东门"},
    ],
}


@pytest.mark.parametrize("dataset", DATASETS)
def test_parts_have_the_contracts_columns(settings: Settings, con: duckdb.DuckDBPyConnection, dataset: str) -> None:
    delivery = land(settings, dataset, ROWS[dataset])
    standardise(settings, company_of(dataset), delivery, con)
    folder = standard_folder(settings, "acme", "d_1")
    got = con.execute(f"DESCRIBE SELECT * FROM '{folder / 'accepted.parquet'}'").fetchall()
    expected = [
        (c.name, {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}.get(c.type, c.type))
        for c in (*PROVENANCE, *DATASETS[dataset].columns)
    ]
    assert [r[:2] for r in got] == expected
    names = [c.name for c in PROVENANCE]
    assert pq.read_schema(folder / "quarantined.parquet").names == [*names, "dataset", "reasons", "warnings", "raw"]
    assert pq.read_schema(folder / "duplicates.parquet").names == [*names, "duplicate_of_file", "duplicate_of_row"]
    assert sorted(p.name for p in folder.iterdir()) == [
        "accepted.parquet", "checks.json", "duplicates.parquet", "ledger.json", "quarantined.parquet",
        "skipped.parquet",
    ]  # fmt: skip


def test_a_changed_check_is_asked_of_what_is_stored_and_nothing_is_judged_again(
    settings: Settings, con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    company, delivery = company_of("houses"), land(settings, "houses", ROWS["houses"])
    standardise(settings, company, delivery, con)
    folder = standard_folder(settings, "acme", "d_1")
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    standardise(settings, company, delivery, con)
    assert {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} == before
    rule = RowRule("odd", ("standard.houses",), ("room",), "no room 502", "没有502室", "room = '502'", "warning")
    monkeypatch.setattr("expectations.relations.ROW_RULES", (*ROW_RULES, rule))
    assert not is_current(settings, company, delivery)
    standardise(settings, company, delivery, con)
    (found,) = [r for r in read_delivery_checks(folder).results if r.check == "odd"]
    assert (found.passed, found.severity, found.observed) == (False, "warning", "1 rows otherwise")
    assert is_current(settings, company, delivery)
    after = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"checks.json"}


def test_every_row_goes_somewhere(run: Run) -> None:
    rows: list[dict[str, str | None]] = [
        {"row_kind": "blank"},
        HOUSE,
        {**HOUSE, "community": "没听说过", "building": "3月12日", "area_m2": "1"},
        {"row_kind": "malformed"},
        HOUSE,
        {**HOUSE, "community": "没听说过", "building": "3月12日", "area_m2": "1"},
        {"row_kind": "footer"},
        {**HOUSE, "file": "b.csv"},
        {**HOUSE, "file": "b.csv", "room": "503", "use": "??"},
    ]
    judged = run("houses", rows)
    a, b = judged.ledger.files
    assert (a.file, a.rows_read, a.accepted, a.quarantined, a.duplicate, a.skipped) == ("a.csv", 7, 1, 2, 2, 2)
    assert (b.file, b.rows_read, b.accepted, b.quarantined, b.duplicate, b.skipped) == ("b.csv", 2, 1, 0, 1, 0)
    assert judged.quarantined["a.csv", 3]["reasons"] == ["community_unknown:community", "room_damaged:building"]
    assert judged.quarantined["a.csv", 3]["warnings"] == ["number_invalid:area_m2"]
    raw = {"community": "没听说过", "building": "3月12日", "room": "502", "area_m2": "1"}
    assert json.loads(str(judged.quarantined["a.csv", 3]["raw"])) == raw
    assert judged.quarantined["a.csv", 4]["reasons"] == ["row_malformed:row"]
    assert json.loads(str(judged.quarantined["a.csv", 4]["raw"])) == {"raw_line": "cut,off"}
    survivors = {k: (v["duplicate_of_file"], v["duplicate_of_row"]) for k, v in judged.duplicates.items()}
    assert survivors == {("a.csv", 5): ("a.csv", 2), ("a.csv", 6): ("a.csv", 3), ("b.csv", 8): ("a.csv", 2)}
    assert {k: v["row_kind"] for k, v in judged.skipped.items()} == {("a.csv", 1): "blank", ("a.csv", 7): "footer"}
    assert judged.ledger.reasons == {
        "community_unknown:community": 1, "room_damaged:building": 1, "row_malformed:row": 1,
    }  # fmt: skip
    assert judged.ledger.warnings == {"code_unknown:use": 1}
    assert {k.split(":")[0] for k in (*judged.ledger.reasons, *judged.ledger.warnings)} <= set(REASONS)


def test_events_are_sorted_by_time(settings: Settings, con: duckdb.DuckDBPyConnection) -> None:
    delivery = land(settings, "access_events", ROWS["access_events"])
    standardise(settings, company_of("access_events"), delivery, con)
    table = pq.read_table(standard_folder(settings, "acme", "d_1") / "accepted.parquet")
    times = table["occurred_at"].to_pylist()
    assert times == sorted(times) and len(times) == 2


def test_nothing_is_judged_twice_for_nothing(settings: Settings, con: duckdb.DuckDBPyConnection) -> None:
    company, delivery = company_of("houses"), land(settings, "houses", ROWS["houses"])
    first = standardise(settings, company, delivery, con)
    ledger = standard_folder(settings, "acme", "d_1") / "ledger.json"
    made = ledger.stat().st_mtime_ns
    assert standardise(settings, company, delivery, con) == first == read_ledger(ledger) == read_ledger(ledger.parent)
    assert ledger.stat().st_mtime_ns == made
    again = standardise(settings, company, delivery.model_copy(update={"feed_fingerprint": "y"}), con)
    assert again.landing_fingerprint != first.landing_fingerprint
    assert ledger.stat().st_mtime_ns > made
    ledger.write_text(again.model_dump_json().replace(again.standard_version, "older"))
    assert standardise(settings, company, delivery, con) == first
    ledger.write_text("{}")
    assert standardise(settings, company, delivery, con) == first


def test_it_opens_its_own_connection_and_leaves_a_given_one_clean(
    settings: Settings, con: duckdb.DuckDBPyConnection
) -> None:
    delivery = land(settings, "houses", ROWS["houses"])
    own = standardise(settings, company_of("houses"), delivery)
    assert own.files[0].accepted == 1
    standardise(settings, company_of("houses"), delivery.model_copy(update={"feed_fingerprint": "y"}), con)
    assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchone() == (0,)
    assert con.execute("SELECT count(*) FROM duckdb_functions() WHERE function_name = 'nfkc'").fetchone() == (0,)


def test_rows_that_do_not_add_up_are_not_written(settings: Settings, con: duckdb.DuckDBPyConnection) -> None:
    delivery = land(settings, "houses", ROWS["houses"])
    delivery.files[0].rows_read = 3
    with pytest.raises(LedgerImbalance, match=r"acme/d_1: .*a\.csv: 3 read, 1 accepted, 1 quarantined"):
        standardise(settings, company_of("houses"), delivery, con)
    assert not standard_folder(settings, "acme", "d_1").exists()
    assert list((settings.standard / "acme").iterdir()) == []


def test_a_delivery_that_was_not_loaded(settings: Settings) -> None:
    delivery = land(settings, "houses", ROWS["houses"]).model_copy(update={"status": "failed"})
    with pytest.raises(ValueError, match="d_1: status is failed, expected loaded"):
        standardise(settings, company_of("houses"), delivery)


def test_an_empty_delivery(run: Run) -> None:
    judged = run("houses", [{"row_kind": "footer"}])
    assert (judged.accepted, judged.quarantined) == ({}, {})
    assert judged.ledger.files[0].skipped == 1


def test_awkward_names_and_quotes(run: Run, settings: Settings) -> None:
    judged = run("residents", [{**HOUSE, "name": "O'Neil", "file": "it's!表 1", "role": "x'y"}], codes={})
    row = judged.row(1, "it's!表 1")
    assert (row["name"], row["warnings"]) == ("O'Neil", ["code_unknown:role"])


def _residents(ids: list[str], **more: str) -> list[dict[str, str | None]]:
    return [{**HOUSE, "name": "张三", "room": str(100 + n), "id_number": i, **more} for n, i in enumerate(ids)]


def test_alarms_of_whole_files(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ids = [whole(f"34019919900307{n:03}") for n in range(1, 80, 2)]
    with_x = [i for n in range(1000) if (i := whole(f"34019919900307{n:03}")).endswith("X")][:3]
    assert run("residents", _residents(ids[:24], sex="男")).ledger.alarms == []
    assert run("residents", _residents(ids[:24], sex="女")).ledger.alarms == [
        "a.csv: sex contradicts the ID number in 24 of 24 records; check codes.sex of the feed"
    ]
    assert run("residents", _residents(ids[:19], sex="女")).ledger.alarms == []
    damaged = [i[:15] + "000" for i in ids[:24]]
    alarms = run("residents", _residents([*damaged, *with_x])).ledger.alarms
    assert alarms == [
        "a.csv: 24 of 27 ID numbers (id_number) were stored as numbers; format the column as text and export again",
        "a.csv: of 27 ID numbers (id_number) only the 3 that end in X are whole; "
        "format the column as text and export again",
    ]
    said = "".join(r.getMessage() for r in caplog.records)
    assert not any(i in said for i in ids)


def test_two_communities_whose_names_fold_alike_decide_nothing(
    settings: Settings, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    data = company_of("houses").model_dump(mode="json")
    data["communities"] = [
        {"name": "东方花园(南)", "code": "340199001001003"},
        {"name": "东方花园-南", "code": "340199001001004"},
    ]
    delivery = land(
        settings, "houses", [{**HOUSE, "community": "东方花园南"}, {**HOUSE, "community_code": "340199001001004"}]
    )
    ledger = standardise(settings, Company.model_validate(data), delivery, con)
    assert ledger.reasons == {"community_unknown:community": 1}
