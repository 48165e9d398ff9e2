"""Who is given what, as ``config/receivers/<name>.yaml`` says it.

A receiver is a platform or team that a publication is made for. Without a purpose, a legal basis, a contact and an
expiry it gets nothing; with them it gets the tables and columns it declares, of the communities it declares, and
nothing else. A column comes masked as in the open database unless the receiver asks for it in full.
``docs/receivers.md`` is the guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from expectations.configured import read_each, read_mapping
from expectations.contracts.masks import MASKS, open_type
from expectations.contracts.model import Column, Sensitivity, Table
from expectations.contracts.tables import TABLES

SHAREABLE = (
    "communities",
    "houses",
    "residents",
    "occupancies",
    "vehicles",
    "vehicle_holdings",
    "access_events",
    "access_hourly",
    "community_profile",
    "coverage",
    "events_identified",
)
"""Tables that a receiver may declare: all have a community. Never the quarantine, sources, evidence or id ledger."""

PSEUDONYMOUS = frozenset({"resident_id", "house_id", "vehicle_id", "event_id", "entity_id"})
"""Columns that every receiver gets under its own pseudonyms, so that two receivers cannot join their copies."""

IN_FULL = "none"
"""The mask of a column that is given as it is."""

_NAMES_TAKEN = ("curated", "restricted")


class ReceiverError(ValueError):
    """A receiver's file that cannot be used; the message names the file, the key and what is allowed."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Share(_Strict):
    """What is given of one table."""

    columns: tuple[str, ...] = Field(min_length=1)
    """Names of the table's columns in the restricted database (docs/data-dictionary.md)."""
    masks: dict[str, str] = {}
    """Column → its mask, or `none` for the full value. Without an entry the contract's own mask is used."""


class SensitiveBasis(_Strict):
    """The separate basis that sensitive data needs (PIPL art. 28 to 31), in words; without it none is given."""

    whereabouts: str | None = Field(None, min_length=10)
    """Why passes are given with the person or vehicle that passed (`events_identified`)."""
    children: str | None = Field(None, min_length=10)
    """Why residents under 14 are given. Their passes are never given with them, whatever stands here."""
    birth_dates: str | None = Field(None, min_length=10)
    """Why full birth dates are given rather than years."""


class Receiver(_Strict):
    """One receiver."""

    receiver: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    """The file's name without .yaml; the receiver's database is `published/current/<receiver>.duckdb`."""
    name: str = Field(min_length=1)
    """What people call it."""
    purpose: str = Field(min_length=10)
    """What the data are used for, in a sentence (PIPL art. 6)."""
    legal_basis: Literal["consent", "contract", "legal_duty", "emergency", "public_interest", "disclosed", "other_law"]
    """Which ground of PIPL art. 13 it rests on."""
    legal_reference: str = Field(min_length=4)
    """The law, decree, contract or form of consent, by name and article."""
    contact: str = Field(min_length=3)
    """Who answers for the data there and is told of erasures."""
    expires_on: date
    """The last day on which it is served."""
    communities: Literal["all"] | tuple[str, ...] = Field(min_length=1)
    """Community ids (`c_…`), or `all`."""
    tables: dict[str, Share] = Field(min_length=1)
    """Table → what is given of it."""
    sensitive_basis: SensitiveBasis = SensitiveBasis()
    """Separate grounds for `whereabouts`, `children` and `birth_dates`."""
    event_days: int = Field(7, ge=1, le=90)
    """How many days of passes it is given."""

    @field_validator("receiver")
    @classmethod
    def _name_is_free(cls, value: str) -> str:
        if value in _NAMES_TAKEN:
            raise ValueError(f"{value!r} is the name of a database of the release; choose another")
        return value

    @model_validator(mode="after")
    def _only_what_exists(self) -> Receiver:
        for name, share in self.tables.items():
            if name not in SHAREABLE:
                raise ValueError(f"tables.{name}: no table that can be given; allowed: {', '.join(SHAREABLE)}")
            _check_columns(TABLES[name], share)
        self._check_sensitive()
        return self

    def _check_sensitive(self) -> None:
        if "events_identified" in self.tables and not self.sensitive_basis.whereabouts:
            raise ValueError(
                "tables.events_identified: passes with a person are whereabouts; declare sensitive_basis.whereabouts "
                "or leave the table out"
            )
        for name in self.tables:
            for shown in self.shown(name):
                full = shown.mask is None and not shown.pseudonymous
                if full and shown.column.sensitivity is Sensitivity.SENSITIVE and not self.sensitive_basis.birth_dates:
                    raise ValueError(
                        f"tables.{name}.masks.{shown.column.name}: given in full it is sensitive; declare "
                        "sensitive_basis.birth_dates or leave the mask as it is"
                    )

    def shown(self, table: str) -> tuple[Shown, ...]:
        """The columns that this receiver gets of a table, in the order of the contract."""
        share = self.tables[table]
        return tuple(
            _shown(column, share.masks.get(column.name))
            for column in TABLES[table].columns
            if column.name in share.columns
        )


@dataclass(frozen=True)
class Shown:
    """One column as a receiver gets it. ``mask`` is None for the full value; ``pseudonymous`` for a keyed id."""

    column: Column
    mask: str | None
    pseudonymous: bool

    @property
    def name(self) -> str:
        """Its name in the receiver's database."""
        return self.column.published_name if self.mask else self.column.name

    @property
    def type(self) -> str:
        """Its DuckDB type there."""
        if self.pseudonymous:
            return "VARCHAR"
        return open_type(self.column) if self.mask else self.column.type

    @property
    def value(self) -> str:
        """SQL for the value, of anything but a pseudonym."""
        name = f'"{self.column.name}"'
        return MASKS[self.mask].format(column=name) if self.mask else name


def _shown(column: Column, mask: str | None) -> Shown:
    pseudonymous = column.name in PSEUDONYMOUS
    return Shown(column, None if mask == IN_FULL or pseudonymous else column.mask, pseudonymous)


def _check_columns(table: Table, share: Share) -> None:
    known = {c.name: c for c in table.columns}
    for name in share.columns:
        if name not in known:
            raise ValueError(
                f"tables.{table.name}.columns: {table.name} has no column {name!r}; it has {', '.join(known)}"
            )
        closed = not known[name].in_open and name not in PSEUDONYMOUS
        if closed and share.masks.get(name) != IN_FULL:
            raise ValueError(
                f"tables.{table.name}.columns: {name} has no masked form; "
                f"say masks: {{{name}: none}} to be given it in full, or leave it out"
            )
    for name, mask in share.masks.items():
        if name not in share.columns:
            raise ValueError(f"tables.{table.name}.masks: {name} is not among its columns")
        allowed = [m for m in (known[name].mask, IN_FULL) if m]
        if mask not in allowed:
            raise ValueError(
                f"tables.{table.name}.masks.{name}: {mask!r} is no mask of it; allowed: {', '.join(allowed)}"
            )


def load_receiver(path: Path) -> Receiver:
    """Read one receiver's file. Raises :class:`ReceiverError` naming the file, every wrong key and what is allowed."""
    data = read_mapping(path, ReceiverError, "receiver, purpose, legal_basis, expires_on, tables")
    try:
        receiver = Receiver.model_validate(data)
    except ValidationError as e:
        said = "; ".join(_say(err["type"], ".".join(map(str, err["loc"])), err["msg"]) for err in e.errors())
        raise ReceiverError(f"{path.name}: {said}") from e
    if receiver.receiver != path.stem:
        raise ReceiverError(
            f"{path.name}: receiver is {receiver.receiver!r}; it must be the file's name, {path.stem!r}"
        )
    return receiver


def _say(kind: str, where: str, message: str) -> str:
    if kind == "missing":
        return f"{where}: missing; nothing is given without it"
    if kind == "extra_forbidden":
        return f"{where}: unknown key; see docs/receivers.md for those allowed"
    said = message.removeprefix("Value error, ")
    return f"{where}: {said}" if where else said


def load_receivers(folder: Path) -> tuple[dict[str, Receiver], dict[str, ReceiverError]]:
    """Every receiver of a configuration, and the error of each file that cannot be used."""
    return read_each(folder, load_receiver, ReceiverError)
