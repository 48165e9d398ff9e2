"""Names of communities that no feed file declares: how many rows bear each, and which declared one it may be.

A name is never guessed: its rows stay set aside until a person puts it under ``aliases`` in the feed file. What is
here only spares that person the search.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache

import duckdb
from pypinyin import lazy_pinyin

from assets.standard.ledger import UnknownCommunity
from assets.standard.stage import RECORDS, STAGED
from expectations.feeds import Company

MOST_NAMES = 50
"""So many names of a delivery are told one by one; the rest are counted together."""
MOST_CLOSEST = 3
SHORTEST = 3
"""Shorter texts are like too many others."""
USUAL = 5
"""A name that nothing declared resembles is told from so many rows on: a cell in the wrong column may hold a person."""

_APART = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d{5,}")


def unknown_communities(con: duckdb.DuckDBPyConnection, company: Company) -> list[UnknownCommunity]:
    """The unknown names of a staged delivery by file, most rows first; last of each file, with no name, the rows whose
    cell is empty, holds a code or must not be told."""
    found: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    known = _spellings(company)
    rows = con.execute(
        f"""SELECT s.file, r.raw_community, count(*) AS n
        FROM {STAGED} s JOIN {RECORDS} r ON r.file = s.file AND r.row_number = s.row_number
        WHERE list_contains(s.reasons, 'community_unknown:community')
        GROUP BY ALL ORDER BY n DESC, s.file, r.raw_community"""
    ).fetchall()
    told: dict[str, tuple[list[str], str | None]] = {}
    for file, raw, n in rows:
        name = raw.strip() if raw else None
        if name and name not in told and len(told) < MOST_NAMES:
            names, why = closest(name, known)
            if names or (n >= USUAL and 4 <= len(name) <= 30 and not _NUMBER.search(name)):
                told[name] = (names, why)
        found[file, name if name in told else None].append(n)
    said = [
        UnknownCommunity(file=file, name=name, rows=sum(n), closest=told[name][0] if name else [],
                         why=told[name][1] if name else None)
        for (file, name), n in found.items()
    ]  # fmt: skip
    return sorted(said, key=lambda u: (u.file, u.name is None, -u.rows, u.name or ""))


def _spellings(company: Company) -> dict[str, str]:
    """Folded spelling → the declared name of its community."""
    return {_fold(spelling): c.name for c in company.communities for spelling in (c.name, *c.aliases)}


def closest(name: str, known: dict[str, str]) -> tuple[list[str], str | None]:
    """Up to three declared names that a text may stand for, the closest first, and in words why the first is close.

    Close is what sounds alike, differs in one character of four at most, or holds the other whole. ``known`` is
    :func:`_spellings`.
    """
    folded = _fold(name)
    if len(folded) < SHORTEST:
        return [], None
    sound, characters = _sound(folded), set(folded)
    ranked: dict[str, tuple[float, str]] = {}
    for spelling, declared in known.items():
        most = max(1, len(spelling) // 4)
        # each character that the other lacks is an edit of its own: this spares nearly every pair the distance
        lacking = max(len(characters - set(spelling)), len(set(spelling) - characters))
        apart = _characters_apart(folded, spelling) if lacking <= most else lacking
        if sound == _sound(spelling):
            rank, why = 0.5, "sounds alike"
        elif 0 < apart <= most < len(spelling):
            rank, why = float(apart), f"{apart} character{'s' if apart > 1 else ''} apart"
        elif len(spelling) >= SHORTEST and (spelling in folded or folded in spelling):
            rank, why = 1.5, "one name holds the other"
        else:
            continue
        ranked[declared] = min((rank, why), ranked.get(declared, (rank, why)))
    names = sorted(ranked, key=lambda n: (ranked[n], n))[:MOST_CLOSEST]
    return names, ranked[names[0]][1] if names else None


def _fold(text: str) -> str:
    return _APART.sub("", unicodedata.normalize("NFKC", text)).upper()


@cache  # the declared names are asked for with every unknown one of every delivery
def _sound(text: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin(text))


def _characters_apart(one: str, other: str) -> int:
    """Edit distance in characters."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]
