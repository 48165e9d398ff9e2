"""What is validated and by which checks: every released table in each database, and the accepted records of every
dataset. The checks of a relation are derived from its contract once; the audits, the Great Expectations suites and the
validation page all read this list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from expectations.contracts.codes import CODE_LISTS
from expectations.contracts.cross_rules import CROSS_RULES
from expectations.contracts.datasets import DATASETS, PROVENANCE
from expectations.contracts.masks import open_type
from expectations.contracts.model import Column, Dataset, Severity, Table
from expectations.contracts.row_rules import ROW_RULES
from expectations.contracts.tables import TABLES
from expectations.examples import names_a_row

Kind = Literal["not_null", "values", "range", "rule", "key", "order", "references", "query"]
ROW_KINDS = frozenset({"not_null", "values", "range", "rule"})
"""Checks that one row can be asked by itself: one scan answers all of them."""


@dataclass(frozen=True)
class Check:
    """One check of a relation, named ``kind.column`` or as its rule.

    ``broken`` is the condition of a row that breaks it, or for the other kinds (``key``, ``order``, ``references``,
    ``query``) a query for references to such rows, over ``{rows}`` and the database ``{db}``.
    """

    name: str
    kind: Kind
    holds: str
    broken: str
    columns: tuple[str, ...] = ()
    severity: Severity = "error"
    holds_zh: str | None = None


@dataclass(frozen=True)
class Relation:
    """A table as ``database`` (``curated``, ``restricted`` or ``standard``) holds it, columns under their names there.

    ``name`` is what results call it: the table, or ``standard.<dataset>``. ``pointers`` are the columns by which a
    row is referred to: keys, files, row numbers; never a value about a person. ``order``: the columns by which its rows
    are stored; empty where nothing is promised.
    """

    name: str
    database: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    checks: tuple[Check, ...] = field(default=(), compare=False)

    @property
    def place(self) -> str:
        """Where its rows lie when nothing else is said."""
        return f'{self.database}."{self.name}"'


def table_relation(table: Table, database: str) -> Relation:
    """A released table in ``curated`` or ``restricted``, with its checks."""
    if database == "restricted":
        columns = table.columns
    else:
        columns = tuple(
            replace(c, name=c.published_name, type=open_type(c), values=() if c.mask else c.values)
            for c in table.open_columns
        )
    names = {c.name for c in columns}
    key = table.key if set(table.key) <= names else ()
    pointers = tuple(n for n in (table.key or table.order_by) if n in names and names_a_row(n))
    order = table.order_by if table.storage == "table" and set(table.order_by) <= names else ()
    return _checked(Relation(table.name, database, columns, key, pointers, order), table.name)


def standard_relation(dataset: Dataset) -> Relation:
    """The accepted records of one delivery of a dataset, with their checks."""
    lists = {f.name: f.code_list for f in dataset.fields if f.code_list}
    columns = tuple(
        replace(c, values=tuple(CODE_LISTS[lists[c.name]].values)) if c.name in lists else c
        for c in (*PROVENANCE, *dataset.columns)
    )
    place = ("file", "row_number")
    return _checked(Relation(f"standard.{dataset.name}", "standard", columns, place, place), f"standard.{dataset.name}")


def relations() -> Iterator[Relation]:
    """Every relation: the datasets, then the released tables, in reading order."""
    for dataset in DATASETS.values():
        yield standard_relation(dataset)
    for table in TABLES.values():
        for database in databases_of(table):
            yield table_relation(table, database)


def databases_of(table: Table) -> tuple[str, ...]:
    """The databases that hold a table; the one with full values first."""
    return {"both": ("restricted", "curated"), "open": ("curated",), "restricted": ("restricted",)}[table.where]


def coded_columns(relation: Relation) -> tuple[Column, ...]:
    """The columns whose values are of a list: their distribution says nothing about one person."""
    return tuple(c for c in relation.columns if c.values)


def _checked(relation: Relation, name: str) -> Relation:
    found = (*_column_checks(relation), *_row_checks(relation, name), *_place(relation), *_across(relation, name))
    return replace(relation, checks=found)


def _column_checks(relation: Relation) -> Iterator[Check]:
    for c in relation.columns:
        name = f'"{c.name}"'
        found: list[tuple[Kind, str, str]] = []
        if not c.nullable:
            found.append(("not_null", "no nulls", f"{name} IS NULL"))
        if c.values:
            listed = ", ".join(f"'{v}'" for v in c.values)
            found.append(("values", ", ".join(c.values), f"{name} NOT IN ({listed})"))
        if c.minimum is not None or c.maximum is not None:
            found.append(("range", _limits(c), _outside(name, c)))
        for kind, holds, broken in found:
            yield Check(f"{kind}.{c.name}", kind, holds, broken, (c.name,), c.severity)


def _limits(c: Column) -> str:
    if c.maximum is None:
        return f"at least {c.minimum:g}"
    return f"at most {c.maximum:g}" if c.minimum is None else f"{c.minimum:g} to {c.maximum:g}"


def _outside(name: str, c: Column) -> str:
    low = [f"{name} < {c.minimum}"] if c.minimum is not None else []
    high = [f"{name} > {c.maximum}"] if c.maximum is not None else []
    return " OR ".join(low + high)


def _row_checks(relation: Relation, name: str) -> Iterator[Check]:
    names = {c.name for c in relation.columns}
    for rule in ROW_RULES:
        if name in rule.tables and names.issuperset(rule.columns):
            yield Check(rule.name, "rule", rule.holds, rule.broken, rule.columns, rule.severity, rule.holds_zh)


def _place(relation: Relation) -> Iterator[Check]:
    """The key, and the stored order. Rows that lie in the order of their key, each after the one before it, are unique
    by it too: one pass that compares neighbours answers both, where a key in another order takes a hash of all keys."""
    key, order = relation.key, relation.order
    if key:
        said = f"{', '.join(key)} is unique"
        if key == order:
            yield Check("unique_key", "key", f"{said}, and rows lie in its order", _misplaced(relation, "<="), key)
            return
        shown = ", ".join(f'"{p}"' for p in relation.pointers) or "count(*) AS n"
        listed = ", ".join(f'"{k}"' for k in key)
        broken = f"SELECT {shown} FROM {{rows}} GROUP BY {listed} HAVING count(*) > 1"  # keys may hold nulls
        yield Check("unique_key", "key", said, broken, key)
    if order:
        said = f"rows lie in the order of {', '.join(order)}"
        yield Check("in_order", "order", said, _misplaced(relation, "<"), order)


def _misplaced(relation: Relation, comparison: str) -> str:
    """The rows that compare like this with the row stored before them. A row compares as it sorts, nulls last, by the
    bytes that DuckDB sorts it by; and a window over everything is a stream in the stored order."""
    shown = ", ".join(f'"{p}"' for p in relation.pointers) or "1 AS n"
    sorted_by = ", ".join(f"\"{c}\", 'ASC NULLS LAST'" for c in relation.order)
    return (
        f"SELECT {shown} FROM (SELECT *, sort_key {comparison} lag(sort_key) OVER () AS misplaced"
        f" FROM (SELECT *, create_sort_key({sorted_by}) AS sort_key FROM {{rows}}) keyed) placed WHERE misplaced"
    )


def _across(relation: Relation, name: str) -> Iterator[Check]:
    """References to other tables, then the rules that span rows or tables."""
    shown = ", ".join(f'r."{p}"' for p in relation.pointers) or "1"
    for c in relation.columns:
        if c.references is None:
            continue
        table, target = c.references.split(".")
        if TABLES[table].storage == "days":
            continue  # audited by the day, in assets/release
        yield Check(
            f"references.{c.name}",
            "references",
            f"every {c.name} is in {table}",
            f'SELECT {shown} FROM {{rows}} r ANTI JOIN {{db}}"{table}" t'
            f' ON t."{target}" = r."{c.name}" WHERE r."{c.name}" IS NOT NULL',
            (c.name,),
            c.severity,
        )
    for rule in CROSS_RULES:
        if (rule.table, rule.database) == (name, relation.database):
            yield Check(rule.name, "query", rule.holds, rule.broken, (), rule.severity)
