"""Rules about one row that span its columns. A rule is declared here and nowhere else: the audit, the Great
Expectations suite, the ``checks`` table and the validation page of every table that it names follow from it.

``standard.<dataset>`` means the accepted records of a delivery, a bare name the released table. A rule applies to a
copy of the table that has all of its columns, so one about a birth date is of the restricted database alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from expectations.contracts.model import Severity


@dataclass(frozen=True)
class RowRule:
    """``holds`` says in words what must be; ``broken`` is the condition (portable SQL over ``columns``) of a row
    where it is not. NULL means that it holds."""

    name: str
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    holds: str
    holds_zh: str
    broken: str
    severity: Severity = "error"


_PERIODS = ("standard.residents", "standard.vehicles", "occupancies", "vehicle_holdings")
_ELECTRIC = "regexp_matches(plate, '^(..[A-E].{5}|..[0-9]{5}[A-E])$')"
_OTHER_NEW = "regexp_matches(plate, '^(..[FGHJK].{5}|..[0-9]{5}[FGHJK])$')"

ROW_RULES: tuple[RowRule, ...] = (
    RowRule(
        "birth_is_the_numbers",
        ("standard.residents", "residents"),
        ("id_number", "birth_date"),
        "the birth date is the one in the ID number",
        "出生日期与身份证号一致",
        "length(id_number) = 18 AND strftime(birth_date, '%Y%m%d') IS DISTINCT FROM substr(id_number, 7, 8)",
    ),
    RowRule(
        "sex_is_the_numbers",
        ("standard.residents", "residents"),
        ("id_number", "sex"),
        "the sex is that of the ID number's 17th digit",
        "性别与身份证号第17位一致",
        "length(id_number) = 18 AND sex IS DISTINCT FROM"
        " CASE WHEN substr(id_number, 17, 1) IN ('1', '3', '5', '7', '9') THEN 'male' ELSE 'female' END",
    ),
    RowRule(
        "verified_has_number",
        ("standard.residents", "residents"),
        ("id_number", "id_verified"),
        "a verified ID number has 18 characters",
        "已校验的证件号码为18位",
        "id_verified AND length(id_number) IS DISTINCT FROM 18",
    ),
    RowRule(
        "verified_owner_has_number",
        ("standard.vehicles",),
        ("owner_id_number", "owner_id_verified"),
        "a verified ID number has 18 characters",
        "已校验的证件号码为18位",
        "owner_id_verified AND length(owner_id_number) IS DISTINCT FROM 18",
    ),
    RowRule(
        "somebody",
        ("standard.residents",),
        ("name", "id_number"),
        "a person has a name or an ID number",
        "姓名与证件号码至少有一项",
        "name IS NULL AND id_number IS NULL",
    ),
    RowRule(
        "first_phone",
        ("standard.residents",),
        ("phone", "phones"),
        "phone is the first of phones",
        "电话为全部电话中的第一个",
        "phone IS DISTINCT FROM phones[1]",
    ),
    RowRule(
        "born_before_delivery",
        ("standard.residents",),
        ("birth_date", "delivered_on"),
        "born since 1900 and not after the day of delivery",
        "出生日期不早于1900年、不晚于报送日期",
        "birth_date < DATE '1900-01-01' OR birth_date > delivered_on",
    ),
    RowRule(
        "birth_year_possible",
        ("residents",),
        ("birth_year", "last_seen"),
        "born since 1900 and not after the last delivery",
        "出生年份不早于1900年、不晚于最近报送",
        "birth_year < 1900 OR birth_year > year(last_seen)",
    ),
    RowRule(
        "changed_before_delivery",
        ("standard.residents", "standard.houses", "standard.vehicles"),
        ("updated_at", "delivered_on"),
        "the company changed the record before it delivered it (clocks may differ by a day)",
        "更新时间不晚于报送日期",
        "updated_at >= delivered_on + 2",
        "warning",
    ),
    RowRule(
        "period_in_order",
        _PERIODS,
        ("valid_from", "valid_to"),
        "valid_to is not before valid_from",
        "结束日期不早于开始日期",
        "valid_to < valid_from",
        "warning",
    ),
    RowRule(
        "whole_address",
        ("standard.houses",),
        ("building", "room"),
        "a house has a building and a room",
        "房屋有楼栋和房号",
        "building IS NULL OR room IS NULL",
    ),
    RowRule(
        "floor_of_room",
        ("standard.houses", "houses"),
        ("floor", "room"),
        "the floor is the room number without its last two digits",
        "楼层与房号一致",
        "floor > 0 AND CASE WHEN regexp_matches(room, '^[0-9]{3,4}$') THEN"
        " CAST(left(room, length(room) - 2) AS INTEGER) <> floor ELSE false END",
        "warning",
    ),
    RowRule(
        "energy_of_plate",
        ("standard.vehicles", "vehicles"),
        ("plate", "energy"),
        "the energy is the one that the plate's form tells (GA 36-2018)",
        "能源类型与号牌形式一致",
        f"energy IS DISTINCT FROM CASE WHEN contains(plate, '临') THEN NULL WHEN {_ELECTRIC} THEN 'electric'"
        f" WHEN {_OTHER_NEW} THEN 'other_new_energy' ELSE 'conventional' END",
    ),
    RowRule(
        "own_day",
        ("standard.access_events", "access_events"),
        ("occurred_at", "event_date"),
        "event_date is the day of occurred_at in Asia/Shanghai",
        "通行日期为通行时间所在日（北京时间）",
        "CAST(occurred_at AT TIME ZONE 'Asia/Shanghai' AS DATE) <> event_date",
    ),
    RowRule(
        "pass_before_delivery",
        ("standard.access_events",),
        ("event_date", "delivered_on"),
        "the pass lies after 2009 and not after the day that follows the delivery",
        "通行时间在2010年以后、不晚于报送次日",
        "event_date < DATE '2010-01-01' OR event_date > delivered_on + 1",
    ),
    RowRule(
        "seen_in_order",
        ("houses", "residents", "vehicles"),
        ("first_seen", "last_seen", "source_count"),
        "first_seen is not after last_seen, and at least one record stands behind the row",
        "首次出现不晚于最近出现，且至少有一条来源记录",
        "first_seen > last_seen OR source_count < 1",
    ),
    RowRule(
        "whole_hour",
        ("access_hourly",),
        ("hour", "events"),
        "an hour begins at its full minute and has passes",
        "小时为整点，且有通行",
        "hour <> date_trunc('hour', hour) OR events < 1",
    ),
    RowRule(
        "small_counts_hidden",
        ("community_profile",),
        ("residents", "houses"),
        "no count below 5 is shown",
        "小于5的计数不公开",
        "residents < 5 OR houses < 5",
    ),
    RowRule(
        "share_of_enough",
        ("coverage",),
        ("passes", "unregistered_share"),
        "no share is told of fewer than 5 passes",
        "通行少于5次不计算占比",
        "passes < 5 AND unregistered_share IS NOT NULL",
    ),
    RowRule(
        "rows_add_up",
        ("loads",),
        ("rows_read", "accepted", "quarantined", "duplicate", "skipped"),
        "rows read = accepted + quarantined + duplicate + skipped, for every file",
        "读取行数 = 接收 + 隔离 + 重复 + 跳过",
        "rows_read <> accepted + quarantined + duplicate + skipped",
    ),
    RowRule(
        "other_is_named",
        ("changes",),
        ("change", "other_id"),
        "what was merged or split names the other entity",
        "合并与拆分须注明另一实体",
        "change IN ('merged', 'split') AND other_id IS NULL",
    ),
    RowRule(
        "other_is_named",
        ("id_ledger",),
        ("event", "other_id"),
        "what was merged or split names the other entity",
        "合并与拆分须注明另一实体",
        "event IN ('merged', 'split') AND other_id IS NULL",
    ),
    RowRule(
        "reason_given",
        ("quarantine",),
        ("reasons",),
        "every record that was set aside has a reason",
        "每条隔离记录都有原因",
        "len(reasons) = 0",
    ),
    RowRule(
        "seen_in_order",
        ("quarantine_summary",),
        ("first_seen", "last_seen", "records"),
        "first_seen is not after last_seen, and at least one record has the reason",
        "首次出现不晚于最近出现，且至少有一条记录",
        "first_seen > last_seen OR records < 1",
    ),
)
"""Every rule about one row."""
