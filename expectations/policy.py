"""What an operator decides about the whole register: ``config/register.yaml``, every key with a default."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from expectations.configured import read_mapping
from expectations.contracts.model import Severity


class PolicyError(ValueError):
    """``register.yaml`` cannot be used; the message names the key and what is allowed."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Preference = Literal["verified", "complete", "trusted", "recent"]
"""``verified``: a resident's ID number has the right check character; a house's or vehicle's record came without a
warning. ``complete``: more fields filled. ``trusted``: the feed file's trust in the company. ``recent``: changed, else
delivered, last."""


Preferences = Annotated[tuple[Preference, ...], Field(min_length=1)]

GOLDEN_FIELDS: dict[str, tuple[str, ...]] = {
    "residents": ("name", "sex", "birth_date", "id_type", "id_number", "phone", "population_type"),
    "houses": ("floor", "use", "tenure", "status", "area_m2"),
    "vehicles": ("plate", "plate_class", "energy", "vehicle_type", "body_colour", "brand", "vin"),
}
"""The fields of each kind of golden record; each may have an order of preference of its own."""


class Rules(_Strict):
    """The orders of preference of one kind of golden record: ``default``, and those of single fields."""

    default: Preferences
    fields: dict[str, Preferences] = Field(default_factory=dict)

    def of(self, field: str) -> tuple[Preference, ...]:
        """The order of a field."""
        return self.fields.get(field, self.default)


class Survivorship(_Strict):
    """In which order records are preferred for a golden record's value; a null never wins over a value, and a tie
    goes to the record with the smallest provenance, so that the order of input does not matter.

    In the file an entity has one list for all its fields, or a mapping of ``default`` and single fields to lists.
    """

    residents: Rules = Rules(default=("verified", "complete", "recent", "trusted"))
    houses: Rules = Rules(default=("recent", "trusted"))
    vehicles: Rules = Rules(default=("complete", "recent", "trusted"))

    @field_validator("residents", "houses", "vehicles", mode="before")
    @classmethod
    def _by_field(cls, given: Any, info: ValidationInfo) -> Any:
        if isinstance(given, list | tuple):
            return {"default": given}
        if not isinstance(given, dict):
            return given
        assert info.field_name is not None
        known = GOLDEN_FIELDS[info.field_name]
        own = {k: v for k, v in given.items() if k != "default"}
        if unknown := sorted(str(k) for k in own if k not in known):
            raise ValueError(f"no such field: {', '.join(unknown)}; default or one of {', '.join(known)}")
        usual = cls.model_fields[info.field_name].default.default
        return {"default": given.get("default", usual), "fields": own}

    @field_validator("residents", "houses", "vehicles")
    @classmethod
    def _once(cls, rules: Rules) -> Rules:
        for name, order in {"default": rules.default, **rules.fields}.items():
            if len(set(order)) < len(order):
                raise ValueError(f"{name}: a preference is named twice")
        return rules


class Events(_Strict):
    """How passes are folded and how long they are kept."""

    second_reader_seconds: int = Field(3, ge=0, le=60)
    """The same subject in the same direction within this time is one pass."""
    keep_days: int = Field(30, ge=1, le=90)
    """Days of identified passes that a release carries (90 at most by the privacy rules)."""


class Churn(_Strict):
    """The share of yesterday's ids that may be merged, split or retired in one night before a release stops."""

    residents: float = Field(0.05, ge=0, le=1)
    houses: float = Field(0.02, ge=0, le=1)
    vehicles: float = Field(0.10, ge=0, le=1)
    community: float = Field(0.30, ge=0, le=1)
    """The share of one community's residents, houses or vehicles that may be gone from it after one night."""
    at_least: int = Field(50, ge=0)
    """Never stop for fewer changes than this."""


class Linking(_Strict):
    """When two clusters of residents' records that exact evidence leaves apart are taken for one person."""

    accept: float = Field(0.97, ge=0.5, le=1)
    """From this probability on, where the evidence is more than a name and a house, they are one."""
    review_from: float = Field(0.3, ge=0, le=1)
    """From this probability on, a pair that was not accepted is kept with its evidence for a person to decide."""
    margin_bits: float = Field(5.0, ge=0)
    """A record that two different people claim about equally, within this many bits of weight, joins neither."""
    most_units: int = Field(50, ge=2)
    """A phone, a house or another key that more people share proposes no pairs."""
    largest: int = Field(20, ge=2)
    """No person is put together from more clusters than this."""


class Volume(_Strict):
    """How far the records of a delivery may be from what the company's feed used to bring."""

    at_least: int = Field(3, ge=2)
    """So many deliveries before it make a history; until then the check holds and says so."""
    window: int = Field(14, ge=2, le=60)
    """So many of the newest are looked at."""
    deviations: float = Field(5.0, gt=0)
    """Robust standard deviations (from the median absolute deviation) around the median."""
    floor: float = Field(0.3, ge=0, le=1)
    """This share of the median is always allowed, however steady the feed was."""
    severity: Severity = "warning"


class Drift(_Strict):
    """How far the shares of a code list may be from the feed's delivery before."""

    index: float = Field(0.25, gt=0)
    """Population stability index above which a column has drifted."""
    at_least: int = Field(200, ge=1)
    """Fewer records on either side say nothing."""
    severity: Severity = "warning"


class Freshness(_Strict):
    """How late a feed may be, beyond its own ``every_days``."""

    grace_days: int = Field(1, ge=0)
    severity: Severity = "warning"


class Validation(_Strict):
    """What a company's own history is held against. ``severity`` ``error`` stops the release."""

    volume: Volume = Volume()
    drift: Drift = Drift()
    freshness: Freshness = Freshness()


class Accuracy(_Strict):
    """The nightly measure: people with a verified ID number whose number is hidden and who are put together anew."""

    people: int = Field(2000, ge=0)
    """At most so many people with several records, and as many with one; 0 measures nothing."""
    share: float = Field(0.1, gt=0, le=1)
    """At most this share of all people with a verified number, of each kind."""
    precision_floor: float = Field(0.99, ge=0, le=1)
    """A release warns when even the upper end of the interval of precision is below this."""
    recall_floor: float = Field(0.8, ge=0, le=1)
    """The same for recall."""


class Releases(_Strict):
    """How many releases are kept."""

    keep: int = Field(7, ge=1)


class Retention(_Strict):
    """How long the rest is kept, in days; enforced after every merge. What a merge takes now is always kept."""

    superseded_days: int = Field(90, ge=1, le=1095)
    """Deliveries that a newer one replaced, repeats and ones that could not be read, with their dropped files."""
    returns_days: int = Field(90, ge=1, le=1095)
    """Workbooks written for companies (`returns/`)."""
    failed_days: int = Field(30, ge=1, le=1095)
    """Reports of releases that were refused."""


class Schedule(_Strict):
    """When the night starts and when the merge no longer waits for late loads (local time of ``zone``)."""

    zone: str = "Asia/Shanghai"
    start: str = Field("02:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    deadline: str = Field("05:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


class Policy(_Strict):
    """All of ``register.yaml``."""

    survivorship: Survivorship = Survivorship()
    events: Events = Events()
    churn: Churn = Churn()
    linking: Linking = Linking()
    validation: Validation = Validation()
    accuracy: Accuracy = Accuracy()
    releases: Releases = Releases()
    retention: Retention = Retention()
    schedule: Schedule = Schedule()


def load_policy(config: Path) -> Policy:
    """Read ``register.yaml`` of a configuration root; without the file every default holds."""
    path = config / "register.yaml"
    if not path.exists():
        return Policy()
    try:
        return Policy.model_validate(read_mapping(path, PolicyError, ", ".join(Policy.model_fields), may_be_empty=True))
    except ValidationError as e:
        said = "; ".join(f"{'.'.join(map(str, err['loc']))}: {err['msg']}" for err in e.errors())
        raise PolicyError(f"register.yaml: {said}") from e
