"""The tables of the register itself: communities, houses, residents, vehicles and their links."""

from __future__ import annotations

from dataclasses import replace

from expectations.contracts.columns import (
    COMMUNITY_REF,
    HOUSE_REF,
    RESIDENT_REF,
    SEEN,
    VALIDITY,
    VEHICLE_REF,
    D,
    I,
    S,
    codes_of,
    count,
    key,
)
from expectations.contracts.model import Column, Table

COMMUNITIES = Table(
    "communities",
    "One row per residential community in the configuration.",
    "小区",
    (
        key("community_id", "key of the community: c_ and its code, or c_ and a digest of region and name", "小区编号"),
        Column("name", "VARCHAR", "name", "小区名称", "feed file", nullable=False),
        Column(
            "company",
            "VARCHAR",
            "the company that manages it (slug; several joined by a comma)",
            "物业公司",
            "feed file",
            nullable=False,
        ),
        Column("region_code", "VARCHAR", "statistical region code, 6 to 12 digits", "行政区划代码", "feed file"),
        Column("district", "VARCHAR", "district", "区县", "feed file"),
        count("house_count", "houses in the register", "房屋数"),
        count("resident_count", "residents with a current occupancy here", "住户数"),
        count("vehicle_count", "vehicles with a current holding here", "车辆数"),
    ),
    ("community_id",),
    order_by=("community_id",),
)

HOUSES = Table(
    "houses",
    "One row per house.",
    "房屋",
    (
        key("house_id", "key of the house, stable for its life", "房屋编号"),
        COMMUNITY_REF,
        Column("building", "VARCHAR", "building, its phase or area before a hyphen", "楼栋", "exports", nullable=False),
        Column("unit", "VARCHAR", "unit; null when no export gives it", "单元", "exports"),
        Column("floor", "INTEGER", "floor", "楼层", "exports, else the room number", minimum=-5, maximum=120),
        Column("room", "VARCHAR", "room", "房号", "exports", nullable=False),
        Column("use", "VARCHAR", "use", "房屋用途", "exports", values=codes_of("house_use")),
        Column("tenure", "VARCHAR", "tenure", "产权性质", "exports", values=codes_of("house_tenure")),
        Column(
            "status", "VARCHAR", "let, owner-occupied, vacant", "房屋状态", "exports", values=codes_of("house_status")
        ),
        Column("area_m2", "DOUBLE", "floor area, square metres", "建筑面积", "exports", minimum=5, maximum=2000),
        count("resident_count", "residents with a current occupancy", "住户数"),
        *SEEN,
    ),
    ("house_id",),
    order_by=("community_id", "building", "unit", "room", "house_id"),
    notes=("A house that only residents or vehicles name is here too, with its attributes null.",),
)

_POPULATION_TYPE = Column(
    "population_type",
    "VARCHAR",
    "permanent, floating, overseas",
    "人口类型",
    "exports",
    I,
    values=codes_of("population_type"),
)

RESIDENTS = Table(
    "residents",
    "One row per person.",
    "住户",
    (
        key("resident_id", "key of the person, stable for life", "住户编号"),
        Column("name", "VARCHAR", "name", "姓名", "exports, by survivorship", D, mask="name", open_name="name_masked"),
        Column("sex", "VARCHAR", "sex; from the ID number where valid", "性别", "exports", I, values=codes_of("sex")),
        Column(
            "birth_date",
            "DATE",
            "date of birth; open: the year",
            "出生日期",
            "ID number, else exports",
            S,
            mask="birth_year",
            open_name="birth_year",
        ),
        Column("id_type", "VARCHAR", "kind of identity document", "证件类型", "exports", I, values=codes_of("id_type")),
        Column("id_number", "VARCHAR", "ID number", "证件号码", "exports, by survivorship", D),
        Column(
            "id_verified",
            "BOOLEAN",
            "an 18-character number with a right check character",
            "证件号码已校验",
            "GB 11643-1999",
            I,
            nullable=False,
        ),
        Column(
            "phone", "VARCHAR", "phone", "电话", "exports, by survivorship", D, mask="phone", open_name="phone_masked"
        ),
        _POPULATION_TYPE,
        SEEN[0],
        Column(
            "match_confidence",
            "DOUBLE",
            "weakest link that holds its records together; 1 for exact evidence",
            "匹配置信度",
            "matching",
            nullable=False,
            minimum=0,
            maximum=1,
        ),
        *SEEN[1:],
    ),
    ("resident_id",),
    order_by=("resident_id",),
)

OCCUPANCIES = Table(
    "occupancies",
    "Who belongs to which house, in which role, since when and until when.",
    "居住关系",
    (
        RESIDENT_REF,
        HOUSE_REF,
        Column(
            "role",
            "VARCHAR",
            "owner, family, tenant, other",
            "住户类型",
            "exports",
            I,
            nullable=False,
            values=codes_of("role"),
        ),
        Column(
            "relation_to_head",
            "VARCHAR",
            "relation to the head of the household",
            "与户主关系",
            "exports",
            I,
            values=codes_of("relation_to_head"),
        ),
        *VALIDITY,
    ),
    ("resident_id", "house_id", "role", "valid_from"),
    order_by=("resident_id", "house_id", "role", "valid_from"),
)

INHABITANTS = Table(
    "inhabitants",
    "Who lives where now: one row per community and resident with a current occupancy there, for counting people.",
    "在住人员",
    (
        COMMUNITY_REF,
        RESIDENT_REF,
        Column("district", "VARCHAR", "the community's district", "区县", "communities"),
        Column(
            "first_in_district",
            "BOOLEAN",
            "true in one row per resident and district: where these are counted, nobody counts twice in a district",
            "区县内首行",
            "derived",
            nullable=False,
        ),
        Column("sex", "VARCHAR", "sex", "性别", "residents", I, values=codes_of("sex")),
        Column("birth_year", "INTEGER", "year of birth", "出生年份", "residents", I),
        replace(_POPULATION_TYPE, source="residents"),
    ),
    ("community_id", "resident_id"),
    where="open",
    order_by=("community_id", "resident_id"),
    notes=("It tells nothing that the open tables it is made of do not: it saves the analyst their joins.",),
)

VEHICLES = Table(
    "vehicles",
    "One row per vehicle.",
    "车辆",
    (
        key("vehicle_id", "key of the vehicle, stable for its life", "车辆编号"),
        Column(
            "plate", "VARCHAR", "plate", "车牌号", "exports", D, nullable=False, mask="plate", open_name="plate_masked"
        ),
        Column(
            "plate_class",
            "VARCHAR",
            "plate class",
            "号牌种类",
            "exports, else the plate's form",
            values=codes_of("plate_class"),
        ),
        Column(
            "energy",
            "VARCHAR",
            "electric, other_new_energy, conventional",
            "能源类型",
            "the plate's form",
            values=("electric", "other_new_energy", "conventional"),
        ),
        Column("vehicle_type", "VARCHAR", "vehicle type", "车辆类型", "exports", values=codes_of("vehicle_type")),
        Column("body_colour", "VARCHAR", "body colour", "车身颜色", "exports", values=codes_of("body_colour")),
        Column("brand", "VARCHAR", "brand", "品牌", "exports"),
        Column("vin", "VARCHAR", "vehicle identification number", "车辆识别代号", "exports", D),
        *SEEN,
    ),
    ("vehicle_id",),
    order_by=("vehicle_id",),
)

VEHICLE_HOLDINGS = Table(
    "vehicle_holdings",
    "Which resident or house a vehicle belongs to.",
    "车辆归属",
    (
        VEHICLE_REF,
        key(
            "resident_id",
            "the holder; null where no resident matches, as with a company's car",
            "住户",
            "residents.resident_id",
            nullable=True,
        ),
        key("house_id", "the house it is registered with", "房屋", "houses.house_id", nullable=True),
        COMMUNITY_REF,
        Column(
            "role",
            "VARCHAR",
            "owner, family, tenant, other",
            "车主类型",
            "exports",
            I,
            nullable=False,
            values=codes_of("role"),
        ),
        *VALIDITY,
    ),
    ("vehicle_id", "community_id", "house_id", "resident_id", "role", "valid_from"),
    order_by=("vehicle_id", "community_id", "house_id", "resident_id", "role", "valid_from"),
)
