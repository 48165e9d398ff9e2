"""A parking vendor: JSON Lines, milliseconds, directions the other way round; its lists are GBK text."""

from __future__ import annotations

from resources.sample_city.codes import (
    DIRECTION_REVERSED,
    HOUSE_ZH,
    KIND_EN,
    METHOD_PLATFORM,
    ROLE_NUMBERS,
    ROLE_ZH,
    SEX_10,
    VEHICLE_NUMBERS,
)
from resources.sample_city.dialects.model import DAY, Export, columns, own

_MILLIS = "(epoch_ms({t} - INTERVAL 8 HOUR) + (w * 999)::BIGINT)::VARCHAR"
EXPORTS = (
    Export(
        "residents",
        "csv",
        "客户资料{date}.csv",
        "客户资料*.csv",
        columns(
            ("档案编号", "record_key", "record_no"),
            ("楼盘", "community", "community"),
            ("详细地址", "address", "a_full"),
            ("姓名", "name", "name"),
            ("性别", "sex", "@"),
            ("身份证", "id_number", "id_number"),
            ("电话", "phone", "phone"),
            ("生日", "birth_date", DAY.format("birth")),
            ("身份", "role", "@"),
            ("照片", None, "record_no || '.jpg'"),
        ),
        SEX_10 | ROLE_ZH,
        "gb18030",
    ),
    Export(
        "houses",
        "csv",
        "房间资料{date}.csv",
        "房间资料*.csv",
        columns(
            ("楼盘", "community", "community"),
            ("栋", "building", "b_zh"),
            ("单元", "unit", "zh_num(unit) || '单元'"),
            ("门牌号", "room", "room || '室'"),
            ("产权面积", "area_m2", "area_m2::VARCHAR"),
            ("使用状态", "status", "@"),
        ),
        HOUSE_ZH,
        "gb18030",
    ),
    Export(
        "vehicles",
        "jsonl",
        "car_{date}.jsonl",
        "car_*.jsonl",
        columns(
            ("communityName", "community", "community"),
            ("address", "address", "a_dash"),
            ("carNo", "plate", "plate"),
            ("plateColor", "plate_colour", "@"),
            ("vehicleType", "vehicle_type", "@"),
            ("carColor", "body_colour", "@"),
            ("brand", "brand", "brand"),
            ("ownerName", "owner_name", "owner_name"),
            ("ownerIdNumber", "owner_id_number", "owner_id"),
            ("ownerPhone", "owner_phone", "owner_phone"),
            own("userKind", "role", "@"),
        ),
        VEHICLE_NUMBERS | ROLE_NUMBERS,
    ),
    Export(
        "access_events",
        "jsonl",
        "pass_{date}.jsonl",
        "pass_*.jsonl",
        columns(
            ("crossRecordSyscode", "event_code", "@"),
            ("communityName", "community", "community"),
            ("channelName", "gate", "gate"),
            ("passTime", "occurred_at", "@"),
            ("direction", "direction", "@"),
            ("openType", "method", "@"),
            ("carNo", "plate", "plate"),
            ("personName", "name", "name"),
            ("cardNo", "card_number", "card"),
            ("userType", "subject_kind", "@"),
            ("platePicUrl", None, "'https://img.example/p/' || n || '.jpg'"),
        ),
        DIRECTION_REVERSED | METHOD_PLATFORM | KIND_EN,
        daily=True,
        time=_MILLIS,
    ),
)
