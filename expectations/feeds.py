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

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from expectations.contracts.codes import CODE_LISTS
from expectations.contracts.datasets import DATASETS

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]
DatasetName = Literal["residents", "houses", "vehicles", "access_events"]
Mode = Literal["snapshot", "delta", "append"]


class FeedError(ValueError):
    """A feed file that cannot be used; the message names the file, the key and what is allowed."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expected(_Strict):
    """What the community should hold, from a count outside the exports; ``coverage`` compares."""

    houses: int | None = Field(None, ge=0)
    residents: int | None = Field(None, ge=0)
    vehicles: int | None = Field(None, ge=0)


class Community(_Strict):
    """One residential community the company manages. ``code`` (15 digits) is best; without it the name and the
    region make the key, so two companies that name the same community mean the same one."""

    name: str = Field(min_length=1)
    code: str | None = Field(None, pattern=r"^[0-9]{6,24}$")
    aliases: tuple[str, ...] = ()
    region_code: str | None = Field(None, pattern=r"^[0-9]{6,12}$")
    district: str | None = None
    expected: Expected = Expected()

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
    phone: str | None = None
    email: str | None = None


class TimeFormat(_Strict):
    """How event times are written. ``auto`` reads ISO 8601, ``2026-11-20 08:15:00``, ``20261120081500``, 13-digit
    milliseconds and 10-digit seconds; another value is a strptime pattern. ``zone`` is meant where none is written."""

    format: str = "auto"
    zone: str = "Asia/Shanghai"

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
    files: tuple[str, ...] = Field(min_length=1)
    mode: Mode
    headers: dict[str, tuple[str, ...]] = {}
    constants: dict[str, str] = {}
    codes: dict[str, dict[str, str]] = {}
    time: TimeFormat = TimeFormat()
    ignore: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    sheet: str | None = None
    records: str | None = None
    """Dotted path of the list of records inside a JSON document (``data.list``); found by itself when absent."""

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


class Company(_Strict):
    """One property company: who it is, which communities it manages and what it sends."""

    company: Slug
    name: str = Field(min_length=1)
    uscc: str | None = None
    contact: Contact = Contact()
    communities: tuple[Community, ...] = Field(min_length=1)
    feeds: dict[Slug, Feed] = Field(min_length=1)
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
        """Hash of all that decides how this feed's files are read; a change makes landed deliveries stale."""
        content = {
            "feed": self.feeds[feed].model_dump(mode="json"),
            "communities": [c.model_dump(mode="json", exclude={"expected"}) for c in self.communities],
        }
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
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as e:
        raise FeedError(f"{path.name}: not readable as YAML: {e}") from e
    except UnicodeDecodeError as e:
        raise FeedError(f"{path.name}: not UTF-8; save the file as UTF-8") from e
    if not isinstance(data, dict):
        raise FeedError(f"{path.name}: expected keys such as company, name, communities, feeds")
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
    """Every company of a configuration, and the error of each file that cannot be used (by file stem): one broken
    file never hides the others."""
    good: dict[str, Company] = {}
    bad: dict[str, FeedError] = {}
    for path in sorted(feeds_dir.glob("*.yaml")):
        try:
            good[path.stem] = load_company(path)
        except FeedError as e:
            bad[path.stem] = e
    return good, bad
