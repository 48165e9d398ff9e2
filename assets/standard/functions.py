"""The functions that the rules' SQL calls and DuckDB lacks: NFKC, and the readers of house texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from assets.standard.rules.house import HOUSE_TYPE, HouseReader
from expectations.feeds import Company


@contextmanager
def functions(con: duckdb.DuckDBPyConnection, company: Company | None = None) -> Iterator[None]:
    """Make ``nfkc`` and the readers of house texts known to the connection for a while.

    All are plain Python: ``nfkc`` is called on the few texts that it may change, the readers on distinct values only.
    They pass over the names of the ``company``'s communities where these stand in an address.
    """
    houses = HouseReader(n for c in (company.communities if company else ()) for n in (c.name, *c.aliases))
    readers = {
        "house_head": houses.head,
        "house_building": houses.building,
        "house_unit": houses.unit,
        "house_room": houses.room,
    }
    # not by Arrow: handing over a batch, be it of a few texts, costs as much as six hundred calls
    con.create_function("nfkc", _nfkc, ["VARCHAR"], "VARCHAR")
    for name, reader in readers.items():
        con.create_function(name, reader, ["VARCHAR"], HOUSE_TYPE)
    try:
        yield
    finally:
        for name in ("nfkc", *readers):
            con.remove_function(name)


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
