"""Golden records: of all that the records of an entity say, the value that survives, by the operator's preferences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assets.register.stage import Connection, model
from expectations.policy import Preference, Rules
from resources.duck import identifier
from resources.models import Sql

_ORDER: dict[Preference, str] = {
    "verified": "verified DESC",
    "complete": "complete DESC",
    "recent": "updated_at DESC NULLS LAST, delivered_on DESC",
    "trusted": "trust DESC",
}

_LAST = 1_000_000_000
"""Moves a doubtful value behind every value that is not in doubt."""


@dataclass(frozen=True)
class Survivor:
    """A column of a golden record. ``doubt`` is a SQL integer over the record: the value with the least doubt wins
    before any preference (a masked name only where no record has the whole one)."""

    column: str
    doubt: str = "0"


def order_of(preference: Sequence[Preference]) -> Sql:
    """The ORDER BY terms of a survivorship policy; the last is the smallest provenance, so no tie is left open."""
    return Sql(", ".join([*(_ORDER[p] for p in preference), "rid"]))


def completeness(columns: Sequence[str]) -> str:
    """A SQL integer: how many of these columns a record fills."""
    return " + ".join(f"({identifier(c)} IS NOT NULL)::INT" for c in columns)


def golden(con: Connection, records: str, survivors: Sequence[Survivor], rules: Rules) -> None:
    """Make ``golden`` (cluster and the columns) and ``survived`` (rid, columns_kept) from ``records``; see
    ``sql/golden.sql``."""
    orders = list(dict.fromkeys(rules.of(s.column) for s in survivors))
    ranks = [
        f"row_number() OVER (PARTITION BY r.cluster ORDER BY {order_of(o)}) AS place_{n}" for n, o in enumerate(orders)
    ]
    places, picked, given, given_first = [], [], [], []
    for bit, survivor in enumerate(survivors):
        name, at = identifier(survivor.column), identifier(f"{survivor.column} at")
        places.append(f"place_{orders.index(rules.of(survivor.column))} + ({survivor.doubt}) * {_LAST} AS {at}")
        picked.append(f"arg_min({name}, {at}) AS {name}, min({at}) FILTER (WHERE {name} IS NOT NULL) AS {at}")
        given.append(f"({name} IS NOT NULL)::INT * {1 << bit}")
        given_first.append(f"coalesce(p.{at} = r.{at}, false)::INT * {1 << bit}")
    model(
        con,
        "golden",
        records=Sql(records),
        ranks=Sql(", ".join(ranks)),
        columns=Sql(", ".join(identifier(s.column) for s in survivors)),
        places=Sql(", ".join(places)),
        picked=Sql(", ".join(picked)),
        given=Sql(" + ".join(given)),
        given_first=Sql(" + ".join(given_first)),
    )
