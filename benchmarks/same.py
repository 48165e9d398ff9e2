"""Whether two releases say the same: row for row, or up to the names of ids and what only history knows.

What is left out, and why, is said in docs/decisions/0011-what-a-rebuild-must-equal.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.release.fingerprint import CLOCK_COLUMNS, CLOCK_TABLES
from expectations.contracts.model import Column, Table
from expectations.contracts.tables import TABLES
from resources.duck import connect, identifier, quote
from resources.keys import add_parquet_key, attach_encrypted, restricted_key
from resources.settings import Settings

IDS = frozenset({"resident_id", "house_id", "vehicle_id", "entity_id", "other_id"})
HISTORY = frozenset({"id_ledger", "former_ids", "events_identified"}) | CLOCK_TABLES
"""Tables that tell of other nights: a rebuild without them cannot have the same."""
REMEMBERED: dict[str, frozenset[str]] = {
    **dict.fromkeys(("residents", "houses", "vehicles"), frozenset({"first_seen"})),
    **dict.fromkeys(("occupancies", "vehicle_holdings"), frozenset({"valid_from"})),
    "access_events": frozenset({"is_registered"}),
    "coverage": frozenset({"unregistered_share"}),
    "evidence": frozenset({"pair_id"}),
}
"""Columns that a night remembers: the first day, and who was registered when a day's passes were written. A pair
of two entities is named by their ids, so its own id moves with them."""
PROBABILITIES = frozenset({"match_confidence", "match_probability", "probability"})
"""What linking computes, and not merely picks."""
LINKS = frozenset({"occupancies", "vehicle_holdings"})
"""A night remembers the periods that have ended; a rebuild has those that are delivered."""


@dataclass(frozen=True)
class Differences:
    """Rows that only one of two releases has, per table; empty when they say the same. ``tables``, ``rows``: how many
    were compared."""

    tables: int
    rows: int
    found: dict[str, int]


def differences(
    settings: Settings, release: Path, other_settings: Settings, other: Path, *, places: int | None = None
) -> Differences:
    """Two releases of the same history: every table with its ids, but for what names a release or a time.
    ``places``: probabilities that agree to so many decimal places are the same."""
    with connect(settings) as con:
        _attach(con, ("a", settings, release), ("b", other_settings, other))
        tables = [t for t in TABLES.values() if t.name not in CLOCK_TABLES]
        left_out = {t.name: _clock_columns(t) for t in tables}
        return _compare(con, tables, left_out, renamed=False, places=places)


def differences_but_for_history(settings: Settings, night: Path, rebuilt_in: Settings, rebuilt: Path) -> Differences:
    """A night against a rebuild that knows nothing of other nights; ids are matched by the records they were made
    from, and each must have exactly one partner."""
    with connect(settings) as con:
        _attach(con, ("a", settings, night), ("b", rebuilt_in, rebuilt))
        con.execute(
            """CREATE TEMP TABLE renamed AS
            SELECT DISTINCT a.entity_id AS id_a, b.entity_id AS id_b
            FROM a.sources a FULL JOIN b.sources b
                ON (a.entity_type, a.dataset, a.company, a.delivery_id, a.file, a.row_number)
                = (b.entity_type, b.dataset, b.company, b.delivery_id, b.file, b.row_number)"""
        )
        unpaired = con.execute(
            """SELECT count(*) FROM (SELECT id_a, id_b, count(*) OVER (PARTITION BY id_a) AS n,
                count(*) OVER (PARTITION BY id_b) AS m FROM renamed)
            WHERE id_a IS NULL OR id_b IS NULL OR n > 1 OR m > 1"""
        ).fetchall()[0][0]
        tables = [t for t in TABLES.values() if t.name not in HISTORY]
        left_out = {t.name: _clock_columns(t) | REMEMBERED.get(t.name, frozenset()) for t in tables}
        result = _compare(con, tables, left_out, renamed=True)
    return Differences(result.tables, result.rows, result.found | ({"entities": unpaired} if unpaired else {}))


def _attach(con: duckdb.DuckDBPyConnection, *sides: tuple[str, Settings, Path]) -> None:
    for alias, settings, folder in sides:
        key = restricted_key(settings)
        attach_encrypted(con, folder / "restricted.duckdb", alias, key)
        con.execute(f"ATTACH {quote(folder / 'curated.duckdb')} AS {alias}_open (READ_ONLY)")
    add_parquet_key(con, restricted_key(sides[0][1]))


def _compare(
    con: duckdb.DuckDBPyConnection,
    tables: list[Table],
    left_out: dict[str, frozenset[str]],
    *,
    renamed: bool,
    places: int | None = None,
) -> Differences:
    found: dict[str, int] = {}
    rows = 0
    for table in tables:
        names = [c.name for c in _columns(table) if c.name not in left_out.get(table.name, frozenset())]
        ended = " AND is_current" if renamed and table.name in LINKS else ""
        for alias, other in (("a", "b"), ("b", "a")):
            mine, theirs = (_rows(table, side, names, renamed=renamed, places=places) for side in (alias, other))
            # what has ended is remembered by the night alone
            condition = ended if alias == "a" else ""
            only, all_of_it = con.execute(
                f"SELECT (SELECT count(*) FROM (({mine}) EXCEPT ALL ({theirs})) only_here WHERE true{condition}), "
                f"(SELECT count(*) FROM ({mine}) everything)"
            ).fetchall()[0]
            rows += all_of_it if alias == "a" else 0
            if only:
                found[table.name] = found.get(table.name, 0) + only
    return Differences(len(tables), rows, found)


def _clock_columns(table: Table) -> frozenset[str]:
    return frozenset(CLOCK_COLUMNS.get(table.name, ()))


def _columns(table: Table) -> tuple[Column, ...]:
    return table.open_columns if table.where == "open" else table.columns


def _rows(table: Table, alias: str, names: list[str], *, renamed: bool, places: int | None) -> str:
    """A table's rows as a query; the ids of the second release by the first one's names, where they are renamed."""
    database = f"{alias}_open" if table.where == "open" else alias
    columns, joins = [], []
    for n, name in enumerate(names):
        if renamed and alias == "b" and name in IDS:
            columns.append(f"coalesce(m{n}.id_a, t.{identifier(name)}) AS {identifier(name)}")
            joins.append(f"LEFT JOIN renamed m{n} ON m{n}.id_b = t.{identifier(name)}")
        elif places is not None and name in PROBABILITIES:
            columns.append(f"round(t.{identifier(name)}, {places}) AS {identifier(name)}")
        else:
            columns.append(f"t.{identifier(name)}")
    return f"SELECT {', '.join(columns)} FROM {database}.{identifier(table.name)} t {' '.join(joins)}"
