"""What a company sends, as its ``config/feeds/<company>.yaml`` says it.

A new company is a new YAML file and nothing else. The schema here checks it; an error names the file, the key and
what is allowed. ``docs/feeds.md`` is the guide and ``community-register feeds schema`` prints the JSON Schema.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from expectations.configured import read_each, read_mapping
from expectations.contracts.codes import CODE_LISTS
from expectations.contracts.datasets import DATASETS
from expectations.contracts.headers import fold_header
from expectations.contracts.sensitive import sensitive_kind

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]
DatasetName = Literal["residents", "houses", "vehicles", "access_events"]
Mode = Literal["snapshot", "delta", "append"]
Encoding = Literal["utf-8", "gb18030", "gbk", "utf-16-le", "utf-16-be", "big5"]


class FeedError(ValueError):
    """A feed file that cannot be used; the message names the file, the key and what is allowed."""


class _Strict(BaseModel):
    # the docstring below a key is its description in the JSON Schema and in docs/feeds.md
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Expected(_Strict):
    """What the community should hold, from a count outside the exports; ``coverage`` compares."""

    houses: int | None = Field(None, ge=0)
    """Houses, by the land registry or the developer's plan."""
    residents: int | None = Field(None, ge=0)
    """Residents, by the neighbourhood committee."""
    vehicles: int | None = Field(None, ge=0)
    """Vehicles, by the permits given out."""


class Community(_Strict):
    """One residential community the company manages. ``code`` (15 digits) is best; without it the name and the
    region make the key, so two companies that name the same community mean the same one."""

    name: str = Field(min_length=1)
    """The community's name as the exports write it."""
    code: str | None = Field(None, pattern=r"^[0-9]{6,24}$")
    """The platform's code of the community, in quotation marks."""
    aliases: tuple[str, ...] = ()
    """Other names the exports use for it."""
    region_code: str | None = Field(None, pattern=r"^[0-9]{6,12}$")
    """Six to twelve digits of the statistical region code, in quotation marks."""
    district: str | None = None
    """The district, as people call it."""
    expected: Expected = Expected()
    """What the community should hold (`houses`, `residents`, `vehicles`); coverage compares with it."""

    @property
    def community_id(self) -> str:
        """The public key: ``c_`` and the code, or ``c_`` and ten hex digits of region and name."""
        if self.code:
            return f"c_{self.code}"
        digest = hashlib.md5(f"{self.region_code or self.district or ''}|{self.name}".encode()).hexdigest()
        return f"c_{digest[:10]}"


class Contact(_Strict):
    """Whom to tell when a delivery fails."""

    name: str | None = None
    """The clerk or the department."""
    phone: str | None = None
    """Telephone."""
    email: str | None = None
    """E-mail."""


class TimeFormat(_Strict):
    """How event times are written. ``auto`` reads ISO 8601, ``2026-11-20 08:15:00``, ``20261120081500``, 13-digit
    milliseconds and 10-digit seconds; another value is a strptime pattern. ``zone`` is meant where none is written."""

    format: str = "auto"
    """`auto`, or a strptime pattern such as `%d/%m/%Y %H:%M`."""
    zone: str = "Asia/Shanghai"
    """The IANA time zone that is meant where a time names none."""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as e:
            raise ValueError(f"{value!r} is no time zone; write an IANA name, e.g. Asia/Shanghai") from e
        return value


class Feed(_Strict):
    """One export. Everything but ``files`` has a default; ``dataset`` defaults to the feed's own name."""

    dataset: DatasetName
    """What the export holds; not needed where the feed is named after its dataset."""
    files: tuple[str, ...] = Field(min_length=1)
    """Patterns of its files (`*` and `?`), compared with the path below `drop/<company>/` and with the bare name,
    whatever the case."""
    mode: Mode
    """`snapshot`: each delivery replaces the ones before. `delta`: each adds to them and corrects them. `append`:
    events, all count. Default: `append` for access_events, else `snapshot`."""
    headers: dict[str, tuple[str, ...]] = {}
    """Field -> headers the export uses for it, beyond the well-known ones below; they win over those. Members of a JSON
    object inside the record are written `outer.inner`."""
    constants: dict[str, str] = {}
    """Field -> value, for a field the export has no column for."""
    codes: dict[str, dict[str, str]] = {}
    """Field -> the export's code -> canonical value, where the well-known codes don't hold. Quote the codes."""
    time: TimeFormat = TimeFormat()
    """How event times are written (`format`, `zone`)."""
    ignore: tuple[str, ...] = ()
    """Headers to pass over without a word: known ones of no use, or the second of two columns for one field."""
    encoding: Encoding | None = None
    """Only if detection must be overruled."""
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    """Only if detection must be overruled; a tab is `"\\t"`."""
    sheet: str | None = None
    """The one sheet to read; without it all sheets are read as one delivery."""
    records: str | None = None
    """Dotted path of the list of records inside a JSON document (`data.list`); found by itself when absent."""

    every_days: int = Field(1, ge=1, le=366)
    """How often this export comes, in days; a release warns when the newest good one is older."""

    @model_validator(mode="before")
    @classmethod
    def _default_mode(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("mode") is None and data.get("dataset") in DATASETS:
            return {**data, "mode": DATASETS[data["dataset"]].default_mode}
        return data

    @field_validator("headers", "files", "ignore", mode="before")
    @classmethod
    def _listify(cls, value: object) -> object:
        if isinstance(value, str):
            return (value,)
        if isinstance(value, dict):
            return {k: (v,) if isinstance(v, str) else v for k, v in value.items()}
        return value

    @field_validator("codes", "constants", mode="before")
    @classmethod
    def _text_keys(cls, value: object) -> object:
        # YAML reads 1: male as an integer key and yes/no as booleans; codes are text
        def text(v: object) -> object:
            return str(v) if isinstance(v, int | float) and not isinstance(v, bool) else v

        if isinstance(value, dict):
            return {
                text(k): {text(a): b for a, b in v.items()} if isinstance(v, dict) else text(v)
                for k, v in value.items()
            }
        return value

    @model_validator(mode="after")
    def _names_are_known(self) -> Feed:
        dataset = DATASETS[self.dataset]
        fields = {f.name: f for f in dataset.fields}
        for key, named in (("headers", self.headers), ("constants", self.constants), ("codes", self.codes)):
            for name in named:
                if name not in fields:
                    raise ValueError(f"{key}.{name}: {self.dataset} has no such field; allowed: {', '.join(fields)}")
        for name, mapping in self.codes.items():
            code_list = fields[name].code_list
            if code_list is None:
                raise ValueError(f"codes.{name}: this field takes no codes")
            allowed = CODE_LISTS[code_list].values
            for code, value in mapping.items():
                if value not in allowed:
                    raise ValueError(f"codes.{name}.{code}: {value!r} is not allowed; one of: {', '.join(allowed)}")
        if self.mode == "append" and self.dataset != "access_events":
            raise ValueError("mode append is for access_events; use snapshot or delta")
        return self

    @model_validator(mode="after")
    def _headers_are_clear(self) -> Feed:
        field_of: dict[str, str] = {}
        for name, headers in self.headers.items():
            for header in headers:
                if (other := field_of.setdefault(fold_header(header), name)) != name:
                    raise ValueError(f"headers: {header!r} is given to both {other} and {name}; keep one")
                if kind := sensitive_kind(header):
                    raise ValueError(f"headers.{name}: {header!r} announces {kind}, which is never taken in")
        return self


class Company(_Strict):
    """One property company: who it is, which communities it manages and what it sends."""

    company: Slug
    """The company's short name: the name of this file and of its drop folder (`a-z`, `0-9`, `_`)."""
    name: str = Field(min_length=1)
    """The company's full name."""
    uscc: str | None = None
    """Unified social credit code (18 characters, checked)."""
    contact: Contact = Contact()
    """Whom to tell when a delivery fails (`name`, `phone`, `email`)."""
    communities: tuple[Community, ...] = Field(min_length=1)
    """The residential communities the company manages. With only one, exports need no community column."""
    feeds: dict[Slug, Feed] = Field(min_length=1)
    """The exports it sends, by a name of your choice, best the dataset's."""
    trust: int = Field(50, ge=0, le=100)
    """How far this source is believed where sources differ; survivorship reads it."""
    fresh_within_hours: int = Field(36, ge=1)
    """How old the newest good delivery may be before the company counts as late."""

    @model_validator(mode="before")
    @classmethod
    def _dataset_from_feed_name(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("feeds"), dict):
            feeds = {
                name: {"dataset": name, **feed} if isinstance(feed, dict) and name in DATASETS else feed
                for name, feed in data["feeds"].items()
            }
            return {**data, "feeds": feeds}
        return data

    @field_validator("uscc")
    @classmethod
    def _uscc_checks(cls, value: str | None) -> str | None:
        if value is not None and not uscc_is_valid(value):
            raise ValueError(f"{value!r} is no unified social credit code (GB 32100: 18 characters, check character)")
        return value

    @model_validator(mode="after")
    def _no_ambiguity(self) -> Company:
        seen: dict[str, str] = {}
        for c in self.communities:
            for name in (c.name, *c.aliases):
                if seen.setdefault(name, c.community_id) != c.community_id:
                    raise ValueError(f"communities: {name!r} names two communities")
        return self

    def fingerprint(self, feed: str) -> str:
        """Hash of all that decides how this feed's files are read, but for its headers; a change makes landed
        deliveries stale."""
        elsewhere = {"files", "headers", "ignore", "codes", "time", "every_days"}
        told = self.feeds[feed].model_dump(mode="json", exclude=elsewhere)
        # with only one community, its name stands for a column the export need not have
        return _digest(told | {"community": self.communities[0].name if len(self.communities) == 1 else None})

    def headers_fingerprint(self, feed: str) -> str:
        """Hash of all that decides which column of this feed's files holds which field."""
        return _digest(self.feeds[feed].model_dump(mode="json", include={"headers", "ignore"}))

    def judging_fingerprint(self, feed: str) -> str:
        """Hash of what the company says about the values of this feed; a change has its records judged again, from
        what was landed."""
        told = self.feeds[feed].model_dump(mode="json", include={"codes", "time"})
        return _digest(
            told | {"communities": [c.model_dump(mode="json", exclude={"expected"}) for c in self.communities]}
        )


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def uscc_is_valid(code: str) -> bool:
    """Whether a unified social credit code has 18 allowed characters and the right check character (GB 32100)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    if len(code) != 18 or any(c not in alphabet for c in code):
        return False
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return alphabet[(31 - total % 31) % 31] == code[17]


def load_company(path: Path) -> Company:
    """Read one feed file. Raises :class:`FeedError` naming the file, every wrong key and what is allowed."""
    data = read_mapping(path, FeedError, "company, name, communities, feeds")
    try:
        company = Company.model_validate(data)
    except ValidationError as e:
        raise FeedError(f"{path.name}: " + "; ".join(_say(err) for err in e.errors())) from e
    if company.company != path.stem:
        raise FeedError(f"{path.name}: company is {company.company!r}; it must be the file's name, {path.stem!r}")
    return company


def _say(err: object) -> str:
    """One pydantic error as ``key: what is wrong``, with the allowed keys where a key is unknown."""
    assert isinstance(err, dict)
    where = ".".join(str(p) for p in err["loc"]) or "the file"
    if err["type"] == "extra_forbidden":
        model: type[BaseModel] = Company
        if "feeds" in err["loc"]:
            model = TimeFormat if "time" in err["loc"][:-1] else Feed
        elif "communities" in err["loc"]:
            model = Expected if "expected" in err["loc"][:-1] else Community
        elif "contact" in err["loc"]:
            model = Contact
        return f"{where}: unknown key; allowed: {', '.join(model.model_fields)}"
    return f"{where}: {err['msg'].removeprefix('Value error, ')}"


def load_companies(feeds_dir: Path) -> tuple[dict[str, Company], dict[str, FeedError]]:
    """Every company of a configuration, and the error of each file that cannot be used."""
    return read_each(feeds_dir, load_company, FeedError)
