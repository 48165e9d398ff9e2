"""The pairs of the current release that a person may decide about, and the two sides of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assets.explain import open_evidence
from assets.register.stage import Connection
from assets.verdicts import read_verdicts, standing
from expectations.contracts.masks import open_value
from expectations.contracts.model import Column
from expectations.contracts.tables import TABLES
from resources.duck import identifier
from resources.settings import Settings


class ReviewError(RuntimeError):
    """What was asked for cannot be done; the message says why, in both languages."""


class NoSuchPair(ReviewError):
    """The current release has no such pair."""


@dataclass(frozen=True)
class Side:
    """One side of a pair: the record it was compared by, and what its resident is known as (masked unless asked)."""

    entity_id: str
    company: str
    file: str
    row_number: int
    records: int
    houses: list[str]
    values: dict[str, Any]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """A pair with its evidence.

    ``effect``: the records, occupancies and vehicles that ``same`` would bring together, times the uncertainty in bits;
    a whole bit where the evidence is strong and something else held it back. ``decided``: the verdict that stands,
    None where nobody has decided.
    """

    pair_id: str
    rule: str
    verdict: str
    probability: float
    findings: list[str]
    effect: float
    left: Side
    right: Side
    decided: str | None

    @property
    def is_joined(self) -> bool:
        """Whether both records are of one resident in this release."""
        return self.left.entity_id == self.right.entity_id


SHOWN = tuple(
    c for c in TABLES["residents"].columns if c.name not in ("resident_id", "source_count", "match_confidence")
)
"""What is shown of a side."""

# the strongest row speaks for a pair that several rows are about
_PAIRS = """
SELECT e.pair_id, e.rule, e.verdict, e.probability, e.findings,
    (l.source_count + r.source_count + (SELECT count(*) FROM occupancies o
        WHERE o.resident_id IN (e.entity_id, e.other_id)) + (SELECT count(*) FROM vehicle_holdings v
        WHERE v.resident_id IN (e.entity_id, e.other_id))) * CASE
        WHEN list_has_any(e.findings, ['held_ambiguous', 'held_contradiction', 'held_too_large']) THEN 1 ELSE coalesce(
        -e.probability * log2(nullif(e.probability, 0)) - (1 - e.probability) * log2(nullif(1 - e.probability, 0)), 0
    ) END AS effect,
    e.entity_id AS left_id, coalesce(e.other_id, e.entity_id) AS right_id,
    e.left_company, e.left_file, e.left_row_number, e.left_names,
    e.right_company, e.right_file, e.right_row_number, e.right_names
FROM evidence e
JOIN residents l ON l.resident_id = e.entity_id
JOIN residents r ON r.resident_id = coalesce(e.other_id, e.entity_id)
WHERE e.pair_id IS NOT NULL AND {which}
QUALIFY row_number() OVER (PARTITION BY e.pair_id ORDER BY e.rule = 'review' DESC, e.probability DESC,
    e.left_delivery_id, e.left_file, e.left_row_number, e.right_delivery_id, e.right_file, e.right_row_number) = 1
ORDER BY effect DESC, e.pair_id
"""


def queue(settings: Settings, *, values: bool = False, limit: int | None = None) -> list[Pair]:
    """The pairs nobody has decided about, those first that matter most. Raises FileNotFoundError before a release."""
    decided = standing(read_verdicts(settings))
    with open_evidence(settings) as con:
        rows = con.execute(_PAIRS.format(which="e.verdict = 'grey' AND e.rule = 'linked'")).fetchall()
        return _pairs(con, [row for row in rows if row[0] not in decided][:limit], None, values)


def find_pair(settings: Settings, pair_id: str, *, values: bool = False) -> Pair:
    """A pair of the current release by its id or an unmistakable beginning of it. Raises :class:`ReviewError`."""
    decided = standing(read_verdicts(settings))
    with open_evidence(settings) as con:
        known = [p for (p,) in con.execute(
            "SELECT DISTINCT pair_id FROM evidence WHERE starts_with(pair_id, ?) LIMIT 3", [pair_id]
        ).fetchall()]  # fmt: skip
        if not known:
            raise NoSuchPair(
                f"{pair_id}: the current release has no such pair; see: community-register review list "
                f"· 当前发布中没有此审核对"
            )
        if len(known) > 1:
            raise ReviewError(f"{pair_id}: several pairs begin with this, give more of it · 编号不唯一，请补全")
        rows = con.execute(_PAIRS.format(which="e.pair_id = ?"), known).fetchall()
        standing_now = decided.get(known[0])
        return _pairs(con, rows, standing_now.verdict if standing_now else None, values)[0]


def _pairs(con: Connection, rows: list[tuple[Any, ...]], decided: str | None, values: bool) -> list[Pair]:
    ids = sorted({entity_id for row in rows for entity_id in row[6:8]})
    known, houses = _known(con, ids, values), _houses(con, ids, values)

    def side(entity_id: str, company: str, file: str, row_number: int, names: list[str]) -> Side:
        records, told = known[entity_id]
        return Side(entity_id, company, file, row_number, records, houses.get(entity_id, []), told, tuple(names))

    return [
        Pair(
            pair_id=row[0],
            rule=row[1],
            verdict=row[2],
            probability=row[3],
            findings=row[4],
            effect=round(row[5], 3),
            left=side(row[6], *row[8:12]),
            right=side(row[7], *row[12:16]),
            decided=decided,
        )
        for row in rows
    ]


def _known(con: Connection, ids: list[str], values: bool) -> dict[str, tuple[int, dict[str, Any]]]:
    """Resident → number of records, and what is shown of it."""
    shown = ", ".join(f"{_shown(c, values)} AS {identifier(c.name)}" for c in SHOWN)
    rows = con.execute(
        f"SELECT resident_id, source_count, {shown} FROM residents SEMI JOIN (SELECT unnest(?) AS wanted) "
        "ON resident_id = wanted",
        [ids],
    ).fetchall()
    return {row[0]: (row[1], dict(zip((c.name for c in SHOWN), row[2:], strict=True))) for row in rows}


def _houses(con: Connection, ids: list[str], values: bool) -> dict[str, list[str]]:
    """Resident → houses: their ids, or with values their addresses."""
    address = "concat_ws(' ', c.name, h.building, h.unit, h.room)" if values else "o.house_id"
    rows = con.execute(
        f"SELECT o.resident_id, list_sort(list(DISTINCT {address})) FROM occupancies o "
        "JOIN houses h ON h.house_id = o.house_id JOIN communities c ON c.community_id = h.community_id "
        "SEMI JOIN (SELECT unnest(?) AS wanted) ON o.resident_id = wanted GROUP BY o.resident_id",
        [ids],
    ).fetchall()
    return dict(rows)


def _shown(column: Column, values: bool) -> str:
    """A column in full, as the open database shows it, or, where that has none, whether there is a value."""
    if values:
        return identifier(column.name)
    if column.in_open:
        return open_value(column)
    return f"CASE WHEN {identifier(column.name)} IS NOT NULL THEN '***' END"
