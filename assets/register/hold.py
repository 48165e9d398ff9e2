"""Putting a handful of clusters together anew, link by link, under what people decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A link that would join two nodes. ``certain``: not even a verdict parts them (one ID number on both)."""

    left: int
    right: int
    certain: bool = False


def hold(
    nodes: Iterable[int],
    links: Iterable[Link],
    exclusive: Mapping[int, int],
    apart: Iterable[tuple[int, int]],
) -> dict[int, int]:
    """Node → the smallest node of its group, when ``links`` are taken in their order.

    A link is left out when it would bring two different ``exclusive`` values together, or two nodes that are to be
    kept ``apart``.
    """
    group_of = {n: n for n in nodes}
    members = {n: [n] for n in group_of}
    held_by = {n: exclusive[n] for n in group_of if n in exclusive}
    foes: dict[int, set[int]] = defaultdict(set)
    for left, right in apart:
        foes[left].add(right)
        foes[right].add(left)
    for link in links:
        kept, gone = sorted((group_of[link.left], group_of[link.right]))
        if kept == gone or _clash(held_by.get(kept), held_by.get(gone)):
            continue
        if not link.certain and any(not foes[n].isdisjoint(members[gone]) for n in members[kept] if n in foes):
            continue
        for node in members[gone]:
            group_of[node] = kept
        members[kept] += members.pop(gone)
        if gone in held_by:
            held_by[kept] = held_by.pop(gone)
    return group_of


def _clash(ours: int | None, theirs: int | None) -> bool:
    return ours is not None and theirs is not None and ours != theirs
