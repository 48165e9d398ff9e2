"""The tables about passes and counts: events, hours, profiles, coverage."""

from __future__ import annotations

from expectations.contracts.columns import COMMUNITY_REF, SUPPRESSED, I, S, codes_of, count
from expectations.contracts.model import Column, Table

ACCESS_EVENTS = Table(
    "access_events",
    "One row per real pass through a gate or door, without the person.",
    "通行事件",
    (
        Column("event_id", "BIGINT", "key of the pass", "事件编号", "assigned by the register", nullable=False),
        Column("occurred_at", "TIMESTAMPTZ", "time of the pass", "通行时间", "exports", nullable=False),
        Column("event_date", "DATE", "its day in Asia/Shanghai", "通行日期", "derived", nullable=False),
        COMMUNITY_REF,
        Column("gate", "VARCHAR", "gate, door or lane", "通道", "exports"),
        Column("direction", "VARCHAR", "in, out", "进出方向", "exports", values=("in", "out")),
        Column("method", "VARCHAR", "how it was opened", "通行方式", "exports", values=codes_of("method")),
        Column(
            "subject_kind",
            "VARCHAR",
            "resident, vehicle, visitor, unknown",
            "对象类型",
            "exports",
            I,
            nullable=False,
            values=codes_of("subject_kind"),
        ),
        Column(
            "is_registered",
            "BOOLEAN",
            "whether the register knew who or what passed, on the night the day's file was written",
            "是否登记",
            "matched by ID number, plate, or name and phone",
            I,
            nullable=False,
        ),
    ),
    ("event_id",),
    order_by=("event_date", "community_id", "occurred_at", "event_id"),
    storage="days",
)

ACCESS_HOURLY = Table(
    "access_hourly",
    "Passes per gate and hour.",
    "小时通行量",
    (
        COMMUNITY_REF,
        Column("gate", "VARCHAR", "gate, door or lane", "通道", "exports"),
        Column("hour", "TIMESTAMPTZ", "start of the hour", "小时", "derived", nullable=False),
        Column("direction", "VARCHAR", "in, out", "进出方向", "exports", values=("in", "out")),
        Column(
            "subject_kind",
            "VARCHAR",
            "resident, vehicle, visitor, unknown",
            "对象类型",
            "exports",
            nullable=False,
            values=codes_of("subject_kind"),
        ),
        count("events", "passes", "通行次数"),
    ),
    (),
    order_by=("hour", "community_id", "gate", "direction", "subject_kind"),
    storage="days",
    where="open",
)

EVENTS_IDENTIFIED = Table(
    "events_identified",
    "Which registered resident or vehicle a pass belongs to. Whereabouts: kept 30 days; never for children under 14.",
    "通行主体",
    (
        Column("event_id", "BIGINT", "the pass", "事件编号", nullable=False, references="access_events.event_id"),
        Column("event_date", "DATE", "its day", "通行日期", nullable=False),
        Column(
            "entity_type", "VARCHAR", "resident, vehicle", "实体类型", nullable=False, values=("resident", "vehicle")
        ),
        Column("entity_id", "VARCHAR", "who or what passed", "实体编号", nullable=False, sensitivity=S),
        Column("company", "VARCHAR", "who sent it", "公司", nullable=False),
        Column("delivery_id", "VARCHAR", "delivery of the record kept", "批次", nullable=False),
        Column("file", "VARCHAR", "file", "文件", nullable=False),
        Column("row_number", "BIGINT", "row in the file", "行号", nullable=False),
    ),
    ("event_id",),
    where="restricted",
    order_by=("event_date", "event_id"),
    storage="days",
)

COMMUNITY_PROFILE = Table(
    "community_profile",
    "Residents by age band and sex, houses by status, vehicles per house; small counts suppressed.",
    "小区概况",
    (
        COMMUNITY_REF,
        Column(
            "measure",
            "VARCHAR",
            "residents, houses, vehicles_per_house",
            "指标",
            "derived",
            nullable=False,
            values=("residents", "houses", "vehicles_per_house"),
        ),
        Column(
            "age_band",
            "VARCHAR",
            "0-13, 14-17, 18-34, 35-59, 60-79, 80+, unknown; residents only",
            "年龄段",
            "birth year on the day of the release",
        ),
        Column("sex", "VARCHAR", "sex; residents only", "性别", "exports", values=codes_of("sex")),
        Column("status", "VARCHAR", "status; houses only", "房屋状态", "exports"),
        count("residents", f"residents; {SUPPRESSED}", "人数", nullable=True),
        count("houses", f"houses; {SUPPRESSED}", "房屋数", nullable=True),
        Column(
            "vehicles_per_house",
            "DOUBLE",
            "current vehicles per house, two decimals",
            "户均车辆数",
            "derived",
            minimum=0,
        ),
    ),
    ("community_id", "measure", "age_band", "sex", "status"),
    order_by=("community_id", "measure", "age_band", "sex", "status"),
    where="open",
)

COVERAGE = Table(
    "coverage",
    "Expected against delivered, per community; counts only.",
    "覆盖率",
    (
        COMMUNITY_REF,
        count("houses_expected", "houses by the feed file", "应有房屋", nullable=True),
        count("houses_delivered", "houses in the register", "已有房屋"),
        count("residents_expected", "residents by the feed file", "应有住户", nullable=True),
        count("residents_delivered", "residents in the register", "已有住户"),
        count("vehicles_expected", "vehicles by the feed file", "应有车辆", nullable=True),
        count("vehicles_delivered", "vehicles in the register", "已有车辆"),
        count("passes", "passes on the days of this release's events", "通行次数"),
        Column(
            "unregistered_share",
            "DOUBLE",
            "share of passes without a registered subject; null below 5 passes",
            "未登记通行占比",
            "derived",
            minimum=0,
            maximum=1,
        ),
    ),
    ("community_id",),
    order_by=("community_id",),
)
