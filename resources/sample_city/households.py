"""Households: which kind lives in a house, how many they are, how old its head is, whether they rent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resources.sample_city.arrays import local_index

# A member's slot: relation to the head, sex (0 male, 1 female, 2 the opposite of the head's, 3 any), years younger
# than the head (mean, spread), whose surname (h the head's, f the father's, o an own one)
MEMBERS = (
    ("self", 3, 0, 0, "h"), ("spouse", 2, 1, 3, "s"), ("child", 3, 27, 3, "f"), ("child", 3, 31, 3, "f"),
    ("parent", 0, -26, 3, "h"), ("parent", 1, -25, 3, "o"), ("grandchild", 3, 54, 3, "f"),
    ("sibling", 3, 2, 5, "h"), ("other", 3, 5, 9, "o"), ("not_related", 3, 0, 7, "o"),
)  # fmt: skip
SECOND_CHILD = 3
OTHER = 8
_KINDS = {
    "single": (0,),
    "couple": (0, 1),
    "one_child": (0, 1, 2),
    "two_children": (0, 1, 2, 3),
    "three_generations": (0, 1, 2, 4, 5),
    "large": (0, 1, 2, 3, 4, 5),
    "old_with_family": (0, 1, 2, 6, 8),
    "shared": (0, 9, 9),
}
_MOST = 7
_SIZE = np.array([len(k) for k in _KINDS.values()])
_SLOTS = np.array([[*k, *((OTHER,) * (_MOST - len(k)))] for k in _KINDS.values()])
# mean size about 4 where whole families are registered, about 1.9 in a register with gaps
_WHOLE = (0.05, 0.09, 0.19, 0.22, 0.21, 0.13, 0.06, 0.05)
_THIN = (0.46, 0.31, 0.13, 0.05, 0.02, 0.005, 0.005, 0.02)
_HEAD_AGE = np.array([(22, 80), (24, 82), (28, 46), (30, 46), (30, 48), (32, 48), (58, 70), (20, 34)])
_LET = np.array([0.35, 0.18, 0.08, 0.05, 0.03, 0.02, 0.02, 1.0])


@dataclass(frozen=True)
class Households:
    """One entry a household; ``of_member`` and ``slot`` have one a member (position in :data:`MEMBERS`)."""

    house: np.ndarray
    head_age: np.ndarray
    let: np.ndarray
    of_member: np.ndarray
    slot: np.ndarray


def draw_households(rng: np.random.Generator, houses: np.ndarray, residents: int, whole_families: bool) -> Households:
    """A household for each house, together exactly ``residents`` people."""
    n = len(houses)
    kind = rng.choice(len(_KINDS), n, p=_WHOLE if whole_families else _THIN)
    size = _SIZE[kind]
    while (missing := residents - int(size.sum())) != 0:
        free = np.flatnonzero(size < _MOST if missing > 0 else size > 1)
        if not len(free):
            raise ValueError(f"{residents} residents do not fit {n} houses of 1 to {_MOST}")
        size[rng.choice(free, min(abs(missing), len(free)), replace=False)] += np.sign(missing)
    of_member = np.repeat(np.arange(n), size)
    low, high = _HEAD_AGE[kind].T
    return Households(
        house=houses,
        head_age=rng.integers(low, high),
        let=rng.random(n) < _LET[kind],
        of_member=of_member,
        slot=_SLOTS[kind[of_member], local_index(size)],
    )


def with_waiting(rng: np.random.Generator, households: Households, n: int) -> Households:
    """The households, and after them ``n`` tenants who have no house yet (house -1)."""
    more = draw_households(rng, np.full(n, -1), 2 * n, whole_families=True)
    return Households(
        house=np.r_[households.house, more.house],
        head_age=np.r_[households.head_age, more.head_age],
        let=np.r_[households.let, np.ones(n, dtype=bool)],
        of_member=np.r_[households.of_member, more.of_member + len(households.house)],
        slot=np.r_[households.slot, more.slot],
    )
