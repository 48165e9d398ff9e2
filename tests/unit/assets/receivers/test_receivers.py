"""What a receiver's copy holds, and what it never holds."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any

import duckdb
import pytest
from receiver_nights import DECLARED, PASSES

from assets.receivers.log import publications
from assets.release import publish, read_manifest, unchanged
from resources.keys import keyed, open_restricted, use_hmac_key

BASIS = {"whereabouts": "Order 7 of the court, for the search of a missing person"}
ALL: dict[str, Any] = {"communities": "all", "tables": {**DECLARED["tables"], **PASSES}, "sensitive_basis": BASIS}


def _rows(release: Path, receiver: str, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(release / f"{receiver}.duckdb"), read_only=True) as con:
        return con.sql(query).fetchall()


def _checks(release: Path) -> dict[str, tuple[bool, str]]:
    path = release / "parquet" / "checks.parquet"
    found = duckdb.sql(f"""SELECT "table" || ': ' || "check", passed, observed FROM '{path}' """).fetchall()
    return {name: (passed, observed) for name, passed, observed in found}


@pytest.mark.parametrize("key", ["k", "a key", "x" * 64, "y" * 65, "钥匙"])
def test_the_digest_is_that_of_rfc_2104(key):
    with duckdb.connect() as con:
        use_hmac_key(con, key)
        (found,) = con.execute(f"SELECT {keyed('v')} FROM (VALUES ('r_1张')) t(v)").fetchone()
    assert found == hmac.new(key.encode(), "r_1张".encode(), hashlib.sha256).hexdigest()


def test_a_receiver_gets_what_it_declared_and_nothing_else(nights):
    nights.declare("grid")
    release = nights.publish()
    held = _rows(release, "grid", "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal")
    about = {("about", c) for (c,) in _rows(release, "grid", "SELECT column_name FROM (DESCRIBE about)")}
    assert set(held) - about == {
        ("erasures", "pseudonym"),
        ("erasures", "erased_on"),
        ("residents", "resident_id"),
        ("residents", "name_masked"),
        ("residents", "phone"),
        ("residents", "birth_year"),
        ("occupancies", "resident_id"),
        ("occupancies", "house_id"),
        ("occupancies", "role"),
    }
    with open_restricted(nights.settings, release) as con:
        expected = con.sql(
            """SELECT count(DISTINCT resident_id) FROM restricted.occupancies
            JOIN restricted.houses USING (house_id) JOIN restricted.residents USING (resident_id)
            WHERE community_id = 'c_340199000000001'
                AND coalesce(birth_date + INTERVAL 14 YEAR <= DATE '2026-11-22', true)"""
        ).fetchall()
    assert _rows(release, "grid", "SELECT count(*) FROM residents") == expected
    assert _rows(
        release, "grid", "SELECT count(*) FROM residents WHERE phone LIKE '%*%' OR name_masked NOT LIKE '_*'"
    ) == [(0,)]
    strangers = "SELECT count(*) FROM occupancies ANTI JOIN residents USING (resident_id)"
    assert _rows(release, "grid", strangers) == [(0,)]
    assert (release / "grid.duckdb").stat().st_mode & 0o077 == 0
    assert all(passed for name, (passed, _) in _checks(release).items() if name.startswith("receiver grid"))


def test_two_receivers_cannot_join_their_copies(nights):
    for name in ("grid", "bus"):
        nights.declare(name, **ALL)
    release = nights.publish()
    for table, column in (
        ("residents", "resident_id"),
        ("occupancies", "house_id"),
        ("access_events", "event_id"),
        ("events_identified", "entity_id"),
    ):
        grid, bus = (_rows(release, r, f"SELECT {column} FROM {table}") for r in ("grid", "bus"))
        assert len(grid) == len(bus) > 20 or column == "entity_id"
        assert not set(grid) & set(bus)
        with open_restricted(nights.settings, release) as con:
            ours = con.sql(f"SELECT CAST({column} AS VARCHAR) FROM restricted.{table}").fetchall()
        assert not set(grid) & set(ours)
    # nor by the place of a row: the phones, equal in both, lie in another order
    phones = [[p for (p,) in _rows(release, r, "SELECT phone FROM residents")] for r in ("grid", "bus")]
    assert phones[0] != phones[1] and sorted(phones[0]) == sorted(phones[1])
    # inside one copy they do join
    assert _rows(release, "grid", "SELECT count(*) FROM occupancies ANTI JOIN residents USING (resident_id)") == [(0,)]
    assert _rows(
        release, "grid", "SELECT count(*) FROM events_identified ANTI JOIN access_events USING (event_id)"
    ) == [(0,)]


def test_pseudonyms_are_the_same_every_night(nights):
    nights.declare("grid")
    first, second = nights.publish(), nights.publish("UPDATE residents SET name = 'x' WHERE resident_id = 'r_3'")
    query = "SELECT resident_id FROM residents"
    assert first != second and set(_rows(first, "grid", query)) == set(_rows(second, "grid", query))


def test_a_childs_pass_is_never_given_with_the_child(nights):
    # r_1 passes; the day files were written when a wrong birth date was known
    child = "UPDATE residents SET birth_date = DATE '2015-01-01' WHERE resident_id = 'r_1'"
    children = {"children": "Guardians agreed in writing, form GZ-3"}
    nights.declare("grid", **{**ALL, "sensitive_basis": {**BASIS, **children}})
    nights.declare("bus", **ALL)
    merge = nights.merge(child)
    candidate = nights.release(merge)
    assert _rows(candidate.folder, "grid", "SELECT count(*) FROM events_identified") == [(0,)]
    counts = [_rows(candidate.folder, r, "SELECT count(*) FROM residents")[0][0] for r in ("grid", "bus")]
    with duckdb.connect() as con:
        under, everyone = con.sql(
            f"""SELECT count(*) FILTER (birth_date + INTERVAL 14 YEAR > DATE '2026-11-22'), count(*)
            FROM '{merge.tables / "residents.parquet"}'"""
        ).fetchone()
    assert under > 0 and counts == [everyone, everyone - under]


def test_the_audit_finds_a_childs_pass(nights, monkeypatch):
    nights.declare("grid", **ALL)
    merge = nights.merge("UPDATE residents SET birth_date = DATE '2015-01-01' WHERE resident_id = 'r_1'")
    monkeypatch.setattr("assets.receivers.build.OF_AGE", 0)
    candidate = nights.release(merge)
    checks = _checks(candidate.folder)
    assert checks["receiver grid: no_children"][0] is False
    with pytest.raises(Exception, match="no_children"):
        publish(candidate, merge)


def test_one_that_expired_gets_nothing_and_the_others_are_served(nights):
    nights.declare("grid")
    nights.declare("bus", expires_on="2026-01-31")
    release = nights.publish()
    assert (release / "grid.duckdb").exists() and not (release / "bus.duckdb").exists()
    passed, said = _checks(release)["receiver bus: served"]
    assert not passed and "expired on 2026-01-31" in said and "config/receivers/bus.yaml" in said


def test_a_release_is_made_anew_when_a_receiver_expires(nights):
    nights.declare("grid")
    nights.publish()
    merge = nights.merge()
    before = read_manifest(merge.previous)["receivers_fingerprint"]
    nights.declare("grid", expires_on="2026-01-31")
    assert not unchanged(merge)
    release = nights.publish()
    assert not (release / "grid.duckdb").exists()
    assert read_manifest(release)["receivers_fingerprint"] != before


@pytest.mark.parametrize("missing", ["purpose", "legal_basis", "legal_reference", "contact", "expires_on", "tables"])
def test_one_that_is_incomplete_gets_nothing(nights, missing):
    nights.declare("grid", without=(missing,))
    release = nights.publish()
    assert not (release / "grid.duckdb").exists()
    passed, said = _checks(release)["receiver grid: served"]
    assert not passed and f"grid.yaml: {missing}: missing" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"communities": ["c_1"]}, "no feed file declares c_1"),
        ({"tables": {"sources": {"columns": ["entity_id"]}}}, "no table that can be given"),
        ({"tables": {"residents": {"columns": ["ethnicity"]}}}, "has no column 'ethnicity'"),
        ({"tables": {"residents": {"columns": ["id_number"]}}}, "masks: {id_number: none}"),
        ({"tables": {"residents": {"columns": ["sex"], "masks": {"sex": "name"}}}}, "is no mask of it"),
        ({"tables": PASSES}, "sensitive_basis.whereabouts"),
        (
            {"tables": {"residents": {"columns": ["birth_date"], "masks": {"birth_date": "none"}}}},
            "sensitive_basis.birth_dates",
        ),
        ({"purpose": "misc"}, "purpose"),
        ({"watchlist": True}, "unknown key"),
    ],
)
def test_what_may_not_be_declared_is_said(nights, changes, said):
    nights.declare("grid", **changes)
    release = nights.publish()
    assert not (release / "grid.duckdb").exists()
    assert said in _checks(release)["receiver grid: served"][1]


def test_without_a_key_of_its_own_nothing_is_given(nights, monkeypatch):
    for name in ("grid", "bus", "third"):
        nights.declare(name)
    monkeypatch.setenv("REGISTER_RECEIVER_KEY_BUS", "key of grid")
    release = nights.publish()
    assert list(release.glob("*.duckdb")) and not any(
        (release / f"{n}.duckdb").exists() for n in ("grid", "bus", "third")
    )
    checks = _checks(release)
    assert "that of another receiver" in checks["receiver grid: served"][1]
    assert "community-register receivers key third" in checks["receiver third: served"][1]


def test_every_publication_is_recorded_before_the_switch_and_once(nights):
    nights.declare("grid")
    nights.declare("bus", communities="all")
    merge = nights.merge()
    candidate = nights.release(merge)
    assert publications(nights.settings) == []
    release = publish(candidate, merge)
    publish(candidate, merge)
    said = [line.said for line in publications(nights.settings)]
    assert [(s["receiver"], s["release_id"]) for s in said] == [("bus", release.name), ("grid", release.name)]
    assert said[1]["purpose"] == DECLARED["purpose"] and said[1]["expires_on"] == "2099-12-31"
    assert said[1]["tables"]["residents"] > 20
    assert said[1]["sha256"] == hashlib.sha256((release / "grid.duckdb").read_bytes()).hexdigest()
