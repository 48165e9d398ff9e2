"""A car park's own list beside the management package: plates as its camera read them, and what the attendant knows."""

from __future__ import annotations

from resources.sample_city.codes import VEHICLE_ZH
from resources.sample_city.dialects.model import DAY, Export, columns

EXPORT = Export(
    "vehicles",
    "csv",
    "停车场白名单_{date}.csv",
    "停车场白名单*.csv",
    columns(
        ("小区名称", "community", "community"),
        ("住址", "address", "a_short"),
        ("车牌号", "plate", "plate"),
        ("车牌颜色", "plate_colour", "@"),
        ("车身颜色", "body_colour", "@"),
        ("品牌", "brand", "brand"),
        ("车主", "owner_name", "owner_name"),
        ("手机", "owner_phone", "owner_phone"),
        ("到期日期", "valid_to", DAY.format("valid_to")),
    ),
    VEHICLE_ZH,
    feed="parking",
)
