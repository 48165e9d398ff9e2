"""The figures of a merge's steps: one small grouping per table, shown as a chart. Counts only, never a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from assets.merge import Merge
from assets.release import Candidate
from resources.duck import quote

_GROUPINGS = {
    "communities": "SELECT company, sum(house_count) FROM {table} GROUP BY 1",
    "houses": "SELECT coalesce(status, 'status unknown'), count(*) FROM {table} GROUP BY 1",
    "residents": "SELECT least(source_count, 6)::VARCHAR || ' records', count(*) FROM {table} GROUP BY 1",
    "vehicles": "SELECT coalesce(energy, 'energy unknown'), count(*) FROM {table} GROUP BY 1",
    "occupancies": "SELECT role || CASE WHEN is_current THEN '' ELSE ', ended' END, count(*) FROM {table} GROUP BY 1",
    "vehicle_holdings": "SELECT role || CASE WHEN is_current THEN '' ELSE ', ended' END, count(*) "
    "FROM {table} GROUP BY 1",
    "sources": "SELECT entity_type || ': ' || match_rule, count(*) FROM {table} GROUP BY 1",
    "evidence": "SELECT verdict || ': ' || rule, count(*) FROM {table} GROUP BY 1",
    "id_ledger": "SELECT entity_type || ' ' || event, count(*) FROM {table} GROUP BY 1",
}
"""Per register table, label and rows: what an operator compares from night to night."""


def table_figures(merge: Merge, con: duckdb.DuckDBPyConnection, table: str) -> tuple[int, dict[str, int]]:
    """The rows of a register table of this merge, and its rows by the table's own grouping."""
    relation = f"read_parquet({quote(merge.tables / f'{table}.parquet')})"
    rows = con.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0]
    return int(rows), _counts(con, _GROUPINGS[table].format(table=relation))


def accuracy_rates(merge: Merge, con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of the table accuracy, each named in ``of``: all pairs, their kinds, then the companies, worst first."""
    relation = f"read_parquet({quote(merge.tables / 'accuracy.parquet')})"
    query = f"""SELECT coalesce(company, stratum) AS of, * FROM {relation}
        ORDER BY company IS NOT NULL, stratum <> 'all',
            CASE WHEN company IS NOT NULL THEN recall_high END NULLS LAST, company, stratum"""
    found: list[dict[str, Any]] = con.sql(query).to_arrow_table().to_pylist()
    return found


def change_counts(candidate: Candidate | Path, con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """What a release changed against the one before: entity type and change → ids."""
    folder = candidate if isinstance(candidate, Path) else candidate.folder
    changes = f"read_parquet({quote(folder / 'parquet' / 'changes.parquet')})"
    return _counts(con, f"SELECT entity_type || ' ' || change, count(*) FROM {changes} GROUP BY 1")


def _counts(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    return {str(label): int(n) for label, n in con.execute(f"FROM ({query}) ORDER BY 2 DESC, 1").fetchall()}
