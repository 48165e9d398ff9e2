"""Mistyped ID numbers: the valid ones that one slip of the hand could have turned into what was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import accumulate

import pyarrow as pa

from assets.standard.rules.identity import WEIGHTS

REPAIRS = pa.schema([("id_weak", pa.string()), ("repairs", pa.list_(pa.string()))])

_FORM = re.compile(r"[1-9]\d{16}[\dX]")
_SENT = re.compile(r"\d{16,18}[\dX]")
_DIGITS = "0123456789X"
_WEIGHTS = (*WEIGHTS, 1)
"""GB 11643 with the check character as an eighteenth digit: the weighted sum of a right number is 1 modulo 11."""
_INVERSES = {w: pow(w, -1, 11) for w in _WEIGHTS}


def repaired_numbers(sent: Iterable[str]) -> pa.Table:
    """For each distinct text of 17 to 19 digits (:data:`REPAIRS`): the valid 18-character numbers that differ by one
    wrong, missing or extra digit or by two swapped neighbours; texts that can be nothing of the kind have no row."""
    rows = [{"id_weak": text, "repairs": sorted(_repairs(text))} for text in sent if _SENT.fullmatch(text)]
    return pa.Table.from_pylist([r for r in rows if r["repairs"]], schema=REPAIRS)


def _repairs(text: str) -> set[str]:
    return {number for number in _balanced(text) if _FORM.fullmatch(number) and _is_born(number)}


def _balanced(text: str) -> Iterator[str]:
    """The edits whose check character is right. As each weight has an inverse modulo 11, the rest of a number tells the
    one digit that can stand in a place: nothing is tried that the check would throw out."""
    values = [_DIGITS.index(c) for c in text]
    places = range(len(text))
    before = [0, *accumulate(v * w for v, w in zip(values, _WEIGHTS, strict=False))]
    if len(text) == 18:
        lacking = 1 - before[-1]
        for i, (v, w) in enumerate(zip(values, _WEIGHTS, strict=True)):
            digit = (v + lacking * _INVERSES[w]) % 11
            if digit != v:
                yield text[:i] + _DIGITS[digit] + text[i + 1 :]
        for i in places[:-1]:
            if ((values[i + 1] - values[i]) * (_WEIGHTS[i] - _WEIGHTS[i + 1]) - lacking) % 11 == 0:
                yield text[:i] + text[i + 1] + text[i] + text[i + 2 :]
        return
    if len(text) == 19:
        after = _sums_after(values[1:], _WEIGHTS)
        yield from (text[:i] + text[i + 1 :] for i in places if (before[i] + after[i]) % 11 == 1)
    else:
        after = _sums_after(values, _WEIGHTS[1:])
        for i, w in enumerate(_WEIGHTS):
            yield text[:i] + _DIGITS[(1 - before[i] - after[i]) * _INVERSES[w] % 11] + text[i:]


def _sums_after(values: list[int], weights: tuple[int, ...]) -> list[int]:
    """The weighted sum of the values from each place on; 0 beyond the last."""
    products = [v * w for v, w in zip(values, weights, strict=True)]
    return [*reversed([0, *accumulate(reversed(products))])]


def _is_born(number: str) -> bool:
    """Whether the birth date of a number exists, and could be that of somebody who is alive."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2100
