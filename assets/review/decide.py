"""Deciding about a pair, and taking a decision back. Both add a line; nothing is ever changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from assets.review.pairs import Pair, ReviewError, find_pair
from assets.verdicts import Decision, Verdict, append_verdicts, read_verdicts, standing
from resources.keys import open_restricted
from resources.settings import Settings


@dataclass(frozen=True)
class Decided:
    """A verdict and what stood before it."""

    verdict: Verdict
    before: str | None

    @property
    def changes(self) -> bool:
        """Whether it says something new."""
        return self.verdict.verdict != self.before


def decide(settings: Settings, pair_id: str, decision: Decision, *, by: str, note: str = "") -> Decided:
    """Record a verdict; the next merge follows it.

    Raises :class:`ReviewError` for a pair that the current release does not have, for ``same`` where each side holds
    an ID number of its own, and for ``different`` where both hold one.
    """
    decided = weigh(settings, pair_id, decision, by=by, note=note)
    append_verdicts(settings, [decided.verdict])
    return decided


def weigh(settings: Settings, pair_id: str, decision: Decision, *, by: str, note: str = "") -> Decided:
    """The verdict that :func:`decide` would record, with the same errors."""
    pair = find_pair(settings, pair_id)
    _refuse(settings, pair, decision)
    verdict = _verdict(pair.pair_id, decision, pair.left.names, pair.right.names, by=by, note=note)
    return Decided(verdict, pair.decided)


def undo(settings: Settings, pair_id: str, *, by: str, note: str = "") -> Verdict:
    """Take the verdict that stands for a pair back; from the next merge on it is as if nobody had decided.

    Raises :class:`ReviewError` where none stands.
    """
    known = [v for pair, v in standing(read_verdicts(settings)).items() if pair.startswith(pair_id)]
    if not known:
        raise ReviewError(f"{pair_id}: no verdict stands for this pair · 此审核对没有生效的结论")
    if len(known) > 1:
        raise ReviewError(f"{pair_id}: several pairs begin with this, give more of it · 编号不唯一，请补全")
    (last,) = known
    verdict = _verdict(last.pair, "undone", last.left, last.right, by=by, note=note)
    append_verdicts(settings, [verdict])
    return verdict


def _verdict(
    pair: str, said: Decision | Literal["undone"], left: tuple[str, ...], right: tuple[str, ...], *, by: str, note: str
) -> Verdict:
    at = datetime.now(UTC).replace(microsecond=0)
    if not by.strip():
        raise ReviewError("say who decides (--by NAME) · 请填写审核人")
    return Verdict(
        pair=pair, verdict=said, left=left, right=right, by=by.strip()[:100], at=at, note=note.strip()[:1000]
    )


def _refuse(settings: Settings, pair: Pair, decision: Decision) -> None:
    if decision == "different" and "id_same" in pair.findings:
        raise ReviewError(
            f"{pair.pair_id}: both records hold the same ID number, so they cannot be different people; have the "
            f"company correct it · 两条记录证件号码相同，不能判为不同的人，请由公司更正号码"
        )
    if decision == "same" and not pair.is_joined and _numbers(settings, pair) > 1:
        raise ReviewError(
            f"{pair.pair_id}: each side holds a valid ID number of its own, so they are never joined; have the company "
            f"correct the wrong one · 双方各有不同的有效证件号码，不能合并，请由公司更正错误的号码"
        )


def _numbers(settings: Settings, pair: Pair) -> int:
    """How many different ID numbers the two sides hold."""
    with open_restricted(settings) as con:
        row = con.execute(
            "SELECT count(DISTINCT id_number) FROM residents WHERE resident_id IN (?, ?)",
            [pair.left.entity_id, pair.right.entity_id],
        ).fetchone()
    return int(row[0]) if row else 0
