"""Which scored pairs hold: the strongest first, and never against what is known.

Not connected components: one bad edge would join two people and everybody who hangs on them. Pairs are taken in
descending weight; each joins two groups only where nobody in one contradicts anybody in the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Verdict = Literal["accepted", "two ID numbers", "contradiction", "too large", "ambiguous"]


@dataclass(frozen=True)
class Unit:
    """What a unit may contradict another with."""

    exclusive: int | None = None
    birth_date: date | None = None
    sex: str | None = None
    name: str | None = None

    def contradicts(self, other: Unit) -> bool:
        """Two of birth date, sex and whole name are known on both sides and differ."""
        known = ((self.birth_date, other.birth_date), (self.sex, other.sex), (self.name, other.name))
        return sum(a is not None and b is not None and a != b for a, b in known) >= 2


@dataclass(frozen=True, order=True)
class Pair:
    """An edge that the model and the guards would accept. Ordered from the strongest; equal weights by their units."""

    falling: float
    left: int
    right: int

    @classmethod
    def of(cls, left: int, right: int, weight: float) -> Pair:
        return cls(-weight, left, right)


@dataclass(frozen=True)
class Settled:
    """``group_of``: unit → the smallest unit of its group, for units that were joined. ``verdicts``: one per pair."""

    group_of: dict[int, int]
    verdicts: dict[Pair, Verdict]


def settle(pairs: Iterable[Pair], units: Mapping[int, Unit], margin: float, most_units: int) -> Settled:
    """Join units along ``pairs``, strongest first.

    A pair is refused when it would bring two ID numbers together, two units that contradict each other, or more than
    ``most_units`` units. A unit that was refused a group about as strongly as it was drawn to its own (within
    ``margin`` bits) could be of either: all its pairs are taken back and left for review. The outcome depends on the
    pairs alone, not on their order.
    """
    waiting = sorted(pairs)
    doubtful: set[int] = set()
    while True:
        settled = _join([p for p in waiting if p.left not in doubtful and p.right not in doubtful], units, most_units)
        found = _doubtful(settled, units, margin)
        if not found:
            break
        doubtful |= found
    ambiguous: dict[Pair, Verdict] = {p: "ambiguous" for p in waiting if p not in settled.verdicts}
    return Settled(settled.group_of, settled.verdicts | ambiguous)


def _join(pairs: list[Pair], units: Mapping[int, Unit], most_units: int) -> Settled:
    group_of: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    verdicts: dict[Pair, Verdict] = {}
    for pair in pairs:
        left, right = (group_of.setdefault(u, u) for u in (pair.left, pair.right))
        ours, theirs = members.setdefault(left, [left]), members.setdefault(right, [right])
        verdict: Verdict = "accepted" if left == right else _verdict(pair, ours, theirs, units, most_units)
        verdicts[pair] = verdict
        if verdict == "accepted" and left != right:
            kept, gone = sorted((left, right))
            members[kept] = ours + theirs
            for unit in members.pop(gone):
                group_of[unit] = kept
            for unit in members[kept]:
                group_of[unit] = kept
    return Settled({u: g for u, g in group_of.items() if len(members[g]) > 1}, verdicts)


def _verdict(pair: Pair, ours: list[int], theirs: list[int], units: Mapping[int, Unit], most_units: int) -> Verdict:
    if len({units[u].exclusive for u in (*ours, *theirs)} - {None}) > 1:
        return "two ID numbers"
    if len(ours) + len(theirs) > most_units:
        return "too large"
    # the two that the pair itself compares were weighed by the model
    others = ((a, b) for a in ours for b in theirs if {a, b} != {pair.left, pair.right})
    if any(units[a].contradicts(units[b]) for a, b in others):
        return "contradiction"
    return "accepted"


def _doubtful(settled: Settled, units: Mapping[int, Unit], margin: float) -> set[int]:
    """Units without an ID number of their own that another group wanted nearly as much as the one they are in."""
    drawn: dict[int, float] = {}
    for pair, verdict in settled.verdicts.items():
        if verdict == "accepted":
            for unit in (pair.left, pair.right):
                drawn[unit] = max(drawn.get(unit, float("-inf")), -pair.falling)
    return {
        unit
        for pair, verdict in settled.verdicts.items()
        if verdict in ("two ID numbers", "contradiction")
        for unit in (pair.left, pair.right)
        if units[unit].exclusive is None and unit in drawn and -pair.falling >= drawn[unit] - margin
    }
