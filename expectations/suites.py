"""Great Expectations suites of the released open tables, built from the same contracts as everything else.

DuckDB is no SQL source that Great Expectations knows. Two things make it one: the connection is kept open for as long
as the suite runs (results are fetched after Great Expectations has let go of it), and rules with patterns or several
tables are queries (``UnexpectedRowsExpectation``), since the dialect has no entry for regular expressions. The
library is imported when a suite runs, because importing it takes seconds; it reports to nobody and writes nothing.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.checks import CheckResult
from expectations.contracts.model import Column, Table
from expectations.contracts.tables import TABLES
from expectations.rules import OPEN_RULES, CrossRule

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite

SUITE_TABLES = ("communities", "houses", "residents", "occupancies", "vehicles", "vehicle_holdings")
"""The tables of the city itself; the others are audited in plain SQL."""

_RULE = "unexpected_rows_expectation"


def _library() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    import great_expectations

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return great_expectations


def build_suite(table: Table) -> ExpectationSuite:
    """The suite of one open table: its columns in order, nulls, the key, value lists, ranges, and its cross rules."""
    gx = _library()
    gxe = gx.expectations
    columns = table.open_columns
    expected = [gxe.ExpectTableColumnsToMatchOrderedList(column_list=[c.published_name for c in columns])]
    key = [table.column(k).published_name for k in table.key]
    if len(key) == 1:
        expected.append(gxe.ExpectColumnValuesToBeUnique(column=key[0]))
    else:
        rule = f"SELECT 1 FROM {{batch}} GROUP BY {', '.join(key)} HAVING count(*) > 1"  # keys may hold nulls
        expected.append(gxe.UnexpectedRowsExpectation(unexpected_rows_query=rule, meta={"check": "unique_key"}))
    for column in columns:
        expected += _column_expectations(gxe, column)
    expected += [
        gxe.UnexpectedRowsExpectation(unexpected_rows_query=_over_batch(rule), meta={"check": rule.name})
        for rule in OPEN_RULES
        if rule.table == table.name
    ]
    return gx.ExpectationSuite(name=table.name, expectations=expected)


def _over_batch(rule: CrossRule) -> str:
    """The rule's query with the table under test as Great Expectations' own name for it."""
    return re.sub(rf"\{{db\}}{rule.table}\b", "{batch}", rule.broken).replace("{db}", "")


def _column_expectations(gxe: Any, column: Column) -> Iterator[Any]:
    name = column.published_name
    if not column.nullable:
        yield gxe.ExpectColumnValuesToNotBeNull(column=name)
    if column.values:
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(column.values))
    if column.minimum is not None or column.maximum is not None:
        yield gxe.ExpectColumnValuesToBeBetween(column=name, min_value=column.minimum, max_value=column.maximum)


def run_suite(database: Path, table: str) -> list[CheckResult]:
    """Run the suite of one table of an open database (opened read-only)."""
    return run_suites(database, [table])


def run_suites(database: Path, tables: Sequence[str]) -> list[CheckResult]:
    """Run the suites of several tables over one connection.

    Results carry counts and the contract's words, never a value. An expectation that can't be evaluated counts as
    failed and says why.
    """
    gx = _library()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    with _source(context, database) as source:
        results = []
        for name in tables:
            batch = source.add_table_asset(name, table_name=name).add_batch_definition_whole_table("all").get_batch()
            outcome = batch.validate(
                build_suite(TABLES[name]),
                # values of records must not leave the database, so no sample of the unexpected ones
                result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
            )
            results += [_result(name, r) for r in outcome.results]
    return results


@contextmanager
def _source(context: Any, database: Path) -> Iterator[Any]:
    """The database as a data source whose one connection stays open."""
    from sqlalchemy.pool import StaticPool

    source = context.data_sources.add_sql(
        f"release_{database.parent.name}",
        connection_string=f"duckdb:///{database}",
        create_temp_table=False,
        # one DBAPI connection in all: the file is free again when it is closed
        kwargs={"connect_args": {"read_only": True}, "poolclass": StaticPool},
    )
    engine = source.get_execution_engine()
    connection = engine.engine.connect()

    @contextmanager
    def kept_open() -> Iterator[Any]:
        yield connection

    engine.get_connection = kept_open
    try:
        yield source
    finally:
        connection.close()
        for held in (engine.engine, source.get_engine()):
            held.dispose()


def _result(table: str, outcome: Any) -> CheckResult:
    config = outcome.expectation_config
    kind, settings, found = config.type, config.kwargs, outcome.result
    rule = _rule(table, (config.meta or {}).get("check", "")) if kind == _RULE else None
    name = (config.meta or {}).get("check") or kind.removeprefix("expect_")
    check = f"gx.{name}" + (f".{settings['column']}" if "column" in settings else "")
    if outcome.exception_info and outcome.exception_info.get("exception_message"):
        observed = "not evaluated: " + str(outcome.exception_info["exception_message"]).splitlines()[0]
    elif kind == _RULE:
        observed = f"{found.get('observed_value', 0)} rows otherwise"
    elif "unexpected_count" in found:
        observed = f"{found['unexpected_count']} of {found['element_count']} rows otherwise"
    else:
        observed = str(found.get("observed_value", ""))
    expected = rule.holds if rule else _words(kind, settings)
    return CheckResult(check, table, bool(outcome.success), observed, expected, rule.severity if rule else "error")


def _rule(table: str, name: str) -> CrossRule | None:
    return next((r for r in OPEN_RULES if r.table == table and r.name == name), None)


def _words(kind: str, settings: dict[str, Any]) -> str:
    match kind.removeprefix("expect_"):
        case "column_values_to_not_be_null":
            return "no nulls"
        case "column_values_to_be_unique":
            return "no value twice"
        case "column_values_to_be_in_set":
            return ", ".join(settings["value_set"])
        case "column_values_to_be_between":
            return f"{settings.get('min_value')} to {settings.get('max_value')}"
        case "table_columns_to_match_ordered_list":
            return ", ".join(settings["column_list"])
    return "no such row"
