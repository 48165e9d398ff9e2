"""Volume and drift: what a history allows, and when two spreads of codes are another population."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.policy import Volume
from expectations.trends import stability_index, usual_range, widest_shift

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10_000), min_size=1)
HISTORY = st.lists(st.integers(0, 10**6), min_size=3, max_size=30)


def test_two_deliveries_are_no_history() -> None:
    assert usual_range([1000, 1000], Volume()) is None


@pytest.mark.parametrize(
    ("history", "now", "fits"),
    [
        ([1000] * 5, 1000, True),
        ([1000] * 5, 1290, True),  # a steady feed may move a little
        ([1000] * 5, 600, False),
        ([1000] * 5, 2000, False),  # the same list twice in one file
        ([1000, 1400, 800, 1200, 1000], 1900, True),  # a feed that swings may swing
        ([1000] * 5 + [0], 1000, True),  # one bad night does not move the median
        ([0, 0, 0], 1, True),
        ([0, 0, 0], 50, False),
    ],
)
def test_a_delivery_is_held_against_those_before(history: list[int], now: int, fits: bool) -> None:
    found = usual_range(history, Volume())
    assert found is not None
    assert (found[0] <= now <= found[1]) is fits


@given(HISTORY, st.randoms(use_true_random=False))
def test_the_median_always_fits_and_order_within_the_window_does_not_matter(
    history: list[int], shuffle: random.Random
) -> None:
    volume = Volume(window=60)
    found = usual_range(history, volume)
    assert found is not None and 0 <= found[0] <= sorted(history)[len(history) // 2] <= found[1]
    mixed = list(history)
    shuffle.shuffle(mixed)
    assert usual_range(mixed, volume) == found


@given(COUNTS)
def test_equal_spreads_have_not_drifted(counts: dict[str, int]) -> None:
    assert stability_index(counts, counts) == pytest.approx(0)


@given(COUNTS, COUNTS)
def test_drift_is_never_negative_and_the_same_both_ways(a: dict[str, int], b: dict[str, int]) -> None:
    assert stability_index(a, b) >= -1e-12
    assert stability_index(a, b) == pytest.approx(stability_index(b, a))


def test_swapped_codes_have_drifted_and_a_small_move_has_not() -> None:
    assert stability_index({"male": 700, "female": 300}, {"male": 300, "female": 700}) > 0.25
    assert stability_index({"male": 510, "female": 490}, {"male": 490, "female": 510}) < 0.01
    assert widest_shift({"male": 900, "": 100}, {"male": 100, "": 900}) == ("", 0.1, 0.9)
