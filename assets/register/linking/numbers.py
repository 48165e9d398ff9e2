"""Mistyped ID numbers: the valid ones that one slip of the hand could have turned into what was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

import pyarrow as pa

from assets.standard.rules.identity import CHECK_CHARACTERS, WEIGHTS

REPAIRS = pa.schema([("id_weak", pa.string()), ("repairs", pa.list_(pa.string()))])

_FORM = re.compile(r"[1-9]\d{16}[\dX]")
_SENT = re.compile(r"\d{16,18}[\dX]")


def repaired_numbers(sent: Iterable[str]) -> pa.Table:
    """For each distinct text of 17 to 19 digits (:data:`REPAIRS`): the valid 18-character numbers that differ by one
    wrong, missing or extra digit or by two swapped neighbours; texts that can be nothing of the kind have no row."""
    rows = [{"id_weak": text, "repairs": sorted(_repairs(text))} for text in sent if _SENT.fullmatch(text)]
    return pa.Table.from_pylist([r for r in rows if r["repairs"]], schema=REPAIRS)


def _repairs(text: str) -> set[str]:
    return {number for number in _edits(text) if _is_valid(number)}


def _edits(text: str) -> Iterator[str]:
    places = range(len(text))
    if len(text) == 19:
        yield from (text[:i] + text[i + 1 :] for i in places)
    elif len(text) == 17:
        yield from (text[:i] + c + text[i:] for i in range(len(text) + 1) for c in "0123456789X")
    else:
        yield from (text[:i] + c + text[i + 1 :] for i in places for c in "0123456789X" if c != text[i])
        yield from (text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in places[:-1])


def _is_valid(number: str) -> bool:
    """The rules of GB 11643 that need no calendar of regions: form, check character, a date that exists."""
    if not _FORM.fullmatch(number):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=False))
    if CHECK_CHARACTERS[total % 11] != number[-1]:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2100
