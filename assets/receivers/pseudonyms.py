"""How a receiver knows the register's ids: keyed digests of them, under its own key."""

from __future__ import annotations

from resources.duck import quote
from resources.keys import keyed

_DIGITS = 20
"""Hex digits of a pseudonym: two of a city's 700 million passes share one with a chance of one in four million."""
_KINDS = {"resident_id": "r", "house_id": "h", "vehicle_id": "v", "event_id": "e"}


def pseudonym(column: str, value: str) -> str:
    """SQL for the pseudonym of an id: its kind, and digits of its keyed digest; NULL for NULL."""
    kind = f"{quote(_KINDS[column] + '_')}" if column in _KINDS else f"left({value}, 2)"
    text = f"'e_' || CAST({value} AS VARCHAR)" if column == "event_id" else value
    return f"{kind} || left({keyed(text)}, {_DIGITS})"
