"""Days: written once, listed with what touched them, attached to the register, pruned."""

from __future__ import annotations

import json
import stat
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from event_bench import DAY, ELSEWHERE, HOME, Bench, at, record

from assets.register.events import EventIdClash, build_events, deliveries, prune_events, write
from assets.register.stage import RegisterError
from assets.standard import standard_folder
from expectations.contracts.tables import TABLES
from expectations.policy import Events, Policy
from resources.duck import ROW_GROUP

NIGHT = DAY + timedelta(days=1)
CAR = {"plate": "皖A12345", "subject_kind": "vehicle"}


def folders(report: object) -> dict[date, tuple[str, bool]]:
    return {d.date: (d.folder.name, d.reused) for d in report.days}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["access_events", "access_hourly", "events_identified"])
def test_files_have_the_contracts_columns_and_order(bench: Bench, name: str) -> None:
    records = [record(f"{h:02}:00:00", plate=f"皖A1234{n}") for h in range(23, 5, -1) for n in range(6)]
    bench.deliver("d_1", records)
    _, report = bench.build()
    found = bench.con.sql(f"FROM '{report.days[0].folder / f'{name}.parquet'}'")
    contract = TABLES[name]
    expected = [(c.name, c.type.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE")) for c in contract.columns]
    assert list(zip(found.columns, map(str, found.types), strict=True)) == expected
    order = [found.columns.index(c) for c in contract.order_by]
    rows = [tuple(str(r[i]) for i in order) for r in found.fetchall()]
    assert rows == sorted(rows)
    assert rows


@pytest.mark.parametrize("few", [True, False])
def test_a_day_larger_than_a_row_group_is_sorted_whole(bench: Bench, monkeypatch, few: bool) -> None:
    if not few:  # as a day of very many gates and communities
        monkeypatch.setattr(write, "_TWO_BYTES", 1)
    bench.deliver("d_1", [record("08:00:00", plate="皖A12345")])
    accepted = standard_folder(bench.settings, "acme", "d_1") / "accepted.parquet"
    bench.con.execute(
        f"""CREATE TABLE many AS SELECT * REPLACE (n AS row_number, 'c_' || n * 7919 % 101 AS community_id,
            occurred_at + to_seconds(n // 10) AS occurred_at,
            CASE WHEN n % 3 > 0 THEN '门' || n % 5 END AS gate)
        FROM '{accepted}', (SELECT range::BIGINT AS n FROM range({3 * ROW_GROUP}))"""
    )
    bench.con.execute(f"COPY (SELECT * EXCLUDE (n) FROM many ORDER BY occurred_at) TO '{accepted}' (FORMAT parquet)")
    day = bench.build()[1].days[0]
    for name in ("access_events", "events_identified"):
        table = pq.read_table(day.folder / f"{name}.parquet", columns=list(TABLES[name].order_by))
        assert day.rows == len(table) > 2 * ROW_GROUP
        assert table.equals(table.sort_by([(c, "ascending") for c in table.column_names]))


def test_a_gate_may_hold_what_no_statement_can(bench: Bench) -> None:
    gates = ["南\0门", "it's", ""]
    bench.deliver("d_1", [record(f"08:0{n}:00", gate=gate, **CAR) for n, gate in enumerate(gates)])
    _, report = bench.build()
    found = pq.read_table(report.days[0].folder / "access_events.parquet", columns=["gate"])
    assert found["gate"].to_pylist() == gates


def test_a_pass_is_counted_by_hour_and_by_day(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:10:00", **CAR), record("08:50:00", **CAR), record("09:00:00", plate="皖A00000")])
    _, report = bench.build()
    hourly = bench.rows(report, "access_hourly", "hour, events, subject_kind")
    assert hourly == [(at("08:00:00"), 2, "vehicle"), (at("09:00:00"), 1, "resident")]
    assert bench.rows(report, "daily", "community_id, event_date, passes, unregistered") == [(HOME, DAY, 3, 1)]


@pytest.mark.parametrize(
    ("subject", "registered", "entity"),
    [
        (CAR, True, "v_1"),
        ({"plate": "皖A1234S"}, True, "v_1"),
        ({"plate": "皖A54321", "id_number": "340199199001011232"}, False, None),
        ({"id_number": "340199199001011232"}, True, "r_adult"),
        ({"id_number": "340199198001011239", "name": "张三", "phone": "13800000001"}, True, "r_adult"),
        ({"name": "张三", "phone": "13800000001"}, True, "r_adult"),
        ({"name": "张三", "phone": "13800000001", "community_id": ELSEWHERE}, False, None),
        ({"name": "张三", "phone": "13800000002"}, False, None),
        ({"name": "张三"}, False, None),
        ({"card_number": "0011"}, False, None),
        ({"id_number": "340199201301011231"}, True, None),
        ({"name": "李四", "phone": "13800000003"}, True, None),
        ({"name": "王五", "phone": "13800000004"}, True, None),
    ],
    ids=[
        "plate", "its misread plate", "unknown plate, whoever drives", "id", "unknown id, known name and phone",
        "name and phone", "name and phone of another community", "wrong phone", "name alone", "card", "a child",
        "age unknown", "two answer to it",
    ],
)  # fmt: skip
def test_attached_by_evidence(bench: Bench, subject: dict[str, str], registered: bool, entity: str | None) -> None:
    bench.deliver("d_1", [record("08:00:00", **subject)])
    _, report = bench.build()
    assert bench.rows(report, "access_events", "is_registered") == [(registered,)]
    assert bench.rows(report, "events_identified", "entity_id") == ([(entity,)] if entity else [])


def test_a_child_is_named_from_the_fourteenth_birthday_on(bench: Bench) -> None:
    birthday = date(2027, 1, 1)
    child = {"id_number": "340199201301011231"}
    eve = birthday - timedelta(days=1)
    bench.deliver("d_1", [record("08:00:00", eve, **child), record("08:00:00", birthday, **child)], birthday)
    _, report = bench.build()
    assert bench.rows(report, "events_identified", "event_date, entity_id") == [(birthday, "r_child")]


def test_identified_passes_are_for_the_owner_alone(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:00:00", **CAR)])
    _, report = bench.build()
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in report.days[0].folder.iterdir()}
    assert modes["events_identified.parquet"] == 0o600
    assert set(modes) == {
        "access_events.parquet", "access_hourly.parquet", "events_identified.parquet", "daily.parquet",
        "folded.parquet", "ledger.parquet", "day.json",
    }  # fmt: skip


def test_event_ids_are_positive_distinct_and_lasting(bench: Bench) -> None:
    bench.deliver("d_1", [record(f"08:{m:02}:00", **CAR) for m in range(60)])
    bench.deliver("d_2", [record(f"09:{m:02}:00", **CAR) for m in range(60)])
    ids = [r[0] for r in bench.rows(bench.build()[1], "access_events", "event_id")]
    assert len(set(ids)) == 120
    assert min(ids) > 0 and max(ids) < 2**63
    bench.deliver("d_0", [record("10:00:00", **CAR)])
    again = [r[0] for r in bench.rows(bench.build()[1], "access_events", "event_id")]
    assert set(ids) < set(again)


def test_clashing_ids_name_the_files(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.deliver("d_1", [record("08:00:00", **CAR)], file="a.csv")
    bench.deliver("d_2", [record("09:00:00", **CAR)], file="b.csv")
    monkeypatch.setattr(deliveries, "id_base", lambda delivery_id, file: 5)
    with pytest.raises(EventIdClash, match=r"acme/a\.csv and acme/b\.csv"):
        bench.build()


def test_a_day_is_written_once(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:00:00", **CAR)])
    _, first = bench.build()
    file = first.days[0].folder / "access_events.parquet"
    written = file.stat().st_mtime_ns
    merge, second = bench.build()
    assert [d.reused for d in second.days] == [True]
    assert file.stat().st_mtime_ns == written
    assert (second.records, second.passes) == (1, 1)
    listed = json.loads((merge.work / "events.json").read_text())
    assert listed["days"][0]["access_events"] == str(file)
    assert listed["days"][0]["reused"] is True


def test_a_night_writes_only_the_days_it_touched(bench: Bench) -> None:
    days = [DAY - timedelta(days=n) for n in (2, 1, 0)]
    bench.deliver("d_1", [record("08:00:00", d, **CAR) for d in days])
    before = folders(bench.build()[1])
    late = [record("09:00:00", days[1], **CAR), record("09:00:00", NIGHT, **CAR)]
    bench.deliver("d_2", late, NIGHT + timedelta(days=1))
    after = folders(bench.build()[1])
    assert after[days[0]] == (before[days[0]][0], True)
    assert after[days[2]] == (before[days[2]][0], True)
    assert after[days[1]][0] != before[days[1]][0]
    assert not after[days[1]][1] and not after[NIGHT][1]


def test_another_folding_time_or_changed_records_write_the_day_again(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:00:00", **CAR)])
    names = {folders(bench.build()[1])[DAY]}
    names.add(folders(bench.build(policy=Policy(events=Events(second_reader_seconds=5)))[1])[DAY])
    ledger = next(bench.settings.standard.rglob("ledger.json"))
    ledger.write_text('{"landing_fingerprint": "another"}')
    names.add(folders(bench.build()[1])[DAY])
    assert len(names) == 3
    assert not any(reused for _, reused in names)


def test_keeping_longer_writes_nothing_again(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:00:00", **CAR)])
    bench.build()
    assert folders(bench.build(policy=Policy(events=Events(keep_days=60)))[1])[DAY][1]


def test_midnight_is_no_border_whatever_the_night(bench: Bench) -> None:
    """The pass is its first record's, on whichever side; the next night's repeat touches only its own day."""
    bench.deliver("d_1", [record("23:59:58", **CAR)], NIGHT)
    before = folders(bench.build()[1])
    bench.deliver(
        "d_2", [record("00:00:01", NIGHT, **CAR), record("12:00:00", NIGHT, **CAR)], NIGHT + timedelta(days=1)
    )
    _, report = bench.build()
    assert folders(report)[DAY] == (before[DAY][0], True)
    assert bench.rows(report, "access_events", "occurred_at") == [(at("23:59:58"),), (at("12:00:00", NIGHT),)]
    assert (report.records, report.passes, report.folded) == (3, 2, 1)


def test_a_late_record_is_folded_into_the_pass_after_midnight(bench: Bench) -> None:
    bench.deliver("d_1", [record("00:00:01", NIGHT, **CAR)], NIGHT)
    bench.build()
    bench.deliver("d_2", [record("23:59:59", **CAR)], NIGHT + timedelta(days=1))
    _, report = bench.build()
    assert bench.rows(report, "access_events", "occurred_at") == [(at("00:00:01", NIGHT),)]
    assert [(d.date, d.rows, d.reused) for d in report.days] == [(DAY, 0, False), (NIGHT, 1, True)]


def test_nights_one_by_one_equal_one_rebuild(bench: Bench, tmp_path: Path) -> None:
    nights = [
        [record("23:59:58", **CAR), record("00:00:00", NIGHT, **CAR)],
        [record("00:00:02", NIGHT, **CAR), record("00:00:03", NIGHT, **CAR), record("23:59:57", **CAR)],
        [record("23:59:55", **CAR), record("00:00:05", NIGHT, **CAR)],
    ]
    for n, records in enumerate(nights):
        bench.deliver(f"d_{n}", records, NIGHT + timedelta(days=n))
        _, stepwise = bench.build()
    fresh = Bench(bench.settings, bench.con, list(reversed(bench.deliveries)), bench.merges)
    (bench.settings.register / "events").rename(tmp_path / "events of the nights")
    _, rebuilt = fresh.build()
    assert folders(rebuilt).keys() == folders(stepwise).keys()
    for day in rebuilt.days:
        assert not day.reused
        for name in ("access_events", "events_identified", "daily", "folded"):
            old = tmp_path / "events of the nights" / day.date.isoformat() / day.folder.name / f"{name}.parquet"
            assert (
                bench.con.sql(f"FROM '{old}'").fetchall()
                == bench.con.sql(f"FROM '{day.folder / f'{name}.parquet'}'").fetchall()
            )


def test_old_days_are_left_out_and_reported(bench: Bench) -> None:
    old, oldest = NIGHT - timedelta(days=31), NIGHT - timedelta(days=30)
    bench.deliver("d_1", [record("08:00:00", d, **CAR) for d in (old, oldest, DAY)])
    merge, report = bench.build()
    assert [d.date for d in report.days] == [oldest, DAY]
    assert report.skipped_days == (old,)
    assert (report.records, report.passes, report.folded, report.expired) == (3, 2, 0, 1)
    ledger = bench.con.sql(f"FROM '{merge.work / 'events_ledger.parquet'}'").fetchall()
    assert ledger == [("acme", "d_1", "a.csv", 3, 2, 0, 1)]
    assert json.loads((merge.work / "events.json").read_text())["skipped_days"] == [old.isoformat()]


def test_the_ledger_counts_by_file(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:00:00", **CAR), record("08:00:01", **CAR)])
    bench.deliver("d_2", [record("08:00:02", **CAR), record("10:00:00", **CAR)], company="other", file="b!c.csv")
    merge, _ = bench.build()
    ledger = bench.con.sql(f"FROM '{merge.work / 'events_ledger.parquet'}'").fetchall()
    assert ledger == [("acme", "d_1", "a.csv", 2, 1, 1, 0), ("other", "d_2", "b!c.csv", 2, 1, 1, 0)]


def test_a_lost_record_stops_the_merge(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:00:00", **CAR)])
    _, report = bench.build()
    ledger = report.days[0].folder / "ledger.parquet"
    bench.con.execute(f"COPY (SELECT * REPLACE (0::BIGINT AS kept) FROM '{ledger}') TO '{ledger}.new' (FORMAT parquet)")
    Path(f"{ledger}.new").rename(ledger)
    with pytest.raises(RegisterError, match=r"acme/a\.csv: 1 records, 0 kept"):
        bench.build()


def test_without_events_nothing_is_listed(bench: Bench) -> None:
    bench.deliver("d_1", [])
    merge, report = bench.build()
    assert report.days == ()
    assert bench.con.sql(f"FROM '{merge.work / 'events_folded.parquet'}'").fetchall() == []
    nobody = bench.merge()
    object.__setattr__(nobody, "deliveries", ())
    assert build_events(nobody, bench.con).records == 0


def test_pruning_removes_what_no_release_lists(bench: Bench) -> None:
    bench.deliver("d_1", [record("08:00:00", **CAR), record("08:00:00", NIGHT, **CAR)])
    old = bench.build()[1]
    bench.deliver("d_2", [record("09:00:00", **CAR)])
    new = bench.build()[1]
    day = new.days[0].folder.parent
    (day / ".0123456789abcdef.0a1b2c3d").mkdir()
    (day / "notes").mkdir()
    (day / "feedfeedfeedfeed").symlink_to(new.days[0].folder)
    removed = prune_events(bench.settings, [d.folder / "access_events.parquet" for d in new.days[:1]])
    assert {p.name for p in removed} == {old.days[0].folder.name, ".0123456789abcdef.0a1b2c3d", new.days[1].folder.name}
    assert {p.name for p in day.iterdir()} == {new.days[0].folder.name, "notes", "feedfeedfeedfeed"}
    assert not new.days[1].folder.parent.exists()
    assert (day.parent / "deliveries").is_dir()
    assert new.days[0].folder.is_dir()
