"""A cloud door-access vendor: JSON documents, ISO times, codes of its own."""

from __future__ import annotations

from resources.sample_city.codes import (
    DIRECTION_REVERSED,
    HOUSE_ZH,
    KIND_EN,
    METHOD_PLATFORM,
    PERSON_PLATFORM,
    ROLE_EN,
    SEX_REVERSED,
    VEHICLE_ZH,
)
from resources.sample_city.dialects.model import DAY, ISO, Export, columns

_OFFSET = "strftime({t}, '%Y-%m-%dT%H:%M:%S+08:00')"
_JSON_LIST = {"records": "data.list"}
EXPORTS = (
    Export(
        "residents",
        "json",
        "person_{date}.json",
        "person_*.json",
        columns(
            ("recordId", "record_key", "record_no"),
            ("communityName", "community", "community"),
            ("buildingNo", "building", "b_hao"),
            ("unitNo", "unit", "unit::VARCHAR"),
            ("roomNo", "room", "room::VARCHAR"),
            ("personName", "name", "name"),
            ("gender", "sex", "@"),
            ("certType", "id_type", "@"),
            ("certNo", "id_number", "id_number"),
            ("mobile", "phone", "phone"),
            ("birthday", "birth_date", DAY.format("birth")),
            ("personType", "role", "@"),
            ("startDate", "valid_from", DAY.format("valid_from")),
            ("endDate", "valid_to", DAY.format("valid_to")),
            ("faceUrl", None, "'https://img.example/f/' || record_no || '.jpg'"),
            ("updateTime", "updated_at", ISO.format(t="changed_at")),
        ),
        PERSON_PLATFORM | SEX_REVERSED | ROLE_EN,
        settings=_JSON_LIST,
    ),
    Export(
        "houses",
        "csv",
        "houses_{date}.csv",
        "houses_*.csv",
        columns(
            ("communityName", "community", "community"),
            ("building", "building", "building_number::VARCHAR"),
            ("unit", "unit", "unit::VARCHAR"),
            ("room", "room", "room::VARCHAR"),
            ("floor", "floor", "floor::VARCHAR"),
            ("area", "area_m2", "area_m2::VARCHAR"),
            ("status", "status", "@"),
        ),
        HOUSE_ZH,
    ),
    Export(
        "vehicles",
        "csv",
        "cars_{date}.csv",
        "cars_*.csv",
        columns(
            ("communityName", "community", "community"),
            ("house", "address", "a_full"),
            ("plateNo", "plate", "plate"),
            ("plateColor", "plate_colour", "@"),
            ("carColor", "body_colour", "@"),
            ("ownerName", "owner_name", "owner_name"),
            ("ownerPhone", "owner_phone", "owner_phone"),
            ("ownerType", "role", "@"),
            ("endDate", "valid_to", DAY.format("valid_to")),
        ),
        VEHICLE_ZH | ROLE_EN,
    ),
    Export(
        "access_events",
        "json",
        "events_{date}.json",
        "events_*.json",
        columns(
            ("eventId", "event_code", "@"),
            ("communityName", "community", "community"),
            ("doorName", "gate", "gate"),
            ("eventTime", "occurred_at", "@"),
            ("ioType", "direction", "@"),
            ("openType", "method", "@"),
            ("personName", "name", "name"),
            ("mobile", "phone", "phone"),
            ("cardNo", "card_number", "card"),
            ("plateNo", "plate", "plate"),
            ("userType", "subject_kind", "@"),
            ("snapPicUrl", None, "'https://img.example/s/' || n || '.jpg'"),
        ),
        DIRECTION_REVERSED | METHOD_PLATFORM | KIND_EN,
        daily=True,
        time=_OFFSET,
        settings=_JSON_LIST,
    ),
)
