"""Small counts: none is shown, and none can be worked out from what is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from assets.release.city import build_profile, profile_cells

HOUSE_CELLS = [c["status"] for c in profile_cells() if c["measure"] == "houses"]


def profiles(counts: Sequence[tuple[int, ...]]) -> dict[str, dict[Any, int | None]]:
    """The published house cells of communities with these numbers of houses per status."""
    with duckdb.connect() as con:
        con.execute("ATTACH ':memory:' AS restricted")
        rows = [(f"{i}", s, n) for i, c in enumerate(counts) for s, n in zip(HOUSE_CELLS, c, strict=False) if n]
        con.register("told", pa.table(dict(zip(("community_id", "status", "n"), zip(*rows, strict=True), strict=True))))
        con.execute(
            "CREATE TABLE restricted.houses AS SELECT community_id || '-' || status || i AS house_id, community_id, "
            "nullif(status, 'unknown') AS status FROM told, range(n) t(i)"
        )
        con.execute(
            "CREATE TABLE restricted.communities AS SELECT community_id, 1 AS house_count FROM told WHERE false"
        )
        con.execute("ATTACH ':memory:' AS curated")
        con.execute("CREATE TABLE curated.inhabitants (community_id VARCHAR, sex VARCHAR, birth_year INTEGER)")
        con.execute(
            "CREATE TABLE restricted.vehicle_holdings (community_id VARCHAR, vehicle_id VARCHAR, is_current BOOLEAN)"
        )
        relation = build_profile(con, 2026)
        found: dict[str, dict[Any, int | None]] = defaultdict(dict)
        for community, status, n in con.execute(f"SELECT community_id, status, houses FROM {relation}").fetchall():
            found[community][status] = n
    return found


def test_no_hidden_cell_can_be_worked_out() -> None:
    """Whoever knows the rule, the published cells and the total can still think of two numbers for each hidden cell:
    every way to spread so many houses over four kinds is tried."""
    cities = [(*c, total - sum(c)) for total in (21, 22, 25) for c in product(range(26), repeat=3) if sum(c) <= total]
    published = profiles(cities)
    thinkable: dict[Any, list[tuple[int, ...]]] = defaultdict(list)
    for i, city in enumerate(cities):
        shown = tuple(published[f"{i}"].get(s, "no row") for s in HOUSE_CELLS)
        thinkable[shown, sum(city)].append(city)
    for (shown, total), worlds in thinkable.items():
        for cell, value in enumerate(shown):
            assert value is None or value == "no row" or value >= 5
            if value is None:
                assert len({w[cell] for w in worlds}) > 1, (shown, total, worlds)


def test_a_small_community_shows_nothing() -> None:
    found = profiles([(4, 4, 4, 4, 4), (20, 0, 0, 0, 0), (21, 0, 0, 0, 0)])
    assert found["0"] == found["1"] == dict.fromkeys(HOUSE_CELLS)
    assert found["2"] == {HOUSE_CELLS[0]: 21}


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((30, 5, 9, 0, 0), (30, 5, 9)),
        ((30, 3, 20, 0, 0), (30, None, None)),  # the last of the others goes with it
        ((30, 3, 2, 0, 0), (None, None, None)),
        ((30, 1, 1, 5, 0), (None, None, None, None)),  # ones and a five add up to the least they could
        ((30, 1, 2, 5, 0), (30, None, None, None)),
    ],
)
def test_as_much_is_hidden_as_must_be(counts: tuple[int, ...], shown: tuple[int | None, ...]) -> None:
    found = profiles([counts])["0"]
    assert tuple(found[s] for s, n in zip(HOUSE_CELLS, counts, strict=True) if n) == shown
