"""A release from a made-up register: what is in it, who can read it, and how it becomes current."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from registers import SECRET_NAME, STARTED, Nights, deliver

from assets.release import (
    AuditFailed,
    StaleMerge,
    audit_release,
    build_release,
    list_releases,
    load_candidate,
    publish,
    read_manifest,
    rollback,
    unchanged,
)
from expectations.contracts.tables import TABLES
from expectations.dictionary import columns_of, tables_of
from resources.duck import connect
from resources.keys import KeyProblem, open_restricted


def curated(folder: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(folder / "curated.duckdb"), read_only=True)


def one(con: duckdb.DuckDBPyConnection, query: str) -> tuple:
    row = con.execute(query).fetchone()
    assert row is not None
    return row


def test_open_tables_are_as_declared_and_masked(nights: Nights) -> None:
    folder = nights.publish()
    with curated(folder) as con:
        assert {t for (t,) in con.execute("SHOW TABLES").fetchall()} == {t.name for t in tables_of(is_open=True)}
        assert one(con, "FROM residents WHERE resident_id = 'r_7'")[:6] == (
            "r_7",
            "欧*",
            "female",
            1941,
            "resident_id",
            False,
        )
        assert one(con, "SELECT phone_masked FROM residents WHERE resident_id = 'r_7'") == ("138****0007",)
        assert one(con, "SELECT plate_masked FROM vehicles WHERE vehicle_id = 'v_7'") == ("皖A***07",)
        ids = [r[0] for r in con.execute("SELECT resident_id FROM residents").fetchall()]
        assert ids == sorted(ids)
        comments = dict(
            con.execute(
                "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'access_events'"
            ).fetchall()
        )
        assert comments["gate"] == "gate, door or lane · 通道"


def test_each_database_describes_itself(nights: Nights) -> None:
    folder = nights.publish()
    with curated(folder) as con, open_restricted(nights.settings) as full:
        query = 'SELECT "table", "column" FROM data_dictionary'
        for database, is_open in ((con, True), (full, False)):
            told = set(database.execute(query).fetchall())
            assert told == {
                (t.name, e.column) for t in tables_of(is_open=is_open) for e in columns_of(t, is_open=is_open)
            }


def test_days_are_read_from_anywhere(nights: Nights, tmp_path: Path) -> None:
    folder = nights.publish()
    code = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True);"
        'print(con.execute("SELECT count(*), min(typeof(occurred_at)) FROM access_events").fetchone())'
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    database = str(folder / "curated.duckdb")
    said = subprocess.run(
        [sys.executable, "-c", code, database], check=False, cwd=elsewhere, capture_output=True, text=True
    )
    assert said.stdout.strip() == "(1000, 'TIMESTAMP WITH TIME ZONE')", said.stderr


def test_no_days_make_empty_tables(nights: Nights) -> None:
    with curated(nights.publish(days=())) as con:
        described = con.execute("DESCRIBE access_events").fetchall()
        assert one(con, "SELECT count(*) FROM access_events") == (0,)
        assert [d[0] for d in described] == [c.name for c in TABLES["access_events"].columns]


def test_a_night_links_the_days_it_did_not_touch(nights: Nights) -> None:
    first = nights.publish()
    second = nights.publish(days=("2026-11-21", "2026-11-22"))
    for name in ("access_events", "events_identified"):
        old, new = (f / "events" / name / "2026-11-21.parquet" for f in (first, second))
        assert os.path.samefile(old, new)
    assert not any(d["is_new"] for d in read_manifest(second)["days"]["access_events"].values())


def test_names_are_nowhere_in_the_clear(nights: Nights) -> None:
    folder = nights.publish()
    with open_restricted(nights.settings) as con:
        assert one(con, "SELECT name FROM residents WHERE resident_id = 'r_7'") == (f"{SECRET_NAME}7",)
        assert one(con, "SELECT count(*) FROM quarantine WHERE raw LIKE '%name%'") == (2,)
        assert one(con, "SELECT count(*) FROM events_identified") == (250,)
    for path in folder.rglob("*"):
        assert path.is_dir() or SECRET_NAME.encode() not in path.read_bytes(), path.name
    identified = folder / "events" / "events_identified" / "2026-11-21.parquet"
    assert b"PARE" in (identified.read_bytes()[:4], identified.read_bytes()[-4:])  # PAR1 would be a plain file
    for secret in (folder / "restricted.duckdb", identified, nights.settings.data / "keys" / "restricted.key"):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_without_the_key_nothing_opens(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = nights.publish()
    with pytest.raises(duckdb.Error, match="without a key"):
        duckdb.connect(str(folder / "restricted.duckdb"), read_only=True)
    monkeypatch.setenv("REGISTER_KEY", "another")
    with pytest.raises(KeyProblem, match="REGISTER_KEY"), open_restricted(nights.settings):
        pass
    monkeypatch.delenv("REGISTER_KEY")
    (nights.settings.data / "keys" / "restricted.key").unlink()
    with pytest.raises(KeyProblem, match="cannot be read"), open_restricted(nights.settings):
        pass


def test_a_changed_key_needs_the_old_one_for_a_night(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    nights.publish()
    old = (nights.settings.data / "keys" / "restricted.key").read_text().strip()
    monkeypatch.setenv("REGISTER_KEY", "new")
    with pytest.raises(KeyProblem):
        nights.publish()
    monkeypatch.setenv("REGISTER_KEY_PREVIOUS", old)
    nights.publish()
    with open_restricted(nights.settings) as con:
        assert one(con, "SELECT count(*) FROM events_identified") == (250,)


def test_storage_versions(nights: Nights) -> None:
    folder = nights.publish()
    with connect(nights.settings) as con:
        con.execute(f"ATTACH '{folder / 'curated.duckdb'}' AS c (READ_ONLY)")
        tags = one(con, "SELECT tags FROM duckdb_databases() WHERE database_name = 'c'")[0]
    assert tags["storage_version"].startswith("v1.2.0")
    assert not list(folder.glob("*.wal"))


def test_equal_content_is_provable(nights: Nights) -> None:
    first = read_manifest(nights.publish())
    second = read_manifest(nights.publish())
    third = read_manifest(nights.publish("UPDATE houses SET floor = 2 WHERE house_id = 'h_1'"))
    assert first["content_fingerprint"] == second["content_fingerprint"] != third["content_fingerprint"]


def test_unchanged_until_something_arrives_or_fails(nights: Nights) -> None:
    assert not unchanged(nights.merge())
    nights.publish()
    assert unchanged(nights.merge())
    deliver(nights.settings, "d_broken", "residents", status="failed", code="file_cut", message="cut short; send again")
    assert not unchanged(nights.merge())
    with curated(nights.publish()) as con:
        told = con.execute("SELECT status, rows_read, message FROM loads ORDER BY status").fetchall()
    assert told == [("failed", 0, "cut short; send again"), ("loaded", 1002, None), ("loaded", 3, None)]


def test_changes_tell_what_happened(nights: Nights) -> None:
    nights.publish()
    born = "SELECT '{0}' AS entity_type, '{1}' AS entity_id, '{2}' AS event, {3} AS other_id, 'x' AS cause, "
    born += "DATE '2026-11-22' AS as_of, 'm2' AS release_id"
    folder = nights.publish(
        "UPDATE residents SET phone = '13900000001', last_seen = DATE '2026-11-23' WHERE resident_id = 'r_1'",
        "UPDATE residents SET last_seen = DATE '2026-11-23' WHERE resident_id = 'r_2'",
        "UPDATE vehicles SET vehicle_id = 'v_new' WHERE vehicle_id = 'v_3'",
        "UPDATE vehicle_holdings SET vehicle_id = 'v_new' WHERE vehicle_id = 'v_3'",
        "UPDATE sources SET entity_id = 'v_new' WHERE entity_id = 'v_3'",
        f"INSERT INTO id_ledger {born.format('vehicle', 'v_new', 'split', chr(39) + 'v_4' + chr(39))}",
        f"INSERT INTO id_ledger {born.format('vehicle', 'v_3', 'merged', chr(39) + 'v_4' + chr(39))}",
    )
    with curated(folder) as con:
        rows = con.execute("SELECT entity_id, change, other_id, changed_columns FROM changes").fetchall()
        release_id = one(con, "SELECT DISTINCT release_id FROM changes")[0]
    assert rows == [
        ("r_1", "updated", None, ["phone"]),
        ("v_3", "merged", "v_4", None),
        ("v_new", "split", "v_4", None),
    ]
    # tonight's entries of the ledger have the release's name, in the release and in what the next night reads
    ledger = nights.settings.ledger / release_id / "id_ledger.parquet"
    with duckdb.connect() as con:
        named = con.execute("SELECT entity_id FROM read_parquet(?) WHERE release_id = ?", [str(ledger), release_id])
        assert sorted(named.fetchall()) == [("v_3",), ("v_new",)]


def test_parquet_copies_are_the_open_tables(nights: Nights) -> None:
    """Masked tables are written, those that are open as they are come from the register; both row for row in order."""
    folder = nights.publish()
    copies = {path.stem: path for path in (folder / "parquet").iterdir()}
    assert {"residents", "occupancies", "checks"} <= set(copies)
    with curated(folder) as con:
        for table, path in copies.items():
            copy, shown = con.sql(f"FROM read_parquet('{path}')"), con.sql(f"FROM {table}")
            assert (copy.columns, copy.types) == (shown.columns, shown.types), table
            assert copy.fetchall() == shown.fetchall(), table


def test_a_failed_audit_keeps_the_old_release(audited_nights: Nights) -> None:
    nights = audited_nights
    old = nights.publish()
    merge = nights.merge("UPDATE houses SET status = 'haunted' WHERE house_id = 'h_1'")
    candidate = nights.release(merge)
    with pytest.raises(AuditFailed, match=r"houses\.values\.status: found 1 rows otherwise \(h_1\)") as said:
        publish(candidate, merge)
    page = (nights.settings.releases / "failed" / f"{candidate.release_id}.html").read_text()
    assert "Not released, failed checks: 2" in page and "<dd>h_1</dd>" in page
    assert page.index("houses.values.status") < page.index("By table")
    assert "haunted" not in page and SECRET_NAME not in page
    assert SECRET_NAME not in str(said.value)
    assert nights.settings.current.resolve() == old
    assert [r.release_id for r in list_releases(nights.settings)] == [old.name]
    report = json.loads((nights.settings.releases / "failed" / f"{candidate.release_id}.json").read_text())
    assert (report["follows"], report["inputs_fingerprint"]) == (old.name, merge.inputs_fingerprint)
    broken = [(r["check"], r["examples"]) for r in report["checks"] if not r["passed"] and r["severity"] == "error"]
    assert broken == [("gx.values.status", ["h_1"]), ("values.status", ["h_1"])]


def test_rows_out_of_order_are_not_released(nights: Nights) -> None:
    """By the key, which is the order of residents, and by an order that is not the key, as that of houses."""
    merge = nights.merge()
    for name in ("residents", "houses"):
        file = merge.tables / f"{name}.parquet"
        with duckdb.connect() as con:
            rows = con.execute(f"SELECT * FROM '{file}' ORDER BY ALL DESC").to_arrow_table()  # noqa: F841
            con.execute(f"COPY rows TO '{file}'")
    candidate = nights.release(merge)
    with pytest.raises(AuditFailed, match=r"houses\.in_order: .*residents\.unique_key: found \d+ rows") as said:
        publish(candidate, merge)
    assert SECRET_NAME not in str(said.value)


def test_a_merge_that_follows_another_release_is_refused(nights: Nights) -> None:
    nights.publish()
    slow = nights.merge()
    candidate = nights.release(slow)
    fast = nights.merge()
    publish(nights.release(fast), fast)
    with pytest.raises(StaleMerge, match="run the merge again"):
        publish(candidate, slow)


def test_old_releases_go_with_their_ledgers(nights: Nights) -> None:
    nights.keep = 2
    published = [nights.publish() for _ in range(3)]
    kept = [p.name for p in published[-2:]]
    assert [r.release_id for r in list_releases(nights.settings)] == kept
    assert sorted(p.name for p in nights.settings.ledger.iterdir()) == kept
    assert [p.name for p in nights.settings.register.iterdir() if p.name != "events"] == ["m3"]
    with curated(published[-1]) as con:
        assert one(con, "SELECT count(*) FROM releases") == (3,)


def test_rollback_and_on_from_there(nights: Nights) -> None:
    first, second = nights.publish(), nights.publish()
    assert rollback(nights.settings, first.name) == first
    assert nights.settings.current.resolve() == first
    assert [r.is_current for r in list_releases(nights.settings)] == [True, False]
    third = nights.publish()
    assert read_manifest(third)["previous"] == first.name
    assert third.name > second.name
    with pytest.raises(FileNotFoundError, match=first.name):
        rollback(nights.settings, "nonsense")


def test_publishing_twice_changes_nothing(nights: Nights) -> None:
    merge = nights.merge()
    candidate = nights.release(merge)
    assert publish(candidate, merge) == publish(load_candidate(merge), merge)


def test_building_again_replaces_the_candidate(nights: Nights) -> None:
    merge = nights.merge()
    with connect(nights.settings) as con:
        first = build_release(merge, con, started_at=STARTED)
        second = build_release(merge, con, started_at=STARTED)
        audit_release(second, merge, con)
        audit_release(second, merge, con)  # a step that is retried
    assert not first.folder.exists() or first.folder == second.folder
    publish(second, merge)
    with curated(second.final) as con:
        assert one(con, 'SELECT count(*) - count(DISTINCT ("check", "table")) FROM checks') == (0,)


def test_a_candidate_that_was_not_audited_is_refused(nights: Nights) -> None:
    merge = nights.merge()
    with connect(nights.settings) as con:
        candidate = build_release(merge, con, started_at=STARTED)
    with pytest.raises(FileNotFoundError):
        publish(candidate, merge)


def test_a_build_that_fails_leaves_nothing(nights: Nights) -> None:
    merge = nights.merge()
    (merge.tables / "vehicles.parquet").unlink()
    with connect(nights.settings) as con, pytest.raises(duckdb.IOException):
        build_release(merge, con, started_at=STARTED)
    assert list(nights.settings.releases.iterdir()) == []


_READER = """
import json, pathlib, sys, time, duckdb
current, stop = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
reads, seen = 0, set()
print("ready", flush=True)
while not stop.exists():
    folder = current.resolve(strict=True)
    con = duckdb.connect(str(folder / "curated.duckdb"), read_only=True)
    marks = con.execute("SELECT (SELECT DISTINCT floor FROM houses), (SELECT DISTINCT source_count FROM residents), "
        "(SELECT count(*) FROM access_events), (SELECT max(release_id) FROM releases)").fetchone()
    con.close()
    assert marks[0] == marks[1] and marks[2] == 1000 and marks[3] == folder.name, marks
    reads += 1
    seen.add(marks[3])
print(reads, len(seen))
"""


def test_a_reader_meets_whole_releases_only(nights: Nights, tmp_path: Path) -> None:
    """A reader in another process during twenty switches, back and forth between releases and on to new ones."""

    def marked(n: int) -> Path:
        merge = nights.merge(f"UPDATE houses SET floor = {n}", f"UPDATE residents SET source_count = {n}")
        with connect(nights.settings) as con:
            candidate = build_release(merge, con, started_at=STARTED)
        # the marks break a rule on purpose, and 20 audits would only take time: this is about the switch
        (candidate.folder / "manifest.json").write_text(
            json.dumps({"created_at": STARTED.isoformat(), "as_of": "", "content_fingerprint": "", "tables": {}})
        )
        checks = candidate.folder / "parquet" / "checks.parquet"
        with duckdb.connect() as con:
            con.execute(
                "COPY (SELECT '' AS \"check\", '' AS \"table\", true AS passed, '' AS observed, '' AS expected, "
                f"'error' AS severity, []::VARCHAR[] AS examples) TO '{checks}'"
            )
        return publish(candidate, merge)

    marked(1)
    stop = tmp_path / "stop"
    reader = subprocess.Popen(
        [sys.executable, "-c", _READER, str(nights.settings.current), str(stop)], stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None and reader.stdout.readline() == "ready\n"
    for n in range(2, 6):  # five switches each
        folder = marked(n)
        older = list_releases(nights.settings)[-2].release_id
        for name in (older, folder.name, older, folder.name):
            rollback(nights.settings, name)
            time.sleep(0.05)
    stop.touch()
    out, _ = reader.communicate(timeout=30)
    reads, releases = map(int, out.split())
    assert reader.returncode == 0 and reads > 5 and releases > 1
