"""The SQL that every rule is made of: text normal forms, membership, digit sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from resources.duck import quote

SHANGHAI = "Asia/Shanghai"
"""The zone in which every day, deadline and local time of the register is meant."""

_SPACES = r"[\s\x{200B}-\x{200D}\x{FEFF}]+"
"""White space left after NFKC, and the zero-width characters that copy and paste brings along."""

_FOLDS = r"[^\x00-\x7F\x{4E00}-\x{9FFF}]"
"""What a text must hold for NFKC to change it."""


def folded(x: str) -> str:
    """NFKC of a text expression, by the function of :mod:`assets.standard.functions`.

    Plain ASCII (as many bytes as characters) is its own NFKC and costs nothing; so is ASCII with common Han characters,
    and knowing it costs a fifth of asking the function.
    """
    return f"CASE WHEN strlen({x}) <> length({x}) AND {matches(x, _FOLDS)} THEN nfkc({x}) ELSE {x} END"


def normal(x: str) -> str:
    """The text normal form: NFKC, trimmed, inner white space as one space; NULL when nothing is left."""
    return f"nullif(trim(regexp_replace({folded(x)}, {quote(_SPACES)}, ' ', 'g')), '')"


def compact(x: str) -> str:
    """NFKC without any white space; NULL when nothing is left."""
    return f"nullif(regexp_replace({folded(x)}, {quote(_SPACES)}, '', 'g'), '')"


def matches(x: str, pattern: str) -> str:
    """Whether a regular expression (RE2) is found in the text."""
    return f"regexp_matches({x}, {quote(pattern)})"


def one_of(x: str, values: Iterable[str]) -> str:
    """Whether the text is one of the values; ``false`` when there are none."""
    listed = ", ".join(quote(v) for v in values)
    return f"{x} IN ({listed})" if listed else "false"


def weighted_sum(number: str, weights: Sequence[int]) -> str:
    """Σ digit × weight over the decimal digits of a BIGINT expression, leading zeros counted.

    Integer arithmetic: half the cost of cutting the text into characters.
    """
    last = len(weights) - 1
    return " + ".join(f"({number} // {10 ** (last - i)}) % 10 * {w}" for i, w in enumerate(weights) if w)
