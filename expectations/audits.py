"""Audits: what must be true of every released table, derived from its contract, each a count of rows that break it.

One scan per table counts every column's nulls, unknown values and numbers out of range together; a scan each for the
key and the references. Results carry counts and column names, never a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import duckdb

from expectations.checks import CheckResult
from expectations.contracts.model import Column, Table
from expectations.contracts.tables import TABLES
from expectations.dictionary import columns_of
from expectations.examples import examples, examples_of
from expectations.rules import CrossRule


@dataclass(frozen=True)
class Audited:
    """A table as it stands in one database: ``curated`` or ``restricted``, attached under that name.

    ``rows`` is the relation whose rows are looked at. For tables of days it is the days that this release is the
    first to carry: the others are the same files that the release before was audited with.
    """

    table: Table
    database: str
    rows: str | None = None

    @property
    def is_open(self) -> bool:
        return self.database == "curated"

    @property
    def relation(self) -> str:
        return self.rows or f'{self.database}."{self.table.name}"'

    def name(self, column: Column) -> str:
        """The column's name here, quoted."""
        return f'"{column.published_name if self.is_open else column.name}"'

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.table.open_columns if self.is_open else self.table.columns

    def result(
        self, check: str, broken: dict[str, int], expected: str, rows: Callable[[], tuple[str, ...]] | None = None
    ) -> CheckResult:
        """A result that fails when any part is broken, and says which and how often; ``rows`` then names examples."""
        said = ", ".join(f"{part}: {n}" for part, n in broken.items() if n)
        named = rows() if said and rows else ()
        return CheckResult(check, self.table.name, not said, said or "as expected", expected, examples=named)


def audit_table(con: duckdb.DuckDBPyConnection, audited: Audited) -> Iterator[CheckResult]:
    """Columns and types, then nulls, values and ranges in one scan, the key, and the references."""
    schema = schema_audit(con, audited)
    yield schema
    if not schema.passed:  # the queries below would fail on a missing column, and say less
        return
    yield from _value_audits(con, audited)
    if audited.table.key:
        yield _key_audit(con, audited)
    yield from _reference_audits(con, audited)


def schema_audit(con: duckdb.DuckDBPyConnection, audited: Audited) -> CheckResult:
    """Columns and types are those of the contract, in its order."""
    declared = [(e.column, e.type) for e in columns_of(audited.table, is_open=audited.is_open)]
    aliases = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
    wanted = [(name, aliases.get(kind, kind)) for name, kind in declared]
    described = con.execute(f'DESCRIBE {audited.database}."{audited.table.name}"').fetchall()
    found = [(row[0], row[1]) for row in described]
    wrong = [f"{name} {kind}" for name, kind in found if (name, kind) not in wanted]
    wrong += [f"no {name} {kind}" for name, kind in wanted if (name, kind) not in found]
    if not wrong and found != wanted:
        wrong = ["another order"]
    return CheckResult(
        "schema", audited.table.name, not wrong, ", ".join(wrong) or f"{len(found)} columns", "as the contract says"
    )


def _value_audits(con: duckdb.DuckDBPyConnection, audited: Audited) -> Iterator[CheckResult]:
    conditions: list[tuple[str, Column, str]] = []
    for column in audited.columns:
        name = audited.name(column)
        if not column.nullable:
            conditions.append(("not_null", column, f"{name} IS NULL"))
        if column.values and not column.mask:
            allowed = ", ".join(f"'{v}'" for v in column.values)
            conditions.append(("values", column, f"{name} NOT IN ({allowed})"))
        if column.minimum is not None or column.maximum is not None:
            conditions.append(("range", column, _outside(name, column)))
    if not conditions:
        return
    counts = ", ".join(f"count_if({condition})" for _, _, condition in conditions)
    row = con.execute(f"SELECT {counts} FROM {audited.relation}").fetchone()
    assert row is not None
    expected = {
        "not_null": "no nulls",
        "values": "only values of the contract's lists",
        "range": "numbers within the contract's limits",
    }
    for check, words in expected.items():
        broken = {c.name: int(n or 0) for (kind, c, _), n in zip(conditions, row, strict=True) if kind == check}
        if broken:
            any_of = " OR ".join(f"({condition})" for kind, _, condition in conditions if kind == check)
            yield audited.result(check, broken, words, partial(examples, con, audited.table, audited.relation, any_of))


def _outside(name: str, column: Column) -> str:
    limits = []
    if column.minimum is not None:
        limits.append(f"{name} < {column.minimum}")
    if column.maximum is not None:
        limits.append(f"{name} > {column.maximum}")
    return " OR ".join(limits)


def _key_audit(con: duckdb.DuckDBPyConnection, audited: Audited) -> CheckResult:
    key = ", ".join(audited.name(audited.table.column(k)) for k in audited.table.key)
    twice = f"(SELECT {key} FROM {audited.relation} GROUP BY {key} HAVING count(*) > 1)"
    row = con.execute(f"SELECT count(*) FROM {twice} twice").fetchone()
    assert row is not None
    expected = f"{', '.join(audited.table.key)} is unique"
    rows = partial(examples, con, audited.table, twice, "true")
    return audited.result("unique_key", {"keys held twice": row[0]}, expected, rows)


def _reference_audits(con: duckdb.DuckDBPyConnection, audited: Audited) -> Iterator[CheckResult]:
    broken: dict[str, int] = {}
    missing: list[str] = []
    for column in audited.columns:
        if column.references is None:
            continue
        table, target = column.references.split(".")
        if TABLES[table].storage == "days":
            continue  # audited by the day, in assets/release
        name = audited.name(column)
        gone = (
            f"SELECT r.k FROM (SELECT DISTINCT {name} AS k FROM {audited.relation} WHERE {name} IS NOT NULL) r"
            f' LEFT JOIN {audited.database}."{table}" t ON t."{target}" = r.k WHERE t."{target}" IS NULL'
        )
        row = con.execute(f"SELECT count(*) FROM ({gone}) gone").fetchone()
        assert row is not None
        broken[column.name] = row[0]
        missing.append(f"{name} IN ({gone})")
    if broken:
        rows = partial(examples, con, audited.table, audited.relation, " OR ".join(missing))
        yield audited.result("references", broken, "every reference is there", rows)


def audit_rule(con: duckdb.DuckDBPyConnection, rule: CrossRule) -> CheckResult:
    """Count the rows that break a rule."""
    query = rule.broken.format(db=f"{rule.database}.")
    row = con.execute(f"SELECT count(*) FROM ({query}) broken").fetchone()
    assert row is not None
    named = rule_examples(con, rule) if row[0] else ()
    return CheckResult(rule.name, rule.table, row[0] == 0, f"{row[0]} rows otherwise", rule.holds, rule.severity, named)


def rule_examples(con: duckdb.DuckDBPyConnection, rule: CrossRule) -> tuple[str, ...]:
    """Some of the rows that break a rule, by reference."""
    return examples_of(con, rule.broken.format(db=f"{rule.database}."))
