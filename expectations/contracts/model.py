"""The vocabulary the contracts are written in: fields, datasets, columns, tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Severity = Literal["error", "warning"]
"""Of a rule: a broken ``error`` stops the release, a broken ``warning`` does not."""


class Sensitivity(StrEnum):
    """How closely a value points at a person; masks, publication and logging follow from it."""

    NONE = "none"
    """Says nothing about a person: codes, counts, places, times of loading."""
    INDIRECT = "indirect"
    """Describes a person without naming one: sex, birth year, role in a household."""
    DIRECT = "direct"
    """Names or reaches a person: name, ID number, phone, plate. Never in an open table or a log."""
    SENSITIVE = "sensitive"
    """Whereabouts of a person and full birth dates (PIPL art. 28). Restricted database only, with a retention."""


def spelled(words: str) -> tuple[str, ...]:
    """Header names, written with spaces between them."""
    return tuple(words.split())


@dataclass(frozen=True)
class Field:
    """One value a property company may send, as text, under any of its header names.

    ``kind`` names the rule that parses and judges it (one rule per kind, in ``assets/standard``).
    ``headers`` are the well-known header names; matching ignores case, spaces and ``*()（）【】``, so they are
    listed once each. A feed adds its own.
    ``code_list`` names the entry of :data:`expectations.contracts.codes.CODE_LISTS` the value is taken from.
    ``required``: a delivery with no such column (and no constant for it) is refused. ``one_of`` groups fields of
    which a delivery needs at least one.
    """

    name: str
    kind: str
    meaning: str
    meaning_zh: str
    headers: tuple[str, ...]
    sensitivity: Sensitivity = Sensitivity.NONE
    code_list: str | None = None
    required: bool = False
    one_of: str | None = None


@dataclass(frozen=True)
class Column:
    """One typed column of a table.

    ``type`` is a DuckDB type. ``open_name``/``mask`` say how the column appears in the open database: the same
    (both None and sensitivity NONE or INDIRECT), masked under another name (``mask`` is a key of
    ``expectations.contracts.masks.MASKS``), or not at all (DIRECT or SENSITIVE without a mask).
    ``source`` says in words where the value comes from. ``references`` is ``table.column``. ``severity`` is that of
    the column's rules: nulls, values, range, reference.
    """

    name: str
    type: str
    meaning: str
    meaning_zh: str
    source: str = ""
    sensitivity: Sensitivity = Sensitivity.NONE
    nullable: bool = True
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    references: str | None = None
    mask: str | None = None
    open_name: str | None = None
    severity: Severity = "error"

    @property
    def in_open(self) -> bool:
        """Whether the open database carries this column, masked or as it is."""
        return self.mask is not None or self.sensitivity in (Sensitivity.NONE, Sensitivity.INDIRECT)

    @property
    def published_name(self) -> str:
        """The column's name in the open database."""
        return self.open_name or self.name


@dataclass(frozen=True)
class Dataset:
    """One kind of export: what may be sent (``fields``) and what the standard layer makes of it (``columns``)."""

    name: str
    meaning: str
    meaning_zh: str
    fields: tuple[Field, ...]
    columns: tuple[Column, ...]
    default_mode: str

    def field(self, name: str) -> Field:
        """The field of that name; KeyError if the dataset has none."""
        for f in self.fields:
            if f.name == name:
                return f
        raise KeyError(f"dataset {self.name} has no field {name!r}")


@dataclass(frozen=True)
class Table:
    """One released table.

    ``where`` is ``both`` (open copy masked, restricted copy full), ``open`` or ``restricted``.
    ``key`` is unique and not null. ``order_by`` fixes the stored order, so equal content gives equal rows.
    """

    name: str
    meaning: str
    meaning_zh: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    where: str = "both"
    order_by: tuple[str, ...] = ()
    storage: str = "table"
    """``table``: rows inside the DuckDB file; ``days``: Parquet files by day, shown as a view."""
    notes: tuple[str, ...] = field(default=())

    @property
    def open_columns(self) -> tuple[Column, ...]:
        """The columns an analyst sees, in order."""
        return tuple(c for c in self.columns if c.in_open)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if the table has none."""
        for c in self.columns:
            if c.name == name:
                return c
        raise KeyError(f"table {self.name} has no column {name!r}")
