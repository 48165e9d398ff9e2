"""What the operators' page shows of an asset: its columns from the contracts, its figures per run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import dagster as dg

from expectations.contracts.datasets import PROVENANCE
from expectations.contracts.model import Column, Dataset, Table
from expectations.dictionary import entries

OWNERS = ["team:data-engineering"]
Record = Mapping[str, Any]
Announce = dg.ResourceParam[Callable[[str], None]]
"""Told in a few words what is being done; the command line shows it, Dagster's own runs have no use for it."""

DELIVERY_SCHEMA = dg.TableSchema(
    [
        dg.TableColumn("company", "VARCHAR", description="who sent it · 报送公司"),
        dg.TableColumn("dataset", "VARCHAR", description="kind of export · 数据类别"),
        dg.TableColumn("delivered_on", "DATE", description="the day of the delivery · 报送日期"),
        dg.TableColumn("delivery_id", "VARCHAR", description="the files that arrived together · 批次"),
    ]
)


def schema_of(columns: Iterable[Column]) -> dg.TableSchema:
    """The columns of a contract, with meaning, allowed values and sensitivity, as Dagster shows them."""
    return dg.TableSchema([_column(c) for c in columns])


def landed_schema(dataset: Dataset) -> dg.TableSchema:
    """The columns of landed text: every field as sent, then the provenance."""
    fields = [
        dg.TableColumn(
            f.name,
            "VARCHAR",
            description=f"{f.meaning}, as sent · {f.meaning_zh}",
            tags={"sensitivity": str(f.sensitivity)},
        )
        for f in dataset.fields
    ]
    kind = dg.TableColumn(
        "row_kind",
        "VARCHAR",
        description="record, footer, blank, malformed · 行类型",
        constraints=dg.TableColumnConstraints(nullable=False),
    )
    return dg.TableSchema([*fields, *(_column(c) for c in PROVENANCE), kind])


def standard_schema(dataset: Dataset) -> dg.TableSchema:
    """The columns of accepted records: the provenance, then the typed columns."""
    return schema_of((*PROVENANCE, *dataset.columns))


def database_schema(*, is_open: bool) -> dg.TableSchema:
    """Every column of the open or the restricted database as ``table.column``."""
    return dg.TableSchema(
        [
            dg.TableColumn(
                f"{e.table}.{e.column}", e.type, description=e.comment, tags={"sensitivity": str(e.sensitivity)}
            )
            for e in entries(is_open=is_open)
        ]
    )


def describe(table: Table) -> str:
    """A table's description in both languages, with its notes."""
    return " ".join((f"{table.meaning} · {table.meaning_zh}", *table.notes))


def table_value(records: Sequence[Record], limit: int = 200) -> dg.MetadataValue:
    """Records as a table on the page; the first ``limit`` of them. Never of personal data."""
    return dg.MetadataValue.table([dg.TableRecord({k: _plain(v) for k, v in r.items()}) for r in records[:limit]])


def _plain(value: Any) -> str | int | float | bool | None:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _column(column: Column) -> dg.TableColumn:
    other = [f"one of: {', '.join(column.values)}"] if column.values else []
    if column.references:
        other.append(f"references {column.references}")
    return dg.TableColumn(
        column.name,
        column.type,
        description=f"{column.meaning} · {column.meaning_zh}",
        constraints=dg.TableColumnConstraints(nullable=column.nullable, other=other),
        tags={"sensitivity": str(column.sensitivity)},
    )
