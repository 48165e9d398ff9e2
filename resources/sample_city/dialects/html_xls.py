"""An older web system: HTML tables named .xls."""

from __future__ import annotations

from resources.sample_city.codes import DIRECTION_ZH, HOUSE_ZH, KIND_ZH, METHOD_ZH, ROLE_ZH, SEX_ZH, VEHICLE_ZH
from resources.sample_city.dialects.model import DAY, NUMBER, Export, columns, own

EXPORTS = (
    Export(
        "residents",
        "html",
        "住户列表{date}.xls",
        "住户列表*.xls",
        columns(
            NUMBER,
            ("小区名称", "community", "community"),
            ("楼栋", "building", "b_hao"),
            ("单元", "unit", "unit::VARCHAR"),
            ("房间", "room", "room::VARCHAR"),
            own("住户", "name", "name"),
            ("性别", "sex", "@"),
            ("证件号码", "id_number", "id_number"),
            own("联系人手机", "phone", "phone"),
            ("出生日期", "birth_date", DAY.format("birth")),
            ("住户类型", "role", "@"),
            ("党员标记", None, "'否'"),
        ),
        SEX_ZH | ROLE_ZH,
        footer=True,
    ),
    Export(
        "houses",
        "html",
        "房屋列表{date}.xls",
        "房屋列表*.xls",
        columns(
            ("小区名称", "community", "community"),
            ("楼栋", "building", "b_hao"),
            ("单元", "unit", "unit::VARCHAR"),
            ("房间", "room", "room::VARCHAR"),
            ("面积", "area_m2", "area_m2::VARCHAR"),
            ("状态", "status", "@"),
        ),
        HOUSE_ZH,
        footer=True,
    ),
    Export(
        "vehicles",
        "html",
        "车辆列表{date}.xls",
        "车辆列表*.xls",
        columns(
            ("小区名称", "community", "community"),
            ("住址", "address", "a_hash"),
            ("号牌号码", "plate", "plate"),
            ("号牌颜色", "plate_colour", "@"),
            ("车主姓名", "owner_name", "owner_name"),
            ("联系电话", "owner_phone", "owner_phone"),
        ),
        VEHICLE_ZH,
        footer=True,
    ),
    Export(
        "access_events",
        "html",
        "通行记录{date}.xls",
        "通行记录*.xls",
        columns(
            ("小区名称", "community", "community"),
            ("大门", "gate", "gate"),
            ("时间", "occurred_at", "@"),
            ("方向", "direction", "@"),
            ("通行方式", "method", "@"),
            ("姓名", "name", "name"),
            ("卡号", "card_number", "card"),
            ("车牌号", "plate", "plate"),
            ("类型", "subject_kind", "@"),
        ),
        DIRECTION_ZH | METHOD_ZH | KIND_ZH,
        daily=True,
        time="strftime({t}, '%Y/%m/%d %H:%M:%S')",
    ),
)
