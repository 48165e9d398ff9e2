"""The functions that the rules' SQL calls and DuckDB lacks: NFKC, and the readers of house texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from assets.standard.rules.house import HOUSE_TYPE, HouseReader
from expectations.feeds import Company


@contextmanager
def functions(con: duckdb.DuckDBPyConnection, company: Company | None = None) -> Iterator[None]:
    """Make ``nfkc`` (vectorised, by Arrow) and the readers of house texts known to the connection for a while.

    The readers are plain Python and are called on distinct values only. They pass over the names of the ``company``'s
    communities where these stand in an address.
    """
    houses = HouseReader(n for c in (company.communities if company else ()) for n in (c.name, *c.aliases))
    readers = {
        "house_head": houses.head,
        "house_building": houses.building,
        "house_unit": houses.unit,
        "house_room": houses.room,
    }
    con.create_function("nfkc", _nfkc, ["VARCHAR"], "VARCHAR", type="arrow")  # type: ignore[call-overload]
    for name, reader in readers.items():
        con.create_function(name, reader, ["VARCHAR"], HOUSE_TYPE)
    try:
        yield
    finally:
        for name in ("nfkc", *readers):
            con.remove_function(name)


def _nfkc(texts: pa.Array) -> pa.Array:
    return pc.utf8_normalize(texts, form="NFKC")
