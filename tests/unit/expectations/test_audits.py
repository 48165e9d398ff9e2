"""Audits and privacy rules: each finds what it is there to find, and says so without a value."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from expectations.audits import audit, audit_check
from expectations.checks import CheckResult
from expectations.contracts.tables import TABLES
from expectations.dictionary import columns_of, tables_of
from expectations.privacy import column_audits, mask_audit, text_audit
from expectations.relations import Check, Relation, relations, table_relation

_SEEN = "DATE '2026-11-20', DATE '2026-11-20'"
HOUSE = f"'h_1', 'c_1', '1', '1', 5, '502', 'residential', 'private', 'let', 90.0, 0, 1, {_SEEN}"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Empty databases as the contract declares them, without constraints."""
    with duckdb.connect() as con:
        for database, is_open in (("curated", True), ("restricted", False)):
            con.execute(f"ATTACH ':memory:' AS {database}")
            for table in tables_of(is_open=is_open):
                columns = ", ".join(f'"{e.column}" {e.type}' for e in columns_of(table, is_open=is_open))
                con.execute(f'CREATE TABLE {database}."{table.name}" ({columns})')
        con.execute("INSERT INTO restricted.communities VALUES ('c_1', 'x', 'acme', NULL, NULL, 1, 0, 0)")
        con.execute("INSERT INTO restricted.sources (entity_type, entity_id) VALUES ('house', 'h_1')")
        yield con


def failed(results: Iterator[CheckResult]) -> dict[str, str]:
    return {r.check: r.observed for r in results if not r.passed}


def houses(con: duckdb.DuckDBPyConnection, *rows: str) -> dict[str, str]:
    for row in rows:
        con.execute(f"INSERT INTO restricted.houses VALUES ({row})")
    return failed(audit(con, table_relation(TABLES["houses"], "restricted")))


def test_good_rows_pass(con: duckdb.DuckDBPyConnection) -> None:
    assert houses(con, HOUSE) == {}


@pytest.mark.parametrize(
    ("old", "new", "check", "observed"),
    [
        ("'c_1'", "NULL", "not_null.community_id", "1 rows otherwise"),
        ("'c_1'", "'c_2'", "references.community_id", "1 rows otherwise"),
        ("'let'", "'haunted'", "values.status", "1 rows otherwise"),
        ("90.0", "3.0", "range.area_m2", "1 rows otherwise"),
        ("5, '502'", "4, '502'", "floor_of_room", "1 rows otherwise"),
    ],
)
def test_a_bad_value_is_found(con: duckdb.DuckDBPyConnection, old: str, new: str, check: str, observed: str) -> None:
    assert houses(con, HOUSE.replace(old, new, 1)) == {check: observed}


def test_a_key_held_twice_is_found(con: duckdb.DuckDBPyConnection) -> None:
    assert houses(con, HOUSE, HOUSE) == {"unique_key": "1 rows otherwise"}


def test_broken_rows_are_named_by_their_key(con: duckdb.DuckDBPyConnection) -> None:
    bad = [HOUSE.replace("h_1", f"h_{n:02}").replace("'let'", "'haunted'").replace("'c_1'", "'c_2'") for n in range(30)]
    for row in [HOUSE, *bad, bad[0]]:
        con.execute(f"INSERT INTO restricted.houses VALUES ({row})")
    broken = {r.check: r for r in audit(con, table_relation(TABLES["houses"], "restricted")) if not r.passed}
    assert broken["values.status"].observed == "31 rows otherwise"
    named = tuple(f"h_{n:02}" for n in range(20))
    assert broken["values.status"].examples == broken["references.community_id"].examples == named
    assert broken["unique_key"].examples == ("h_00",)
    said = "houses.unique_key: found 1 rows otherwise (h_00), expected house_id is unique"
    assert str(broken["unique_key"]) == said
    assert "h_04, …)" in str(broken["values.status"]) and "h_05" not in str(broken["values.status"])


def test_the_rows_that_break_a_rule_are_named_by_their_ids(con: duckdb.DuckDBPyConnection) -> None:
    for n in (1, 2):
        con.execute(
            "INSERT INTO restricted.residents BY NAME SELECT $1 AS resident_id, '某' AS name, '340199X' AS id_number, "
            "true AS id_verified, 0 AS source_count, DATE '2026-11-20' AS first_seen, DATE '2026-11-20' AS last_seen",
            [f"r_{n}"],
        )
    relation = table_relation(TABLES["residents"], "restricted")
    check = next(c for c in relation.checks if c.name == "one_person_per_number")
    result = audit_check(con, relation, check)
    assert (result.passed, result.observed, result.examples) == (False, "1 rows otherwise", ("r_1 r_2",))
    assert "340199X" not in str(result)


def test_another_column_or_type_is_found(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("ALTER TABLE restricted.houses ALTER floor TYPE VARCHAR")
    assert houses(con) == {"schema": "floor VARCHAR, no floor INTEGER"}


ALL = [(r, c) for r in relations() if r.database != "standard" for c in r.checks]


@pytest.mark.parametrize(("relation", "check"), ALL, ids=[f"{r.database}.{r.name}.{c.name}" for r, c in ALL])
def test_every_check_is_a_query_over_the_contract(
    con: duckdb.DuckDBPyConnection, relation: Relation, check: Check
) -> None:
    con.execute("UPDATE restricted.communities SET house_count = 0")
    con.execute("DELETE FROM restricted.sources")
    assert audit_check(con, relation, check).passed


def test_a_lone_hidden_cell_is_found(con: duckdb.DuckDBPyConnection) -> None:
    relation = table_relation(TABLES["community_profile"], "curated")
    check = next(c for c in relation.checks if c.name == "no_lone_hidden_cell")
    row = "INSERT INTO curated.community_profile VALUES ('c_1', 'houses', NULL, NULL, '{}', NULL, {}, NULL)"
    con.execute(row.format("let", 30))
    assert audit_check(con, relation, check).passed
    con.execute(row.format("vacant", "NULL"))
    found = audit_check(con, relation, check)
    assert (found.passed, found.examples) == (False, ("c_1",))


INHABITANTS = (
    "INSERT INTO curated.communities (community_id, district) VALUES ('c_1', 'x'), ('c_2', 'x'), ('c_3', NULL)",
    "INSERT INTO curated.houses (house_id, community_id) VALUES ('h_1', 'c_1'), ('h_2', 'c_2'), ('h_3', 'c_3')",
    "INSERT INTO curated.residents (resident_id, sex, birth_year) VALUES ('r_1', 'male', 1980), ('r_2', NULL, NULL)",
    "INSERT INTO curated.occupancies (resident_id, house_id, is_current) VALUES ('r_1', 'h_1', true), "
    "('r_1', 'h_2', true), ('r_1', 'h_2', true), ('r_2', 'h_3', true), ('r_2', 'h_1', false)",
    "INSERT INTO curated.inhabitants VALUES ('c_1', 'r_1', 'x', true, 'male', 1980, NULL), "
    "('c_2', 'r_1', 'x', false, 'male', 1980, NULL), ('c_3', 'r_2', NULL, true, NULL, NULL, NULL)",
)


@pytest.mark.parametrize(
    ("edit", "rules"),
    [
        (None, set()),
        ("DELETE FROM {t} WHERE resident_id = 'r_2'", {"lives_there"}),
        ("INSERT INTO {t} FROM {t} WHERE community_id = 'c_2'", {"lives_there", "unique_key"}),
        (
            "UPDATE {t} SET community_id = 'c_1', district = 'x' WHERE resident_id = 'r_2'",
            {"lives_there", "unique_key"},
        ),
        ("UPDATE {t} SET first_in_district = true", {"once_in_a_district"}),
        ("UPDATE {t} SET first_in_district = false WHERE resident_id = 'r_2'", {"once_in_a_district"}),
        ("UPDATE {t} SET district = 'x' WHERE resident_id = 'r_2'", {"as_the_community"}),
        ("UPDATE {t} SET birth_year = 1981 WHERE resident_id = 'r_2'", {"as_the_resident"}),
    ],
)
def test_inhabitants_who_are_not_as_the_rows_say_are_found(
    con: duckdb.DuckDBPyConnection, edit: str | None, rules: set[str]
) -> None:
    for statement in (*INHABITANTS, *([edit.format(t="curated.inhabitants")] if edit else [])):
        con.execute(statement)
    broken = {r.check: r for r in audit(con, table_relation(TABLES["inhabitants"], "curated")) if not r.passed}
    assert set(broken) == rules
    assert all("r_" in r.examples[0] for r in broken.values())


@pytest.mark.parametrize("kind", ["resident", "vehicle"])
@pytest.mark.parametrize(
    ("since", "day", "early"),
    [
        (["2026-11-15"], "2026-11-14", True),
        (["2026-11-15"], "2026-11-15", False),
        (["2026-11-15", "2026-11-10"], "2026-11-12", False),  # the earliest of all
        (["2026-11-15", "2026-11-20"], "2026-11-14", True),
        (["2026-11-20"], "2026-11-14", False),  # first seen that day: nobody need have sent it
        (["2026-11-25"], "2026-11-21", False),
        ([], "2026-11-14", False),
    ],
)
def test_a_pass_before_its_subject_was_registered_is_told(
    con: duckdb.DuckDBPyConnection, kind: str, since: list[str], day: str, early: bool
) -> None:
    links = {"resident": "occupancies", "vehicle": "vehicle_holdings"}[kind]
    entity = f"SELECT 'x_1' AS {kind}_id"
    con.execute(f"INSERT INTO restricted.{kind}s BY NAME {entity}, DATE '2026-11-20' AS first_seen")
    for start in since:
        con.execute(f"INSERT INTO restricted.{links} BY NAME {entity}, $1::DATE AS valid_from", [start])
    for number, (whose, named) in enumerate(((kind, "x_1"), (kind, "x_2"), ("other", "x_1"))):
        con.execute(
            "INSERT INTO restricted.events_identified BY NAME SELECT $1::BIGINT AS event_id, $2::DATE AS event_date, "
            "$3 AS entity_type, $4 AS entity_id",
            [700 + number, day, whose, named],
        )
    relation = table_relation(TABLES["events_identified"], "restricted")
    check = next(c for c in relation.checks if c.name == "pass_after_registration")
    found = audit_check(con, relation, check)
    assert (found.passed, found.stops, found.examples) == (not early, False, ("700",) if early else ())
    assert "x_1" not in str(found) and "2026" not in str(found)
    assert audit_check(con, relation, check, "(FROM restricted.events_identified LIMIT 0)").passed  # no new day


@pytest.mark.parametrize(
    ("statement", "check", "observed"),
    [
        ("ALTER TABLE curated.residents ADD COLUMN id_number VARCHAR", "no_direct_identifier", "residents.id_number"),
        ("ALTER TABLE curated.residents RENAME name_masked TO name", "no_direct_identifier", "residents.name"),
        ("CREATE TABLE curated.sources (a INTEGER)", "no_direct_identifier", "sources.*"),
        (
            "ALTER TABLE restricted.residents ADD COLUMN 民族 VARCHAR",
            "no_forbidden_column",
            "restricted.residents.民族",
        ),
        (
            "ALTER TABLE curated.residents ADD COLUMN native_place INTEGER",
            "no_forbidden_column",
            "curated.residents.native_place",
        ),
        (
            "ALTER TABLE restricted.residents ADD COLUMN watchlist BOOLEAN",
            "no_forbidden_column",
            "restricted.residents.watchlist",
        ),
        (
            "CREATE VIEW restricted.person_trace AS SELECT 1 AS trace",
            "no_forbidden_column",
            "restricted.person_trace.trace",
        ),
        ("ALTER TABLE curated.access_events ADD COLUMN resident_id VARCHAR", "no_whereabouts", "access_events"),
    ],
)
def test_a_column_that_must_not_be_is_found(
    con: duckdb.DuckDBPyConnection, statement: str, check: str, observed: str
) -> None:
    assert failed(column_audits(con)) == {}
    con.execute(statement)
    assert failed(column_audits(con)) == {check: observed}


@pytest.mark.parametrize(
    ("gate", "passed"),
    [("东门", True), ("王13812345678", False), ("340199199001011233", False), ("G1234567890123456789012", True)],
)
def test_an_identifier_in_a_text_is_found(con: duckdb.DuckDBPyConnection, gate: str, passed: bool) -> None:
    con.execute("INSERT INTO curated.access_hourly (gate) VALUES (?)", [gate])
    result = text_audit(con, table_relation(TABLES["access_hourly"], "curated"))
    assert result is not None and result.passed is passed
    assert gate not in str(result) or passed


@pytest.mark.parametrize(
    ("name", "phone", "broken"),
    [
        ("张*", "138****0000", ""),
        ("张三", "****22", "name_masked: 1"),
        ("张*", "13800000000", "phone_masked: 1"),
        (None, None, ""),
    ],
)
def test_a_mask_that_was_not_applied_is_found(
    con: duckdb.DuckDBPyConnection, name: str | None, phone: str | None, broken: str
) -> None:
    con.execute("INSERT INTO curated.residents (name_masked, phone_masked) VALUES (?, ?)", [name, phone])
    result = mask_audit(con, table_relation(TABLES["residents"], "curated"))
    assert result is not None
    assert result.observed == (broken or "as expected")
