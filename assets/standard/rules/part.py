"""What a rule is made of: the SQL of one kind of field, and the reasons it can give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from expectations.contracts.datasets import Dataset
from expectations.contracts.model import Field
from expectations.contracts.reasons import REASONS
from expectations.feeds import Company, Feed

Layer = Mapping[str, str]
"""Column -> SQL expression over the columns of the layers before. A name that exists already is replaced."""


@dataclass(frozen=True)
class Context:
    """What a rule may know of the delivery it judges.

    ``columns``: the fields the delivery has a column (or constant) for. ``rounded_files``: ID field -> files whose
    ID numbers a spreadsheet program has rounded, as far as their tails tell.
    """

    company: Company
    feed: Feed
    dataset: Dataset
    delivered_on: date
    columns: frozenset[str]
    rounded_files: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Judgement:
    """One reason a record can get: ``condition`` is SQL over the finished layers.

    ``severity`` is the reason's own, unless the dataset takes the same fault more or less seriously.
    """

    code: str
    column: str
    condition: str
    severity: str = ""

    @property
    def key(self) -> str:
        return f"{self.code}:{self.column}"

    @property
    def quarantines(self) -> bool:
        return (self.severity or REASONS[self.code].severity) == "quarantine"


SPELLINGS = "std_spellings"
"""The table that holds every :class:`Spellings` of a delivery: name, spelling (folded), meaning."""


@dataclass(frozen=True)
class Spellings:
    """Texts and what they mean, folded by ``fold`` (SQL over ``spelling``).

    Of two rows whose spellings fold alike the earlier one wins, or, where ``unique``, neither.
    """

    name: str
    rows: tuple[tuple[str, str], ...]
    fold: str
    unique: bool = False

    def lookup(self, folded: str) -> str:
        """SQL for the meaning of a folded text; NULL when it has none."""
        return f"(SELECT max(s.meaning) FROM {SPELLINGS} s WHERE s.name = '{self.name}' AND s.spelling = {folded})"


@dataclass(frozen=True)
class Part:
    """The SQL of one rule on one field.

    Inline (``key`` is None): ``layers`` are computed for every record, from ``raw_<field>``. By distinct value:
    ``layers`` are computed once for each distinct value of the SQL expression ``key`` over ``raw_<reads>``, there
    called ``key``, and the columns ``gives`` (with their types) are joined back. The judgements see the finished
    record.
    """

    layers: tuple[Layer, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    reads: str = ""
    key: str | None = None
    gives: Mapping[str, str] = field(default_factory=dict)
    spellings: tuple[Spellings, ...] = field(default=())


Rule = Callable[[tuple[Field, ...], Context], list[Part]]
"""From the fields of one kind to their parts."""


def each(rule: Callable[[Field, Context], Part]) -> Rule:
    """A rule that looks at one field at a time."""
    return lambda fields, ctx: [rule(f, ctx) for f in fields]
