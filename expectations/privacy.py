"""Privacy audits: what the open database, and any database, must never hold (PIPL art. 6, 28).

A release that fails one of these is not let out, whatever else is fine with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import duckdb

from expectations.checks import CheckResult
from expectations.contracts.masks import MASKED_FORMS
from expectations.contracts.model import Column
from expectations.contracts.sensitive import sensitive_kind
from expectations.contracts.tables import TABLES
from expectations.dictionary import tables_of
from expectations.relations import Relation

PERSON_COLUMNS = frozenset({"resident_id", "vehicle_id", "entity_id"})
WHEREABOUTS_COLUMNS = frozenset({"occurred_at", "event_id", "event_date", "hour", "gate"})
_TRACE = re.compile("trace|track|trajector|movement|whereabouts|guiji|xingzong|轨迹|行踪|行迹", re.IGNORECASE)
# an ID number, or a mobile, that stands by itself: a longer run of digits is a community's or a device's code
ID_LIKE = r"(^|[^0-9A-Za-z])[1-9]\d{16}[\dXx]([^0-9A-Za-z]|$)"
MOBILE_LIKE = r"(^|[^0-9A-Za-z])1[3-9]\d{9}([^0-9A-Za-z]|$)"


def column_audits(con: duckdb.DuckDBPyConnection) -> Iterator[CheckResult]:
    """The names of all columns of both attached databases: nothing direct in the open one, nothing forbidden in
    either, and no place where a person and a time of passing stand in one row of the open one."""
    found = con.execute(
        "SELECT database_name, table_name, column_name FROM duckdb_columns() "
        "WHERE database_name IN ('curated', 'restricted') AND NOT internal"
    ).fetchall()
    closed = {
        (table.name, c.name)
        for table in TABLES.values()
        for c in table.columns
        if not c.in_open or (c.mask and c.published_name != c.name)
    }
    direct = [f"{t}.{c}" for db, t, c in found if db == "curated" and (t, c) in closed]
    direct += [f"{t}.*" for t in {t for db, t, _ in found if db == "curated"} if t not in _open_tables()]
    yield _named("no_direct_identifier", direct, "no column of the open database names or reaches a person")
    forbidden = [f"{db}.{t}.{c}" for db, t, c in found if is_forbidden(c)]
    yield _named("no_forbidden_column", forbidden, "no ethnicity, native place, watch list, biometrics or trace")
    columns: dict[str, set[str]] = {}
    for db, t, c in found:
        if db == "curated":
            columns.setdefault(t, set()).add(c)
    traces = [t for t, names in columns.items() if names & PERSON_COLUMNS and names & WHEREABOUTS_COLUMNS]
    yield _named("no_whereabouts", traces, "no open table holds a person or vehicle beside a gate or time of passing")


def is_forbidden(column: str) -> bool:
    """Whether a column's name announces data that no database may hold: ethnicity, native place, watch lists,
    biometrics, the trace of a person; in English, pinyin or Chinese.

    >>> is_forbidden("minzu"), is_forbidden("guiji"), is_forbidden("floor")
    (True, True, False)
    """
    return bool(sensitive_kind(column) or _TRACE.search(column))


def _open_tables() -> set[str]:
    return {t.name for t in tables_of(is_open=True)}


def _named(check: str, wrong: list[str], expected: str) -> CheckResult:
    return CheckResult(check, "all tables", not wrong, ", ".join(sorted(wrong)) or "none", expected)


def text_audit(con: duckdb.DuckDBPyConnection, relation: Relation, rows: str | None = None) -> CheckResult | None:
    """No free text of an open table looks like an ID number or a mobile. None for a table without free text.

    ``rows`` is looked at instead of the whole table, where given.
    """
    texts = [c for c in relation.columns if _is_free_text(c)]
    if not texts:
        return None
    names = [f'"{c.name}"' for c in texts]
    counts = ", ".join(f"count_if(regexp_matches({n}, '{ID_LIKE}|{MOBILE_LIKE}'))" for n in names)
    # a gate or a building is written millions of times: each spelling is looked at once
    found = f"(SELECT DISTINCT {', '.join(names)} FROM {rows or relation.place}) spelled"
    expected = "no text looks like an ID number or a mobile"
    check = CheckResult("no_identifier_in_text", relation.name, False, "", expected)
    return _counted(con, check, texts, f"SELECT {counts} FROM {found}")


def _is_free_text(column: Column) -> bool:
    # keys, codes of a list and codes of the administration are not typed in by anyone
    return (
        column.type == "VARCHAR"
        and not column.mask
        and not column.values
        and not column.references
        and not column.name.endswith(("_id", "_code"))
    )


def mask_audit(con: duckdb.DuckDBPyConnection, relation: Relation) -> CheckResult | None:
    """Every masked text has the form of its mask. None for a table without masked text."""
    masked = [c for c in relation.columns if c.mask in MASKED_FORMS]
    if not masked:
        return None
    counts = ", ".join(f"""count_if(NOT regexp_matches("{c.name}", '{MASKED_FORMS[c.mask or ""]}'))""" for c in masked)
    check = CheckResult("masked", relation.name, False, "", "every masked value has the form of its mask")
    return _counted(con, check, masked, f"SELECT {counts} FROM {relation.place}")


def _counted(con: duckdb.DuckDBPyConnection, check: CheckResult, columns: list[Column], query: str) -> CheckResult:
    """The check with what the query counted of each column."""
    row = con.execute(query).fetchone()
    assert row is not None
    broken = {c.name: int(n or 0) for c, n in zip(columns, row, strict=True)}
    said = ", ".join(f"{name}: {n}" for name, n in broken.items() if n)
    return replace(check, passed=not said, observed=said or "as expected", columns=tuple(broken))
