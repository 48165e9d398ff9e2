"""Audits: the checks of a relation in plain SQL, each a count of rows that break it.

One scan answers every check that a row can be asked by itself; the key, the references and the rules across rows or
tables take a query each. Only what is broken is looked at again, for some of its rows by reference. Results carry
counts, column names and references, never a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb

from expectations.checks import CheckResult
from expectations.examples import examples_of
from expectations.relations import ROW_KINDS, Check, Relation

_SHOWN_TYPES = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}


def audit(con: duckdb.DuckDBPyConnection, relation: Relation, rows: str | None = None) -> Iterator[CheckResult]:
    """Columns and types, then every check of the relation.

    ``rows`` is a query or relation whose rows are looked at instead of the whole table: for tables of days the days
    that a release is the first to carry, since the others are the same files that were audited before.
    """
    place = rows or relation.place
    schema = schema_audit(con, relation, relation.place if relation.database != "standard" else place)
    yield schema
    if not schema.passed:  # the queries below would fail on a missing column, and say less
        return
    by_row = [c for c in relation.checks if c.kind in ROW_KINDS]
    for check, broken in zip(by_row, _count_rows(con, place, by_row), strict=True):
        yield result(con, relation, check, broken, place)
    for check in relation.checks:
        if check.kind not in ROW_KINDS:
            yield audit_check(con, relation, check, place)


def audit_check(
    con: duckdb.DuckDBPyConnection, relation: Relation, check: Check, rows: str | None = None
) -> CheckResult:
    """One check by itself."""
    place = rows or relation.place
    row = con.execute(f"SELECT count(*) FROM ({_query(relation, check, place)}) broken").fetchone()
    assert row is not None
    return result(con, relation, check, row[0], place)


def schema_audit(con: duckdb.DuckDBPyConnection, relation: Relation, place: str) -> CheckResult:
    """Columns and types are those of the contract, in its order."""
    wanted = [(c.name, _SHOWN_TYPES.get(c.type, c.type)) for c in relation.columns]
    found = [(row[0], row[1]) for row in con.execute(f"DESCRIBE SELECT * FROM {place}").fetchall()]
    wrong = [f"{name} {kind}" for name, kind in found if (name, kind) not in wanted]
    wrong += [f"no {name} {kind}" for name, kind in wanted if (name, kind) not in found]
    if not wrong and found != wanted:
        wrong = ["another order"]
    said = ", ".join(wrong) or f"{len(found)} columns"
    return CheckResult("schema", relation.name, not wrong, said, "columns and types as the contract says")


def result(
    con: duckdb.DuckDBPyConnection, relation: Relation, check: Check, broken: int, rows: str | None = None
) -> CheckResult:
    """What a check found, with some of the broken rows."""
    said = CheckResult(
        check.name,
        relation.name,
        broken == 0,
        f"{broken} rows otherwise" if broken else "as expected",
        check.holds,
        check.severity,
        columns=check.columns,
    )
    return replace(said, examples=examples(con, relation, check, rows or relation.place)) if broken else said


def examples(con: duckdb.DuckDBPyConnection, relation: Relation, check: Check, rows: str) -> tuple[str, ...]:
    """Some of the rows that break a check, by id, or by file and row."""
    return examples_of(con, _query(relation, check, rows))


def _query(relation: Relation, check: Check, place: str) -> str:
    if check.kind in ROW_KINDS:
        shown = ", ".join(f'"{p}"' for p in relation.pointers) or "1 AS n"
        return f"SELECT {shown} FROM {place} WHERE {check.broken}"
    return check.broken.format(rows=place, db=f"{relation.database}.")


def _count_rows(con: duckdb.DuckDBPyConnection, place: str, checks: list[Check]) -> tuple[int, ...]:
    if not checks:
        return ()
    counts = ", ".join(f"count_if({c.broken})" for c in checks)
    row = con.execute(f"SELECT {counts} FROM {place}").fetchone()
    assert row is not None
    return tuple(int(n or 0) for n in row)
