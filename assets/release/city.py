"""The released tables that are made of the register's own: inhabitants, the communities' profile and coverage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from assets.merge import Merge
from assets.release.days import event_days
from expectations.contracts.codes import CODE_LISTS
from resources.duck import quote
from resources.models import run_model

SQL = Path(__file__).parent / "sql"
AGE_BANDS = ("0-13", "14-17", "18-34", "35-59", "60-79", "80+", "unknown")
_CELL = pa.schema(
    [*((name, pa.string()) for name in ("measure", "age_band", "sex", "status")), ("position", pa.int64())]
)
_EXPECTED = pa.schema(
    [("community_id", pa.string()), *((name, pa.int64()) for name in ("houses", "residents", "vehicles"))]
)


def profile_cells() -> Iterator[dict[str, str | None]]:
    """Every cell that a community's profile could have, the least telling ones last."""
    for band in AGE_BANDS:
        for sex in CODE_LISTS["sex"].values:
            yield {"measure": "residents", "age_band": band, "sex": sex, "status": None}
    for status in (*CODE_LISTS["house_status"].values, "unknown"):
        yield {"measure": "houses", "age_band": None, "sex": None, "status": status}


def build_inhabitants(con: duckdb.DuckDBPyConnection) -> str:
    """The relation behind ``inhabitants``."""
    run_model(con, SQL / "inhabitants.sql")
    return "release_inhabitants"


def build_profile(con: duckdb.DuckDBPyConnection, year: int) -> str:
    """The relation behind ``community_profile``; ages are as in the open table, the ``year`` less the birth year."""
    cells = [{**cell, "position": i} for i, cell in enumerate(profile_cells())]
    con.register("profile_grid", pa.Table.from_pylist(cells, schema=_CELL))
    run_model(con, SQL / "community_profile.sql", year=year)
    con.unregister("profile_grid")
    return "release_profile"


def build_coverage(con: duckdb.DuckDBPyConnection, merge: Merge) -> str:
    """The relation behind ``coverage``. Where several companies expect something of one community, the largest
    count holds."""
    expected = [
        {"community_id": c.community_id, **c.expected.model_dump()}
        for company in merge.companies.values()
        for c in company.communities
    ]
    con.register("release_declared", pa.Table.from_pylist(expected, schema=_EXPECTED))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE release_expected AS SELECT community_id, max(houses) AS houses, "
        "max(residents) AS residents, max(vehicles) AS vehicles FROM release_declared GROUP BY ALL"
    )
    con.unregister("release_declared")
    con.execute(f"CREATE OR REPLACE TEMP VIEW release_passes AS {_passes(merge)}")
    run_model(con, SQL / "coverage.sql")
    return "release_coverage"


def _passes(merge: Merge) -> str:
    daily = [quote(day["daily"]) for day in event_days(merge)]
    if not daily:
        return "SELECT NULL::VARCHAR AS community_id, 0 AS passes, 0 AS unregistered WHERE false"
    return f"SELECT community_id, passes, unregistered FROM read_parquet([{', '.join(daily)}])"
