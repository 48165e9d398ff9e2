"""Every released table, declared once: DDL, masks, checks, the data dictionary and the docs follow from it.

``both`` tables are stored with full values in the restricted database and masked in the open one.
"""

from __future__ import annotations

from expectations.contracts.codes import CODE_LISTS
from expectations.contracts.datasets import DATASETS
from expectations.contracts.model import Column, Sensitivity, Table

D = Sensitivity.DIRECT
I = Sensitivity.INDIRECT  # noqa: E741
S = Sensitivity.SENSITIVE

DATASET_NAMES = tuple(DATASETS)
ENTITY_TYPES = ("resident", "house", "vehicle")
SUPPRESSED = "null where fewer than 5, or where a sum would give a suppressed one away"


def _codes(name: str) -> tuple[str, ...]:
    return tuple(CODE_LISTS[name].values)


def _key(name: str, meaning: str, zh: str, references: str | None = None, *, nullable: bool = False) -> Column:
    return Column(name, "VARCHAR", meaning, zh, "assigned by the register", nullable=nullable, references=references)


_COMMUNITY = _key("community_id", "the community", "小区", "communities.community_id")
_HOUSE = _key("house_id", "the house", "房屋", "houses.house_id")
_RESIDENT = _key("resident_id", "the resident", "住户", "residents.resident_id")
_VEHICLE = _key("vehicle_id", "the vehicle", "车辆", "vehicles.vehicle_id")


def _count(name: str, meaning: str, zh: str, *, nullable: bool = False) -> Column:
    return Column(name, "BIGINT", meaning, zh, "counted", nullable=nullable, minimum=0)


_SEEN = (
    _count("source_count", "records that this row was made from", "来源记录数"),
    Column("first_seen", "DATE", "day of the first delivery that had it", "首次出现", "deliveries", nullable=False),
    Column("last_seen", "DATE", "day of the last delivery that had it", "最近出现", "deliveries", nullable=False),
)
_VALIDITY = (
    Column("valid_from", "DATE", "since when: as sent, else the day it was first seen", "起始日期", "exports"),
    Column("valid_to", "DATE", "until when; null while it lasts", "终止日期", "exports, or the night it vanished"),
    Column(
        "is_current", "BOOLEAN", "whether it holds on the day of the release", "是否有效", "derived", nullable=False
    ),
)

COMMUNITIES = Table(
    "communities",
    "One row per residential community in the configuration.",
    "小区",
    (
        _key(
            "community_id", "key of the community: c_ and its code, or c_ and a digest of region and name", "小区编号"
        ),
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
        _count("house_count", "houses in the register", "房屋数"),
        _count("resident_count", "residents with a current occupancy here", "住户数"),
        _count("vehicle_count", "vehicles with a current holding here", "车辆数"),
    ),
    ("community_id",),
    order_by=("community_id",),
)

HOUSES = Table(
    "houses",
    "One row per house.",
    "房屋",
    (
        _key("house_id", "key of the house, stable for its life", "房屋编号"),
        _COMMUNITY,
        Column("building", "VARCHAR", "building, its phase or area before a hyphen", "楼栋", "exports", nullable=False),
        Column("unit", "VARCHAR", "unit; null when no export gives it", "单元", "exports"),
        Column("floor", "INTEGER", "floor", "楼层", "exports, else the room number", minimum=-5, maximum=120),
        Column("room", "VARCHAR", "room", "房号", "exports", nullable=False),
        Column("use", "VARCHAR", "use", "房屋用途", "exports", values=_codes("house_use")),
        Column("tenure", "VARCHAR", "tenure", "产权性质", "exports", values=_codes("house_tenure")),
        Column(
            "status", "VARCHAR", "let, owner-occupied, vacant", "房屋状态", "exports", values=_codes("house_status")
        ),
        Column("area_m2", "DOUBLE", "floor area, square metres", "建筑面积", "exports", minimum=5, maximum=2000),
        _count("resident_count", "residents with a current occupancy", "住户数"),
        *_SEEN,
    ),
    ("house_id",),
    order_by=("community_id", "building", "unit", "room", "house_id"),
    notes=("A house that only residents or vehicles name is here too, with its attributes null.",),
)

RESIDENTS = Table(
    "residents",
    "One row per person.",
    "住户",
    (
        _key("resident_id", "key of the person, stable for life", "住户编号"),
        Column("name", "VARCHAR", "name", "姓名", "exports, by survivorship", D, mask="name", open_name="name_masked"),
        Column("sex", "VARCHAR", "sex; from the ID number where valid", "性别", "exports", I, values=_codes("sex")),
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
        Column("id_type", "VARCHAR", "kind of identity document", "证件类型", "exports", I, values=_codes("id_type")),
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
        Column(
            "population_type",
            "VARCHAR",
            "permanent, floating, overseas",
            "人口类型",
            "exports",
            I,
            values=_codes("population_type"),
        ),
        _SEEN[0],
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
        *_SEEN[1:],
    ),
    ("resident_id",),
    order_by=("resident_id",),
)

OCCUPANCIES = Table(
    "occupancies",
    "Who belongs to which house, in which role, since when and until when.",
    "居住关系",
    (
        _RESIDENT,
        _HOUSE,
        Column(
            "role",
            "VARCHAR",
            "owner, family, tenant, other",
            "住户类型",
            "exports",
            I,
            nullable=False,
            values=_codes("role"),
        ),
        Column(
            "relation_to_head",
            "VARCHAR",
            "relation to the head of the household",
            "与户主关系",
            "exports",
            I,
            values=_codes("relation_to_head"),
        ),
        *_VALIDITY,
    ),
    ("resident_id", "house_id", "role", "valid_from"),
    order_by=("resident_id", "house_id", "role", "valid_from"),
)

VEHICLES = Table(
    "vehicles",
    "One row per vehicle.",
    "车辆",
    (
        _key("vehicle_id", "key of the vehicle, stable for its life", "车辆编号"),
        Column(
            "plate", "VARCHAR", "plate", "车牌号", "exports", D, nullable=False, mask="plate", open_name="plate_masked"
        ),
        Column(
            "plate_class",
            "VARCHAR",
            "plate class",
            "号牌种类",
            "exports, else the plate's form",
            values=_codes("plate_class"),
        ),
        Column(
            "energy",
            "VARCHAR",
            "electric, other_new_energy, conventional",
            "能源类型",
            "the plate's form",
            values=("electric", "other_new_energy", "conventional"),
        ),
        Column("vehicle_type", "VARCHAR", "vehicle type", "车辆类型", "exports", values=_codes("vehicle_type")),
        Column("body_colour", "VARCHAR", "body colour", "车身颜色", "exports", values=_codes("body_colour")),
        Column("brand", "VARCHAR", "brand", "品牌", "exports"),
        Column("vin", "VARCHAR", "vehicle identification number", "车辆识别代号", "exports", D),
        *_SEEN,
    ),
    ("vehicle_id",),
    order_by=("vehicle_id",),
)

VEHICLE_HOLDINGS = Table(
    "vehicle_holdings",
    "Which resident or house a vehicle belongs to.",
    "车辆归属",
    (
        _VEHICLE,
        _key(
            "resident_id",
            "the holder; null where no resident matches, as with a company's car",
            "住户",
            "residents.resident_id",
            nullable=True,
        ),
        _key("house_id", "the house it is registered with", "房屋", "houses.house_id", nullable=True),
        _COMMUNITY,
        Column(
            "role",
            "VARCHAR",
            "owner, family, tenant, other",
            "车主类型",
            "exports",
            I,
            nullable=False,
            values=_codes("role"),
        ),
        *_VALIDITY,
    ),
    ("vehicle_id", "community_id", "house_id", "resident_id", "role", "valid_from"),
    order_by=("vehicle_id", "community_id", "house_id", "resident_id", "role", "valid_from"),
)

ACCESS_EVENTS = Table(
    "access_events",
    "One row per real pass through a gate or door, without the person.",
    "通行事件",
    (
        Column("event_id", "BIGINT", "key of the pass", "事件编号", "assigned by the register", nullable=False),
        Column("occurred_at", "TIMESTAMPTZ", "time of the pass", "通行时间", "exports", nullable=False),
        Column("event_date", "DATE", "its day in Asia/Shanghai", "通行日期", "derived", nullable=False),
        _COMMUNITY,
        Column("gate", "VARCHAR", "gate, door or lane", "通道", "exports"),
        Column("direction", "VARCHAR", "in, out", "进出方向", "exports", values=("in", "out")),
        Column("method", "VARCHAR", "how it was opened", "通行方式", "exports", values=_codes("method")),
        Column(
            "subject_kind",
            "VARCHAR",
            "resident, vehicle, visitor, unknown",
            "对象类型",
            "exports",
            I,
            nullable=False,
            values=_codes("subject_kind"),
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
        _COMMUNITY,
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
            values=_codes("subject_kind"),
        ),
        _count("events", "passes", "通行次数"),
    ),
    (),
    order_by=("hour", "community_id", "gate", "direction", "subject_kind"),
    storage="days",
    where="open",
)

COMMUNITY_PROFILE = Table(
    "community_profile",
    "Residents by age band and sex, houses by status, vehicles per house; small counts suppressed.",
    "小区概况",
    (
        _COMMUNITY,
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
        Column("sex", "VARCHAR", "sex; residents only", "性别", "exports", values=_codes("sex")),
        Column("status", "VARCHAR", "status; houses only", "房屋状态", "exports"),
        _count("residents", f"residents; {SUPPRESSED}", "人数", nullable=True),
        _count("houses", f"houses; {SUPPRESSED}", "房屋数", nullable=True),
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

CHANGES = Table(
    "changes",
    "What this release changed against the one before.",
    "变更",
    (
        Column("release_id", "VARCHAR", "the release", "发布编号", nullable=False, references="releases.release_id"),
        Column("entity_type", "VARCHAR", "resident, house, vehicle", "实体类型", nullable=False, values=ENTITY_TYPES),
        Column("entity_id", "VARCHAR", "the entity", "实体编号", nullable=False),
        Column(
            "change",
            "VARCHAR",
            "created, updated, merged, split, retired",
            "变更类型",
            nullable=False,
            values=("created", "updated", "merged", "split", "retired"),
        ),
        Column("other_id", "VARCHAR", "merged into, or split from", "另一实体"),
        Column("changed_columns", "VARCHAR[]", "names of the columns that changed", "变更列"),
        Column("changed_at", "TIMESTAMPTZ", "when the release was made", "变更时间", nullable=False),
    ),
    ("entity_type", "entity_id", "change", "other_id"),
    order_by=("entity_type", "entity_id", "change", "other_id"),
)

LOADS = Table(
    "loads",
    "One row per file of every delivery, and one for a delivery that could not be read.",
    "入库记录",
    (
        Column("company", "VARCHAR", "who sent it", "公司", nullable=False),
        Column("dataset", "VARCHAR", "residents, houses, vehicles, access_events", "数据类别", values=DATASET_NAMES),
        Column("delivery_id", "VARCHAR", "the files that arrived together", "批次"),
        Column("file", "VARCHAR", "path below the company's drop folder", "文件"),
        Column("received_at", "TIMESTAMPTZ", "newest modification time of its files", "接收时间"),
        Column(
            "status",
            "VARCHAR",
            "loaded, failed, duplicate, waiting, unclaimed",
            "状态",
            nullable=False,
            values=("loaded", "failed", "duplicate", "waiting", "unclaimed"),
        ),
        _count("rows_read", "rows after the header", "读取行数"),
        _count("accepted", "rows let in", "接收"),
        _count("quarantined", "rows set aside", "隔离"),
        _count("duplicate", "exact repeats within the delivery", "重复"),
        _count("skipped", "footers and blank rows", "跳过"),
        Column("message", "VARCHAR", "what happened and what to do", "说明"),
    ),
    (),
    order_by=("company", "dataset", "received_at", "delivery_id", "file"),
)

QUARANTINE_SUMMARY = Table(
    "quarantine_summary",
    "Records set aside, by reason.",
    "隔离汇总",
    (
        Column("company", "VARCHAR", "who sent them", "公司", nullable=False),
        Column("dataset", "VARCHAR", "dataset", "数据类别", nullable=False, values=DATASET_NAMES),
        Column("reason", "VARCHAR", "code of the reason", "原因", nullable=False),
        Column("column_name", "VARCHAR", "the column concerned", "列"),
        _count("records", "records with this reason; one record may have several", "记录数"),
        Column("first_seen", "DATE", "first day", "首次出现", nullable=False),
        Column("last_seen", "DATE", "last day", "最近出现", nullable=False),
    ),
    ("company", "dataset", "reason", "column_name"),
    order_by=("company", "dataset", "reason", "column_name"),
)

COVERAGE = Table(
    "coverage",
    "Expected against delivered, per community; counts only.",
    "覆盖率",
    (
        _COMMUNITY,
        _count("houses_expected", "houses by the feed file", "应有房屋", nullable=True),
        _count("houses_delivered", "houses in the register", "已有房屋"),
        _count("residents_expected", "residents by the feed file", "应有住户", nullable=True),
        _count("residents_delivered", "residents in the register", "已有住户"),
        _count("vehicles_expected", "vehicles by the feed file", "应有车辆", nullable=True),
        _count("vehicles_delivered", "vehicles in the register", "已有车辆"),
        _count("passes", "passes on the days of this release's events", "通行次数"),
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

CHECKS = Table(
    "checks",
    "Every check of this release.",
    "检查结果",
    (
        Column("release_id", "VARCHAR", "the release", "发布编号", nullable=False),
        Column("check", "VARCHAR", "name of the check", "检查项", nullable=False),
        Column("table", "VARCHAR", "the table checked", "表", nullable=False),
        Column(
            "severity",
            "VARCHAR",
            "error stops a release, warning does not",
            "级别",
            nullable=False,
            values=("error", "warning"),
        ),
        Column("passed", "BOOLEAN", "whether it held", "是否通过", nullable=False),
        Column("observed", "VARCHAR", "what was found", "实际"),
        Column("expected", "VARCHAR", "what must be", "期望"),
    ),
    ("check", "table"),
    order_by=("table", "check"),
)

RELEASES = Table(
    "releases",
    "This release and those before it.",
    "发布记录",
    (
        Column("release_id", "VARCHAR", "the release", "发布编号", nullable=False),
        Column("created_at", "TIMESTAMPTZ", "when it was made", "发布时间", nullable=False),
        Column("inputs", "BIGINT", "deliveries it was made from", "批次数", nullable=False, minimum=0),
        Column("code_version", "VARCHAR", "version of the code", "程序版本", nullable=False),
        _count("communities", "rows of communities", "小区数"),
        _count("houses", "rows of houses", "房屋数"),
        _count("residents", "rows of residents", "住户数"),
        _count("vehicles", "rows of vehicles", "车辆数"),
        _count("access_events", "rows of access_events", "通行事件数"),
        Column("duration_seconds", "DOUBLE", "time the merge took", "耗时（秒）", nullable=False, minimum=0),
    ),
    ("release_id",),
    order_by=("created_at", "release_id"),
)

DATA_DICTIONARY = Table(
    "data_dictionary",
    "Every column of this database.",
    "数据字典",
    (
        Column("table", "VARCHAR", "table", "表", nullable=False),
        Column("column", "VARCHAR", "column", "列", nullable=False),
        Column("type", "VARCHAR", "DuckDB type", "类型", nullable=False),
        Column("meaning", "VARCHAR", "meaning, English", "英文释义", nullable=False),
        Column("meaning_zh", "VARCHAR", "meaning, Chinese", "中文释义", nullable=False),
        Column(
            "sensitivity",
            "VARCHAR",
            "none, indirect, direct, sensitive; a masked column is indirect",
            "敏感级别",
            nullable=False,
            values=("none", "indirect", "direct", "sensitive"),
        ),
        Column("source", "VARCHAR", "where the value comes from", "来源"),
    ),
    ("table", "column"),
    order_by=("table", "column"),
)

SOURCES = Table(
    "sources",
    "Which records each entity was made from, and why they belong together.",
    "来源",
    (
        Column("entity_type", "VARCHAR", "resident, house, vehicle", "实体类型", nullable=False, values=ENTITY_TYPES),
        Column("entity_id", "VARCHAR", "the entity", "实体编号", nullable=False),
        Column("dataset", "VARCHAR", "dataset of the record", "数据类别", nullable=False, values=DATASET_NAMES),
        Column("company", "VARCHAR", "who sent it", "公司", nullable=False),
        Column("delivery_id", "VARCHAR", "delivery", "批次", nullable=False),
        Column("file", "VARCHAR", "file", "文件", nullable=False),
        Column("row_number", "BIGINT", "row in the file", "行号", nullable=False),
        Column("match_rule", "VARCHAR", "the evidence that put it here", "匹配规则", nullable=False),
        Column("match_probability", "DOUBLE", "1 for exact evidence", "匹配概率", nullable=False, minimum=0, maximum=1),
        Column("surviving_columns", "VARCHAR[]", "columns of the entity whose value is this record's", "保留的列"),
    ),
    ("dataset", "delivery_id", "file", "row_number", "entity_type"),
    where="restricted",
    order_by=("entity_type", "entity_id", "dataset", "delivery_id", "file", "row_number"),
)

QUARANTINE = Table(
    "quarantine",
    "Records set aside, raw.",
    "隔离记录",
    (
        Column("company", "VARCHAR", "who sent it", "公司", nullable=False),
        Column("dataset", "VARCHAR", "dataset", "数据类别", nullable=False, values=DATASET_NAMES),
        Column("delivery_id", "VARCHAR", "delivery", "批次", nullable=False),
        Column("file", "VARCHAR", "file", "文件", nullable=False),
        Column("row_number", "BIGINT", "row in the file", "行号", nullable=False),
        Column("reasons", "VARCHAR[]", "every reason, code:column", "原因", nullable=False),
        Column("raw", "VARCHAR", "the mapped text values as JSON", "原文", sensitivity=S),
    ),
    ("delivery_id", "file", "row_number"),
    where="restricted",
    order_by=("company", "dataset", "delivery_id", "file", "row_number"),
)

ID_LEDGER = Table(
    "id_ledger",
    "The life of every id ever published.",
    "编号台账",
    (
        Column("entity_type", "VARCHAR", "resident, house, vehicle", "实体类型", nullable=False, values=ENTITY_TYPES),
        Column("entity_id", "VARCHAR", "the id", "实体编号", nullable=False),
        Column(
            "event",
            "VARCHAR",
            "created, merged, split, retired, restored",
            "事件",
            nullable=False,
            values=("created", "merged", "split", "retired", "restored"),
        ),
        Column("other_id", "VARCHAR", "merged into, or split from", "另一编号"),
        Column("cause", "VARCHAR", "why", "原因", nullable=False),
        Column("as_of", "DATE", "business day of the merge", "业务日期", nullable=False),
        Column("release_id", "VARCHAR", "the release that published it", "发布编号", nullable=False),
    ),
    (),
    where="restricted",
    order_by=("entity_type", "entity_id", "as_of", "release_id", "event", "other_id"),
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

_ALL = (
    COMMUNITIES,
    HOUSES,
    RESIDENTS,
    OCCUPANCIES,
    VEHICLES,
    VEHICLE_HOLDINGS,
    ACCESS_EVENTS,
    ACCESS_HOURLY,
    COMMUNITY_PROFILE,
    CHANGES,
    LOADS,
    QUARANTINE_SUMMARY,
    COVERAGE,
    CHECKS,
    RELEASES,
    DATA_DICTIONARY,
    SOURCES,
    QUARANTINE,
    ID_LEDGER,
    EVENTS_IDENTIFIED,
)
TABLES: dict[str, Table] = {t.name: t for t in _ALL}
"""Every released table by name, in the order people read them."""
