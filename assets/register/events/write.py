"""One day's files: folded, attached to the register, written aside and renamed into place."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assets.register.events.days import MANIFEST, DayPlan
from assets.register.events.fold import SQL, fold_day, open_day
from assets.register.stage import Connection, declared, stage_path
from assets.register.vehicles import PLATES
from expectations.contracts.tables import TABLES
from resources.duck import PARQUET, enumeration, identifier, quote
from resources.files import folder_aside
from resources.models import render, run_model

if TYPE_CHECKING:
    from assets.merge import Merge

OF_AGE = 14
"""Passes of children under this age are never published with a person (PIPL art. 28)."""

DAY_FILES = ("access_events", "access_hourly", "events_identified", "daily")
LEDGER = "ledger.parquet"
FOLDED = "folded.parquet"

_FEW = {
    "access_events": dict.fromkeys(("community_id", "gate", "direction", "method", "subject_kind"), "passes"),
    "events_identified": {"entity_type": "passes", **dict.fromkeys(("company", "delivery_id", "file"), "event_files")},
}
"""Columns that say the same few texts over and over, and the table to find those in."""

_TWO_BYTES = 65_535
"""How many texts two bytes tell apart."""


def write_day(con: Connection, plan: DayPlan, merge: Merge) -> None:
    """Write the folder of a day, whole or not at all, its passes attached to the register as it is tonight."""
    open_day(con, plan)
    fold_day(con, plan)
    run_model(
        con,
        SQL / "subjects.sql",
        day=plan.day,
        age=OF_AGE,
        plates=stage_path(merge, PLATES),
        **{name: merge.tables / f"{name}.parquet" for name in ("residents", "occupancies", "houses")},
    )
    with folder_aside(plan.folder) as aside:
        aside.chmod(0o700)  # it holds persons' passes while it is built
        passes = aside / "passes.parquet"
        copy_to(con, render(SQL / "passes.sql", day=plan.day), passes)
        con.execute("DROP TABLE subjects")  # their memory is for sorting
        con.execute(f"CREATE OR REPLACE TEMP VIEW passes AS FROM read_parquet({quote(passes)})")
        for name in DAY_FILES:
            _write_table(con, name, aside / f"{name}.parquet")
        copy_to(con, render(SQL / "day_folded.sql", day=plan.day), aside / FOLDED)
        copy_to(con, render(SQL / "day_ledger.sql", folded=aside / FOLDED), aside / LEDGER)
        passes.unlink()
        rows = con.sql(f"SELECT count(*) FROM read_parquet({quote(aside / 'access_events.parquet')})").fetchall()
        content = {
            "date": plan.day.isoformat(),
            "deliveries": [[d.company, d.delivery_id] for d in plan.deliveries],
            "rows": rows[0][0],
        }
        (aside / MANIFEST).write_text(json.dumps(content, indent=1), encoding="utf-8")
        aside.chmod(0o755)
    for table in ("folded_places", "event_files"):
        con.execute(f"DROP TABLE {table}")


def _write_table(con: Connection, name: str, path: Path) -> None:
    """One file of the day from the view ``passes``, its columns, types and order as in the contract."""
    query = render(SQL / f"day_{name}.sql")
    if name in TABLES:
        contract = TABLES[name]
        query = f"SELECT {declared(contract)} FROM ({_sorted(con, name, query)})"
        if contract.where == "restricted":
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    copy_to(con, query, path)


def _sorted(con: Connection, name: str, query: str) -> str:
    """The rows of a day in the contract's order, less the date that they share. What is one of few texts is sorted as
    a number, in far fewer bytes, and so a city's day is sorted in memory."""
    contract, few = TABLES[name], _FEW.get(name, {})
    columns = [_as_number(con, c.name, few[c.name]) if c.name in few else identifier(c.name) for c in contract.columns]
    order = ", ".join(identifier(c) for c in contract.order_by if c != "event_date")
    return f"SELECT {', '.join(columns)} FROM ({query}) ORDER BY {order}"


def _as_number(con: Connection, column: str, table: str) -> str:
    """A column of few texts as one of an enumeration; as it is where they are not few, or none, or where one of them
    cannot be said in SQL: what companies sent may hold U+0000, at which a statement ends."""
    name = identifier(column)
    found = con.execute(
        f"SELECT DISTINCT {name} FROM {table} WHERE {name} IS NOT NULL LIMIT {_TWO_BYTES + 1}"
    ).fetchall()
    if not 0 < len(found) <= _TWO_BYTES or any("\0" in text for (text,) in found):
        return name
    return f"CAST({name} AS {enumeration(text for (text,) in found)}) AS {name}"


def copy_to(con: Connection, query: str, path: Path) -> None:
    """Write a query's rows as one Parquet file, over an existing one so that its mode stays."""
    con.execute(f"COPY ({query}) TO {quote(path)} ({PARQUET}, USE_TMP_FILE false)")


def union_of(paths: Sequence[Path]) -> str:
    """A table expression over Parquet files of equal columns."""
    return f"read_parquet([{', '.join(map(quote, paths))}])"
