"""The columns that several released tables share, and short ways to write a column."""

from __future__ import annotations

from expectations.contracts.codes import CODE_LISTS
from expectations.contracts.datasets import DATASETS
from expectations.contracts.model import Column, Sensitivity

D = Sensitivity.DIRECT
I = Sensitivity.INDIRECT  # noqa: E741
S = Sensitivity.SENSITIVE

DATASET_NAMES = tuple(DATASETS)
ENTITY_TYPES = ("resident", "house", "vehicle")
SUPPRESSED = "null where fewer than 5, or where a sum would give a suppressed one away"


def codes_of(name: str) -> tuple[str, ...]:
    """The canonical values of a code list."""
    return tuple(CODE_LISTS[name].values)


def key(name: str, meaning: str, zh: str, references: str | None = None, *, nullable: bool = False) -> Column:
    return Column(name, "VARCHAR", meaning, zh, "assigned by the register", nullable=nullable, references=references)


COMMUNITY_REF = key("community_id", "the community", "小区", "communities.community_id")
HOUSE_REF = key("house_id", "the house", "房屋", "houses.house_id")
RESIDENT_REF = key("resident_id", "the resident", "住户", "residents.resident_id")
VEHICLE_REF = key("vehicle_id", "the vehicle", "车辆", "vehicles.vehicle_id")


def count(name: str, meaning: str, zh: str, *, nullable: bool = False) -> Column:
    return Column(name, "BIGINT", meaning, zh, "counted", nullable=nullable, minimum=0)


SEEN = (
    count("source_count", "records that this row was made from", "来源记录数"),
    Column("first_seen", "DATE", "day of the first delivery that had it", "首次出现", "deliveries", nullable=False),
    Column("last_seen", "DATE", "day of the last delivery that had it", "最近出现", "deliveries", nullable=False),
)
VALIDITY = (
    Column("valid_from", "DATE", "since when: as sent, else the day it was first seen", "起始日期", "exports"),
    Column("valid_to", "DATE", "until when; null while it lasts", "终止日期", "exports, or the night it vanished"),
    Column(
        "is_current", "BOOLEAN", "whether it holds on the day of the release", "是否有效", "derived", nullable=False
    ),
)
