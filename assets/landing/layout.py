"""Which column holds which field: finding the header and mapping it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from assets.landing.errors import LandingError
from expectations.contracts.datasets import DATASETS
from expectations.contracts.headers import built_in_aliases, fold_header, is_ordinal, own_aliases, told_header
from expectations.contracts.model import Dataset
from expectations.contracts.returned import is_return_header
from expectations.contracts.sensitive import sensitive_kind
from expectations.feeds import Company, Feed

PREVIEW_ROWS = 40
HEADER_WITHIN = 25
"""The header is looked for in this many first rows."""

MAX_COLUMNS = 16_384
"""As many as a worksheet can have."""

_MOST_ASKED = 10_000
"""So many cells are remembered, to be headers or not."""

Row = Sequence[str | None]


@dataclass(frozen=True)
class Header:
    """A header found in a grid: ``row`` is the last row of it, from 1; ``names`` one per column, '' for none."""

    row: int
    names: tuple[str, ...]
    hits: int


@dataclass(frozen=True)
class Layout:
    """How one part's columns become fields: ``fields`` maps field -> column number, from 0. ``withheld`` columns are
    never read; ``returned`` ones were added by a return."""

    names: tuple[str, ...]
    fields: Mapping[str, int]
    drift: tuple[str, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    header_row: int = 0
    withheld: frozenset[int] = field(default=frozenset())
    returned: frozenset[int] = field(default=frozenset())

    @property
    def columns(self) -> dict[str, str]:
        """Header -> field."""
        return {self.names[i]: name for name, i in self.fields.items()}


class Mapper:
    """The header rules of one feed."""

    def __init__(self, company: Company, feed_name: str) -> None:
        self.feed: Feed = company.feeds[feed_name]
        self.dataset: Dataset = DATASETS[self.feed.dataset]
        self.config = f"config/feeds/{company.company}.yaml"
        self._built_in = built_in_aliases(self.dataset)
        self._own = own_aliases(self.feed.headers)
        self._asked: dict[str | None, bool] = {}
        self._ignored = {fold_header(h) for h in self.feed.ignore}
        self.constants = dict(self.feed.constants)
        if len(company.communities) == 1:
            self.constants.setdefault("community", company.communities[0].name)

    def is_alias(self, header: str | None) -> bool:
        """Whether a header names a field of the dataset."""
        # the first rows of each part are asked for in all their pairs: folding a cell anew each time cost more than
        # reading the part
        known = self._asked.get(header)
        if known is None:
            folded = fold_header(header or "")
            known = bool(folded) and (folded in self._own or folded in self._built_in)
            if len(self._asked) >= _MOST_ASKED:
                self._asked.clear()
            self._asked[header] = known
        return known

    def hits(self, names: Sequence[str | None]) -> int:
        """How many of the names are headers of the dataset."""
        return sum(self.is_alias(n) for n in names)

    def find_header(self, rows: Sequence[Row]) -> Header | None:
        """The row, or pair of merged rows, with most known headers among the first rows; the first of equals."""
        best: Header | None = None
        names = [tuple(_clean(cell) for cell in row) for row in rows[: HEADER_WITHIN + 1]]
        hits = [self.hits(row) for row in names]
        for i, row in enumerate(names[:HEADER_WITHIN]):
            if best is None or hits[i] > best.hits:
                best = Header(i + 1, row, hits[i])
            if i + 1 < len(names) and hits[i] < len(row):
                pair = self._combined(row, names[i + 1])
                known = self.hits(pair)
                if known > max(best.hits, hits[i + 1]):
                    best = Header(i + 2, pair, known)
        return best if best is not None and best.hits else None

    def _combined(self, top: Sequence[str], bottom: Sequence[str]) -> tuple[str, ...]:
        """The names of a two-row header: 车主 over 姓名 is 车主姓名 if that is known, else 姓名; 楼栋 over nothing is
        楼栋."""
        names, group = [], ""
        for above, below in zip_longest(top, bottom, fillvalue=""):
            group = above or group
            names.append((group + below if self.is_alias(group + below) else below) if below else above)
        return tuple(names)

    def fit(self, header: Header, rows: Sequence[Row]) -> tuple[str, ...]:
        """The header's names, one per cell of the rows below it: exports end every row, or only the header, with a
        delimiter too many."""
        widths = Counter(len(r) for r in rows[header.row :] if sum(bool(_clean(c)) for c in r) > 1)
        names = list(header.names)
        width = widths.most_common(1)[0][0] if widths else len(names)
        if width > len(names) and all(not _clean(c) for r in rows[header.row :] for c in r[len(names) :]):
            names += [""] * (width - len(names))
        elif width < len(names) and not any(names[width:]):
            names = names[:width]
        return tuple(names)

    def map(self, names: Sequence[str], file: str, header_row: int = 0) -> Layout:
        """Decide on every column. Raises :class:`LandingError` for a missing or an ambiguous field."""
        if len(names) > MAX_COLUMNS:
            raise LandingError("too_many_columns", file=file, columns=len(names), limit=MAX_COLUMNS)
        own: dict[str, list[int]] = {}
        built_in: dict[str, list[int]] = {}
        drift: list[str] = []
        dropped: list[tuple[str, str]] = []
        withheld: set[int] = set()
        returned: set[int] = set()
        for i, name in enumerate(names):
            folded = fold_header(name)
            kind = None if folded in self._built_in else sensitive_kind(name)
            if kind is not None:
                # before anything a feed says: there is no setting to let one through
                dropped.append((told_header(name), kind))
                withheld.add(i)
            elif is_return_header(name):
                returned.add(i)
            elif not folded or folded in self._ignored or is_ordinal(name):
                continue
            elif folded in self._own:
                own.setdefault(self._own[folded], []).append(i)
            elif folded in self._built_in:
                built_in.setdefault(self._built_in[folded], []).append(i)
            else:
                drift.append(told_header(name))
        # what the feed declares wins over the well-known names
        drift += [told_header(names[i]) for f, at in built_in.items() if f in own for i in at]
        candidates = {**built_in, **own}
        self._check_one_each(candidates, names, file)
        fields = {f: at[0] for f, at in candidates.items()}
        self._check_complete(fields, names, file)
        passed_over = frozenset(withheld), frozenset(returned)
        return Layout(tuple(names), fields, tuple(drift), tuple(dropped), header_row, *passed_over)

    def _check_one_each(self, candidates: Mapping[str, list[int]], names: Sequence[str], file: str) -> None:
        for name, at in candidates.items():
            if len(at) > 1:
                raise LandingError(
                    "ambiguous_column", file=file, count=len(at), field=name,
                    field_zh=self.dataset.field(name).meaning_zh,
                    headers=", ".join(f"{names[i]} ({_letter(i)})" for i in at), config=self.config,
                )  # fmt: skip

    def _check_complete(self, fields: Mapping[str, int], names: Sequence[str], file: str) -> None:
        given = {*fields, *self.constants}
        for wanted in self._needed():
            if given.isdisjoint(wanted):
                first = [self.dataset.field(name) for name in wanted]
                raise LandingError(
                    "missing_column", file=file, missing=" or ".join(wanted),
                    missing_zh="/".join(f.meaning_zh for f in first), config=self.config,
                    expected="、".join(h for f in first for h in f.headers[:3]), found=self._found(names),
                )  # fmt: skip

    def _needed(self) -> list[tuple[str, ...]]:
        """The sets of fields of which a delivery must have at least one."""
        needed = [(f.name,) for f in self.dataset.fields if f.required]
        groups: dict[str, list[str]] = {}
        for f in self.dataset.fields:
            # a vehicle or a pass need not name a house
            if f.one_of and (f.one_of != "house" or self.dataset.name in ("residents", "houses")):
                groups.setdefault(f.one_of, []).append(f.name)
        return needed + [tuple(names) for names in groups.values()]

    def _found(self, names: Sequence[str]) -> str:
        """The headers for a message: only where the row is certainly a header and not somebody's record."""
        shown = [told_header(n) for n in names if n]
        if self.hits(names) * 3 < len(shown) and self.hits(names) < 3:
            return "(not shown)"
        return ", ".join(shown[:40]) + (" …" if len(shown) > 40 else "")

    @property
    def expected(self) -> str:
        """A few headers a clerk would recognise, for messages."""
        return "、".join(self.dataset.field(w[0]).headers[0] for w in self._needed())


def _clean(cell: str | None) -> str:
    return " ".join((cell or "").split())


def _letter(column: int) -> str:
    """The spreadsheet letter of a column, from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
