"""What a dialect declares: its exports and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from resources.sample_city.codes import Codes


@dataclass(frozen=True)
class Col:
    """One exported column. ``field`` is the contract's field, or None for a column nobody declared. ``sql`` renders
    the clean text from the dataset's view (``@`` takes the field's codes). ``known`` is False for a header that
    only the company's feed file explains."""

    header: str
    field: str | None
    sql: str
    known: bool = True


@dataclass(frozen=True)
class Export:
    """One feed of a dialect. ``file`` holds {date}; ``member`` (of a zip, or a sheet) holds {part}. ``feed``: its
    name where a company has several feeds of one dataset."""

    dataset: str
    format: str
    file: str
    pattern: str
    columns: tuple[Col, ...]
    codes: Codes = field(default_factory=Codes)
    encoding: str = "utf-8"
    mode: str | None = None
    titles: tuple[str, ...] = ()
    groups: tuple[tuple[str, int], ...] = ()
    """Upper header row: (text, number of columns it spans); empty text: the column's own header, merged downwards."""
    footer: bool = False
    member: str | None = None
    part_rows: int | None = None
    daily: bool = False
    time: str | None = None
    """SQL of an event's time, with ``{t}`` for the local timestamp."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """Further keys of the feed file."""
    feed: str = ""

    @property
    def name(self) -> str:
        """The feed's name in the feed file."""
        return self.feed or self.dataset

    @property
    def fields(self) -> list[str]:
        """The contract's fields this export carries, in column order."""
        return [c.field for c in self.columns if c.field]


DAY = "strftime({}, '%Y-%m-%d')"
ISO = "strftime({t}, '%Y-%m-%d %H:%M:%S')"
PACKED = "strftime({t}, '%Y%m%d%H%M%S')"
NOTE = "CASE WHEN w > 0.97 THEN '已核实' END"
NUMBER = Col("序号", None, "n::VARCHAR")


def columns(*specs: tuple[str, str | None, str] | Col) -> tuple[Col, ...]:
    return tuple(s if isinstance(s, Col) else Col(*s) for s in specs)


def own(header: str, field_name: str, sql: str) -> Col:
    return Col(header, field_name, sql, known=False)
