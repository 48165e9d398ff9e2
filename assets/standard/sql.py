"""The SQL that every rule is made of: text normal forms, digit sums, and the functions DuckDB lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from resources.duck import quote

if TYPE_CHECKING:
    import duckdb

    from assets.standard.rules.house import HouseReader

SHANGHAI = "Asia/Shanghai"
"""The zone in which every day, deadline and local time of the register is meant."""

_SPACES = r"[\s\x{200B}-\x{200D}\x{FEFF}]+"
"""White space left after NFKC, and the zero-width characters that copy and paste brings along."""


def folded(x: str) -> str:
    """NFKC of a text expression; plain ASCII (as many bytes as characters) is its own NFKC and costs nothing."""
    return f"CASE WHEN strlen({x}) <> length({x}) THEN nfkc({x}) ELSE {x} END"


def normal(x: str) -> str:
    """The text normal form: NFKC, trimmed, inner white space as one space; NULL when nothing is left."""
    return f"nullif(trim(regexp_replace({folded(x)}, {quote(_SPACES)}, ' ', 'g')), '')"


def compact(x: str) -> str:
    """NFKC without any white space; NULL when nothing is left."""
    return f"nullif(regexp_replace({folded(x)}, {quote(_SPACES)}, '', 'g'), '')"


def matches(x: str, pattern: str) -> str:
    """Whether a regular expression (RE2) is found in the text."""
    return f"regexp_matches({x}, {quote(pattern)})"


def one_of(x: str, values: Iterable[str]) -> str:
    """Whether the text is one of the values; ``false`` when there are none."""
    listed = ", ".join(quote(v) for v in values)
    return f"{x} IN ({listed})" if listed else "false"


def weighted_sum(number: str, weights: Sequence[int]) -> str:
    """Σ digit × weight over the decimal digits of a BIGINT expression, leading zeros counted.

    Integer arithmetic: half the cost of cutting the text into characters.
    """
    last = len(weights) - 1
    return " + ".join(f"({number} // {10 ** (last - i)}) % 10 * {w}" for i, w in enumerate(weights) if w)


def _nfkc(texts: pa.Array) -> pa.Array:
    return pc.utf8_normalize(texts, form="NFKC")


@contextmanager
def functions(con: duckdb.DuckDBPyConnection, houses: HouseReader, house_type: str) -> Iterator[None]:
    """Make ``nfkc`` (vectorised, by Arrow) and the readers of house texts known to the connection for a while.

    The readers are plain Python and are called on distinct values only.
    """
    readers = {
        "house_head": houses.head,
        "house_building": houses.building,
        "house_unit": houses.unit,
        "house_room": houses.room,
    }
    con.create_function("nfkc", _nfkc, ["VARCHAR"], "VARCHAR", type="arrow")  # type: ignore[call-overload]
    for name, reader in readers.items():
        con.create_function(name, reader, ["VARCHAR"], house_type)
    try:
        yield
    finally:
        for name in ("nfkc", *readers):
            con.remove_function(name)
