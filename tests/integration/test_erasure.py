"""A person who asks to be erased is nowhere afterwards, does not come back, and nobody else notices."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from erasure_city import ID, NAME, PHONE, PLATE, SHARED, VALUES, City, holders
from typer.testing import CliRunner

from assets.erase import erase as erasing
from assets.erase import releases
from assets.erase.erase import erase
from assets.erase.journal import journal_path
from assets.explain import UnknownId
from assets.receivers.log import verify
from assets.release import list_releases, read_manifest, rollback
from benchmarks.faults.erasures import kill_erasures
from benchmarks.faults.progress import bar
from pipelines.cli.app import app
from resources.keys import KeyProblem

TOMORROW = "20261121"


KEYS = ("REGISTER_KEY", "REGISTER_KEY_FILE", "REGISTER_KEY_PREVIOUS", "REGISTER_ERASURE_KEY")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """After two nights, so that there is an old release; without the suites, which take seconds each night. A copy of
    its data lies in ``pristine``, to be put back: the views of a release name its place."""
    with pytest.MonkeyPatch.context() as patch:
        for name in KEYS:
            patch.delenv(name, raising=False)
        patch.setenv("REGISTER_RECEIVER_KEY_GRID", "key of grid")
        patch.setattr("assets.release.audit.run_suites", lambda database, tables: [])
        patch.setattr("assets.landing.plan.time.sleep", lambda _: None)
        found = City(tmp_path_factory.mktemp("erasure"))
        found.drop_all("20261120")
        found.night()
        found.drop_all("20261120", extra="滨湖明珠,3,2,700,郑样例,,13800000005\n")
        found.night()
        shutil.copytree(found.settings.data, found.settings.data.with_name("pristine"), symlinks=True)
        yield found


@pytest.fixture
def city(built: City) -> City:
    """The same, as it was."""
    shutil.rmtree(built.settings.data)
    shutil.copytree(built.settings.data.with_name("pristine"), built.settings.data, symlinks=True)
    return built


def _given(release: Path, query: str) -> Any:
    with duckdb.connect(str(release / "grid.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def _intact(release: Path) -> None:
    """Every file of a release has the digest, and every table the rows, that the manifest tells."""
    manifest = read_manifest(release)
    for name, told in manifest["files"].items():
        assert hashlib.sha256((release / name).read_bytes()).hexdigest() == told["sha256"], name
    with duckdb.connect(str(release / "curated.duckdb"), read_only=True) as con:
        for table, told in manifest["tables"].items():
            if told["where"] != "restricted" and table != "data_dictionary":  # each database describes itself
                assert con.execute(f'SELECT count(*) FROM "{table}"').fetchall() == [(told["rows"],)], table


def test_nothing_is_left_of_a_person_anywhere(city: City) -> None:
    her = city.her()
    assert len(holders(city.settings, VALUES)) > 10
    (plate,) = city.query(f"SELECT vehicle_id FROM vehicles WHERE plate = '{PLATE}'")
    ((everybody,),) = city.query("SELECT count(*) FROM residents")
    ((hers,),) = city.query(f"SELECT count(*) FROM residents WHERE name = '{NAME}'")  # name and house alone join nobody
    passes = city.query("SELECT count(*) FROM access_events")
    release = city.settings.current.resolve()

    proof = erase(city.settings, her)

    assert holders(city.settings, VALUES) == []
    assert proof.searched["found"] == 0 and proof.searched["ID numbers"] == 2 and proof.searched["names"] == 1
    assert proof.shared == {"phones": 1}
    assert {"landing", "standard", "drop", "ledger", "releases"} <= set(proof.places)
    said = json.dumps(proof.__dict__, ensure_ascii=False)
    assert not any(v in said for v in (*VALUES, SHARED))
    assert city.query(f"SELECT current_id('{her}')") == [(None,)]
    # others are where they were, in the same releases under the same names
    assert city.query("SELECT count(*) FROM residents") == [(everybody - hers,)]
    assert city.query("SELECT count(*) FROM access_events") == passes  # they say nobody's name
    assert city.query(f"SELECT count(*) FROM residents WHERE phone = '{SHARED}'") == [(1,)]
    for table in ("sources", "events_identified", "changes"):
        assert city.query(f"SELECT count(*) FROM {table} WHERE entity_id IN ('{her}', '{plate[0]}')") == [(0,)]
    assert city.settings.current.resolve() == release
    for kept in list_releases(city.settings):
        _intact(kept.folder)
    assert len(_given(release, "SELECT name FROM residents")) == everybody - hers
    assert verify(city.settings).faults == ()
    assert set(city.balances()) == {0}


def test_the_next_nights_do_not_bring_her_back(city: City) -> None:
    her = city.her()
    erase(city.settings, her)
    city.drop_all("20261120", extra="滨湖明珠,3,2,700,郑样例,,13800000005\n")  # the very files again
    city.drop_all(TOMORROW)  # and tomorrow's, in which she stands as before
    release = city.night()
    assert holders(city.settings, VALUES) == []
    assert set(city.balances()) == {0}
    summary = dict(
        city.query("SELECT company, sum(records) FROM quarantine_summary WHERE reason = 'erased' GROUP BY 1")
    )
    assert summary["acme"] >= 6 and summary["beta"] >= 4
    assert city.query("SELECT DISTINCT raw FROM quarantine WHERE list_contains(reasons, 'erased:row')") == [("{}",)]
    assert city.query("SELECT count(*) FROM residents WHERE name LIKE '邻居%'") == [(8,)]
    # the receiver is told whom to delete, under its own pseudonyms
    gone = _given(release, "SELECT pseudonym FROM erasures ORDER BY 1")
    assert {p[0][:2] for p in gone} == {"r_", "v_"} and her not in str(gone)
    city.load()
    assert holders(city.settings, VALUES) == []


def test_readers_and_rollback_go_on(city: City) -> None:
    first, second = (r.release_id for r in list_releases(city.settings))
    seen: list[int] = []
    errors: list[Exception] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                folder = city.settings.current.resolve(strict=True)
                with duckdb.connect() as con:
                    con.execute(f"ATTACH '{folder / 'curated.duckdb'}' AS it (READ_ONLY)")
                    seen.append(con.execute("SELECT count(*) FROM it.residents").fetchall()[0][0])
                    con.execute("SELECT count(*) FROM it.access_events").fetchall()
            except Exception as e:
                errors.append(e)

    reader = threading.Thread(target=read)
    reader.start()
    erase(city.settings, city.her())
    stop.set()
    reader.join()
    assert errors == [] and len(seen) > 5
    assert len(set(seen)) <= 2 and sorted(seen, reverse=True) == seen
    rollback(city.settings, first)
    assert city.query(f"SELECT count(*) FROM residents WHERE name = '{NAME}'") == [(0,)]
    rollback(city.settings, second)


@pytest.mark.parametrize(
    "where",
    ["judge_again", "_register", "clean_release", "search"],
)
def test_an_erasure_that_was_cut_off_is_finished(city: City, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    her, calls = city.her(), 0
    original = getattr(erasing, where)

    def killed(*given: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        done = original(*given, **more)
        if calls == 1:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(erasing, where, killed)
    with pytest.raises(KeyboardInterrupt):
        erase(city.settings, her)
    assert journal_path(city.settings).exists()
    proof = erase(city.settings, her)
    assert proof.searched["names"] == 1 and not journal_path(city.settings).exists()
    assert holders(city.settings, VALUES) == []
    assert set(city.balances()) == {0}
    for kept in list_releases(city.settings):
        _intact(kept.folder)


def test_nothing_is_erased_where_releases_cannot_be_exchanged(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    her, before = city.her(), holders(city.settings, VALUES)
    monkeypatch.setattr(releases.ctypes, "CDLL", lambda *_, **__: object())
    with pytest.raises(releases.CannotExchange, match="exchange two folders"):
        erase(city.settings, her)
    assert not journal_path(city.settings).exists()
    assert holders(city.settings, VALUES) == before != []
    assert not (city.settings.releases / ".exchange").exists()


def test_an_erasure_killed_at_any_operation_is_finished_by_the_next_call(city: City) -> None:
    with bar("erasures", 3) as tell:
        found = kill_erasures(
            city.settings,
            city.her(),
            VALUES,
            tell,
            number=3,
            seed=7,
            environ={"REGISTER_RECEIVER_KEY_GRID": "key of grid"},
        )
    assert found.wrong == []
    assert (found.erasures, found.finished, found.late) == (3, 3, 0)
    assert (found.mixed, found.read_errors, found.found) == (0, 0, 0)
    assert found.reads > 0 and found.operations > 50
    assert holders(city.settings, VALUES) == []


def test_files_that_nobody_reads_are_searched_too(city: City) -> None:
    city.put("acme/说明_20261120.txt", f"{NAME} {PHONE}".encode("gb18030"))
    city.put("acme/说明_无关.txt", "邻居甲".encode())
    city.put("beta/residents_20261122.csv", f"姓名,备注\n{NAME},{ID}\n".encode())
    city.load()
    erase(city.settings, city.her())
    assert holders(city.settings, VALUES) == []
    assert (city.settings.drop / "acme" / "说明_无关.txt").exists()


def test_what_cannot_be_done_is_said(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownId, match="r_0000"):
        erase(city.settings, "r_0000000000000000")
    assert not journal_path(city.settings).exists()
    her = city.her()
    erase(city.settings, her)
    with pytest.raises(UnknownId):
        erase(city.settings, her)
    monkeypatch.setenv("REGISTER_ERASURE_KEY", "another")
    city.drop_all(TOMORROW)
    with pytest.raises(KeyProblem, match="REGISTER_ERASURE_KEY"):
        city.load()


def test_the_command_prints_a_proof_without_personal_data(city: City) -> None:
    roots = ["--data", str(city.settings.data), "--config", str(city.settings.config)]
    her = city.her()
    refused = CliRunner().invoke(app, ["erase", her, *roots], input="n\n")
    assert refused.exit_code == 1 and city.her() == her
    done = CliRunner().invoke(app, ["erase", her, "--yes", *roots])
    assert done.exit_code == 0 and "0 found" in done.output and "grid is told to delete" in done.output
    assert not any(v in done.output for v in (*VALUES, SHARED))
    again = CliRunner().invoke(app, ["erase", her, "--yes", *roots])
    assert again.exit_code == 1
