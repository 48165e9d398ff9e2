"""What a company's own past says about its newest delivery: is it as large, spread and fresh as it used to be?

Pure arithmetic over counts: how many records, how many of each code. The thresholds are ``validation`` of
``register.yaml``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median

from expectations.policy import Volume

_NORMAL = 1.4826
"""Makes the median absolute deviation comparable to a standard deviation."""


def usual_range(history: Sequence[int], volume: Volume) -> tuple[int, int] | None:
    """The least and the most records a delivery may have, from the numbers of those before it, oldest first.

    The median ± ``deviations`` robust standard deviations, but never closer to the median than its share ``floor``: a
    company whose numbers never moved is allowed to move a little. None while there are fewer than ``at_least``.
    """
    if len(history) < volume.at_least:
        return None
    recent = history[-volume.window :]
    middle = median(recent)
    spread = _NORMAL * median(abs(n - middle) for n in recent)
    slack = max(volume.deviations * spread, volume.floor * middle, 1.0)
    return max(0, math.floor(middle - slack)), math.ceil(middle + slack)


def stability_index(before: Mapping[str, int], now: Mapping[str, int]) -> float:
    """The population stability index of two counts by code: 0 for equal shares, above 0.25 by convention another
    population. Half a record is added to each code, so that a code seen once on one side stays finite. 0 where either
    side is empty."""
    codes = {*before, *now}
    totals = sum(before.values()), sum(now.values())
    if not all(totals):
        return 0.0
    half = 0.5 * len(codes)
    index = 0.0
    for code in codes:
        p, q = ((side.get(code, 0) + 0.5) / (total + half) for side, total in zip((before, now), totals, strict=True))
        index += (q - p) * math.log(q / p)
    return index


def widest_shift(before: Mapping[str, int], now: Mapping[str, int]) -> tuple[str, float, float]:
    """The code whose share moved most, and its share before and now (the first by name where several did)."""
    totals = max(1, sum(before.values())), max(1, sum(now.values()))
    shares = {code: (before.get(code, 0) / totals[0], now.get(code, 0) / totals[1]) for code in {*before, *now}}
    code = min(shares, key=lambda c: (-abs(shares[c][0] - shares[c][1]), c))
    return code, *shares[code]
