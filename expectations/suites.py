"""Great Expectations suites of every relation, built from the same list of checks as the audits in plain SQL.

DuckDB is no SQL source that Great Expectations knows. Two things make it one: the connection is kept open for as long
as the suites run (results are fetched after Great Expectations has let go of it), and rules over several columns or
tables are queries (``UnexpectedRowsExpectation``), since the dialect has no entry for regular expressions. The
library is imported when a suite runs, because importing it takes seconds; it reports to nobody and writes nothing.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import sys
import threading
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from expectations.checks import CheckResult
from expectations.contracts.tables import TABLES
from expectations.relations import ROW_KINDS, Check, Relation, relations

if TYPE_CHECKING:
    import duckdb
    from great_expectations.core import ExpectationSuite

SCHEMA = "schema"
PREFIX = "gx."
"""Before the name of a check that a suite made."""

Attach = Callable[["duckdb.DuckDBPyConnection"], None]
"""Makes the databases of the relations known to a connection, under their names."""


def nightly_relations() -> list[Relation]:
    """The relations whose suites run in every merge: the open copies of tables. Everything else is asked the same
    checks in SQL: the restricted copies, the tables that only the open database has, and the days of passes. So each
    stored table is asked once."""
    return [
        r
        for r in relations()
        if r.database == "curated"
        and (TABLES[r.name].where, TABLES[r.name].storage) == ("both", "table")
        and r.name != "checks"  # being written
    ]


@cache
def _library() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    _postpone("scipy", "stats")
    import great_expectations

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return great_expectations


def _postpone(package: str, name: str) -> None:
    """Have a module imported when something in it is first asked for. SciPy's statistics are a third of the library's
    import, for expectations about distributions, of which the suites have none."""
    whole = f"{package}.{name}"
    spec = importlib.util.find_spec(whole)
    if whole in sys.modules or spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = sys.modules[whole] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    setattr(sys.modules[package], name, module)


def import_ahead() -> None:
    """Begin to import the library beside what comes before the suites, which in a small city leaves a processor idle.
    Where it fails, the suites say so."""
    threading.Thread(target=_library, name="import of the suites' library").start()


def build_suite(relation: Relation) -> ExpectationSuite:
    """The suite of a relation: its columns in order, and an expectation for every check of its contract."""
    gx = _library()
    names = [c.name for c in relation.columns]
    columns = gx.expectations.ExpectTableColumnsToMatchOrderedList(column_list=names, meta={"check": SCHEMA})
    expected = [columns, *(_expectation(gx.expectations, relation, check) for check in relation.checks)]
    return gx.ExpectationSuite(name=f"{relation.database}.{relation.name}", expectations=expected)


def _expectation(gxe: Any, relation: Relation, check: Check) -> Any:
    meta = {"check": check.name}
    if check.kind in ("not_null", "values", "range"):
        (name,) = check.columns
        column = next(c for c in relation.columns if c.name == name)
        if check.kind == "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(column=name, meta=meta)
        if check.kind == "values":
            return gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(column.values), meta=meta)
        return gxe.ExpectColumnValuesToBeBetween(
            column=name, min_value=column.minimum, max_value=column.maximum, meta=meta
        )
    return _counted_rows()(unexpected_rows_query=_over_batch(relation, check), meta=meta)


@cache
def _counted_rows() -> Any:
    """The library's expectation of a query without rows, which runs the query once instead of twice: it is asked how
    many rows there are, and not for the rows too, which are never shown. A class, since that is how the library takes
    its expectations; made late, as the library is imported late."""
    expectation = _library().expectations.UnexpectedRowsExpectation

    class UnexpectedRowsCounted(expectation):  # type: ignore[misc, valid-type]
        metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

        def _validate(self, metrics: dict[str, Any], *args: Any, **more: Any) -> Any:
            return super()._validate({**metrics, "unexpected_rows_query.table": []}, *args, **more)

    return UnexpectedRowsCounted


def _over_batch(relation: Relation, check: Check) -> str:
    """A check's query with the table under test as Great Expectations' own name for it, which fills in braces."""
    if check.kind in ROW_KINDS:
        return f"SELECT 1 FROM {{batch}} WHERE {check.broken.replace('{', '{{').replace('}', '}}')}"
    own = re.sub(rf"\{{db\}}{relation.name}\b", "{batch}", check.broken)
    return own.replace("{rows}", "{batch}").replace("{db}", f"{relation.database}.")


def run_suites(chosen: Sequence[tuple[Relation, str]], attach: Attach) -> list[CheckResult]:
    """Run the suites of several relations, each over a query or table that ``attach`` made reachable.

    Results carry counts and the contract's words, never a value. An expectation that can't be evaluated counts as
    failed and says why.
    """
    gx = _library()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    with _source(context) as (source, con):
        attach(con)
        views = {f"{r.database}_{r.name.removeprefix('standard.')}": (r, rows) for r, rows in chosen}
        for view, (_, rows) in views.items():  # all before the library looks at one: it keeps its transaction open
            con.execute(f'CREATE VIEW "{view}" AS SELECT * FROM {rows}')
        results = []
        for view, (relation, _) in views.items():
            outcome = _validate(source, view, build_suite(relation))
            results += [_result(relation, r) for r in outcome.results]
    return results


def _validate(source: Any, view: str, suite: ExpectationSuite) -> Any:
    with warnings.catch_warnings():
        # no expectation looks into a list, so the library need not know the type
        warnings.filterwarnings("ignore", message="Did not recognize type 'list'")
        batch = source.add_table_asset(view, table_name=view).add_batch_definition_whole_table("all").get_batch()
        return batch.validate(
            suite,
            # values of records must not leave the database, so no sample of the unexpected ones
            result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
        )


@contextmanager
def _source(context: Any) -> Iterator[tuple[Any, Any]]:
    """An empty database in memory as a data source whose one connection stays open, and that connection."""
    from sqlalchemy.pool import StaticPool

    name = f"suites_{uuid.uuid4().hex[:12]}"
    source = context.data_sources.add_sql(
        name, connection_string=f"duckdb:///:memory:{name}", create_temp_table=False, kwargs={"poolclass": StaticPool}
    )
    engine = source.get_execution_engine()
    connection = engine.engine.connect()

    @contextmanager
    def kept_open() -> Iterator[Any]:
        yield connection

    engine.get_connection = kept_open
    try:
        yield source, connection.connection.driver_connection
    finally:
        connection.close()
        for held in (engine.engine, source.get_engine()):
            held.dispose()


def _result(relation: Relation, outcome: Any) -> CheckResult:
    config, found = outcome.expectation_config, outcome.result
    name = config.meta["check"]
    check = next((c for c in relation.checks if c.name == name), None)  # None for the schema
    if outcome.exception_info and outcome.exception_info.get("exception_message"):
        observed = "not evaluated: " + str(outcome.exception_info["exception_message"]).splitlines()[0]
    elif outcome.success:
        observed = "as expected"
    elif "unexpected_count" in found:
        observed = f"{found['unexpected_count']} of {found['element_count']} rows otherwise"
    elif check:
        observed = f"{found.get('observed_value', 0)} rows otherwise"
    else:
        observed = ", ".join(found.get("observed_value", ()))
    return CheckResult(
        f"{PREFIX}{name}",
        relation.name,
        bool(outcome.success),
        observed,
        check.holds if check else "columns as the contract says",
        check.severity if check else "error",
        columns=check.columns if check else (),
    )
