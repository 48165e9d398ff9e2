"""What every stage of the register shares: a scratch connection, its inputs, and how it writes.

Stages pass Parquet below ``merge.work/stage`` to each other, so each can run in a process of its own. Inside a stage
everything is a temporary table of a cursor, gone with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.contracts.datasets import DATASETS, PROVENANCE
from expectations.contracts.model import Table
from expectations.contracts.tables import TABLES
from resources.duck import PARQUET, identifier, quote
from resources.engine import Connection
from resources.models import Sql, Value, run_model

if TYPE_CHECKING:
    from assets.merge import Merge

SQL = Path(__file__).parent / "sql"

Counts = dict[str, int]


class RegisterError(RuntimeError):
    """The register cannot be built; the message names what is wrong and what to do."""


def model(con: Connection, name: str, **values: Value) -> None:
    """Run one of the register's models."""
    run_model(con, SQL / f"{name}.sql", **values)


@contextmanager
def scratch(con: Connection) -> Iterator[Connection]:
    """A cursor whose temporary tables go when the stage ends, well or badly."""
    cursor = con.cursor()
    try:
        cursor.execute("SET preserve_insertion_order = false")
        yield cursor
    finally:
        cursor.close()


def stage_path(merge: Merge, name: str) -> Path:
    """Where a stage leaves a table for the next one."""
    return merge.work / "stage" / f"{name}.parquet"


def write(con: Connection, query: str, path: Path) -> int:
    """Write a query's rows as Parquet and return how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = con.execute(f"COPY ({query}) TO {quote(path)} ({PARQUET})").fetchone()
    return int(written[0]) if written else 0


def leave(con: Connection, merge: Merge, *tables: str) -> None:
    """Leave temporary tables for later stages, under their own names."""
    for table in tables:
        write(con, f"FROM {table}", stage_path(merge, table))


def take(con: Connection, merge: Merge, *names: str) -> None:
    """Make views of what earlier stages left, under the same names."""
    for name in names:
        path = stage_path(merge, name)
        if not path.exists():
            raise RegisterError(f"{path} is missing: run the stage that makes {name} first")
        con.execute(f"CREATE TEMP VIEW {name} AS FROM read_parquet({quote(path)})")


def declared(table: Table) -> str:
    """The contract's columns under their types, to select from a query that has columns of these names."""
    return ", ".join(f"{identifier(c.name)}::{c.type} AS {identifier(c.name)}" for c in table.columns)


def write_table(con: Connection, merge: Merge, table: str, query: str, sorted_by: Sequence[str] = ()) -> int:
    """Write a released table: the contract's columns, types and order. Returns its number of rows.

    ``sorted_by``: columns of the query, be they the table's or not, that bring its rows into the contract's order by
    fewer bytes: DuckDB sorts by all bytes of all columns named."""
    contract = TABLES[table]
    order = list(sorted_by or contract.order_by)
    if "entity_id" in order and "entity_type" in order:
        # an id begins with its type's letter, and the types sort as their letters do
        order.remove("entity_type")
    return write(
        con,
        f"SELECT {declared(contract)} FROM ({query}) ORDER BY {', '.join(map(identifier, order))}",
        merge.tables / f"{table}.parquet",
    )


def accepted(merge: Merge, dataset: str) -> Sql:
    """A dataset's accepted records as a table expression; an empty one with the same columns when nobody sent any."""
    columns = (*PROVENANCE, *DATASETS[dataset].columns)
    names = ", ".join(identifier(c.name) for c in columns)
    paths = merge.accepted(dataset)
    if paths:
        return Sql(f"(SELECT {names} FROM read_parquet([{', '.join(map(quote, paths))}]))")
    empty = ", ".join(f"NULL::{c.type} AS {identifier(c.name)}" for c in columns)
    return Sql(f"(SELECT {empty} WHERE false)")


def open_records(con: Connection, merge: Merge, *datasets: str) -> None:
    """Make the views ``<dataset>_in`` over the standing records of these datasets (and ``files``, ``standing``)."""
    take(con, merge, "files", "standing")
    for dataset in datasets:
        model(con, "records", view=Sql(f"{dataset}_in"), records=accepted(merge, dataset))


def count(con: Connection, query: str) -> int:
    """The one number a query returns."""
    row = con.execute(query).fetchone()
    return int(row[0] or 0) if row else 0
