"""A small office: every number typed as a number, one sheet an area."""

from __future__ import annotations

from resources.sample_city.codes import DIRECTION_ZH, HOUSE_ZH, ROLE_ZH, VEHICLE_ZH
from resources.sample_city.dialects.model import DAY, ISO, Export, columns

EXPORTS = (
    Export(
        "residents",
        "xlsx",
        "业主表_{date}.xlsx",
        "业主表*.xlsx",
        columns(
            ("小区", "community", "community"),
            ("栋", "building", "b_hao"),
            ("单元", "unit", "unit::VARCHAR"),
            ("房号", "room", "room::VARCHAR"),
            ("姓名", "name", "name"),
            ("身份证号", "id_number", "id_number"),
            ("电话", "phone", "phone"),
            ("出生日期", "birth_date", DAY.format("birth")),
            ("身份", "role", "@"),
        ),
        ROLE_ZH,
    ),
    Export(
        "houses",
        "xlsx",
        "房屋表_{date}.xlsx",
        "房屋表*.xlsx",
        columns(
            ("小区", "community", "community"),
            ("栋", "building", "b_hao"),
            ("单元", "unit", "unit::VARCHAR"),
            ("房号", "room", "room::VARCHAR"),
            ("面积", "area_m2", "area_m2::VARCHAR"),
            ("房屋状态", "status", "@"),
        ),
        HOUSE_ZH,
        member="{part}号片区",
        part_rows=30,
    ),
    Export(
        "vehicles",
        "csv",
        "车辆表_{date}.csv",
        "车辆表*.csv",
        columns(
            ("小区", "community", "community"),
            ("住址", "address", "a_short"),
            ("车牌", "plate", "plate"),
            ("车主", "owner_name", "owner_name"),
            ("电话", "owner_phone", "owner_phone"),
        ),
        VEHICLE_ZH,
        "gb18030",
        settings={"encoding": "gb18030"},
    ),
    Export(
        "access_events",
        "csv",
        "通行表_{date}.csv",
        "通行表*.csv",
        columns(
            ("小区", "community", "community"),
            ("门禁点", "gate", "gate"),
            ("时间", "occurred_at", "@"),
            ("方向", "direction", "@"),
            ("方式", None, "method"),
            ("姓名", "name", "name"),
            ("手机号", "phone", "phone"),
            ("卡号", "card_number", "card"),
            ("车牌", "plate", "plate"),
        ),
        DIRECTION_ZH,
        "gb18030",
        time=ISO,
    ),
)
