"""The tables about the work: loads, quarantine, checks, releases, changes, accuracy, sources, evidence, ids."""

from __future__ import annotations

from expectations.contracts.columns import DATASET_NAMES, ENTITY_TYPES, SUPPRESSED, S, count
from expectations.contracts.evidence import RULES, VERDICTS
from expectations.contracts.model import Column, Table

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
        Column(
            "changed_columns",
            "VARCHAR[]",
            "names of the columns that changed; occupancies or vehicle_holdings where the entity's rows there did",
            "变更列",
        ),
        Column("changed_at", "TIMESTAMPTZ", "when the release was made", "变更时间", nullable=False),
    ),
    ("entity_type", "entity_id"),
    order_by=("entity_type", "entity_id"),
    notes=(
        "Applied to the release before, it gives this one: docs/analysts.md shows how. first_seen, last_seen and "
        "source_count move every night and are no change.",
    ),
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
        count("rows_read", "rows after the header", "读取行数"),
        count("accepted", "rows let in", "接收"),
        count("quarantined", "rows set aside", "隔离"),
        count("duplicate", "exact repeats within the delivery", "重复"),
        count("skipped", "footers and blank rows", "跳过"),
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
        count("records", "records with this reason; one record may have several", "记录数"),
        Column("first_seen", "DATE", "first day", "首次出现", nullable=False),
        Column("last_seen", "DATE", "last day", "最近出现", nullable=False),
    ),
    ("company", "dataset", "reason", "column_name"),
    order_by=("company", "dataset", "reason", "column_name"),
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
        Column("examples", "VARCHAR[]", "some of the rows that break it, by key or by file and row", "不符的行"),
        Column("company", "VARCHAR", "the company it concerns; null where it concerns no single one", "公司"),
        Column("columns", "VARCHAR[]", "the columns it looks at", "相关列"),
        Column("remedy", "VARCHAR", "what to do, where somebody can", "处理办法（英文）"),
        Column("message_zh", "VARCHAR", "what was found and what to do, for the company", "说明（中文）"),
    ),
    ("check", "table", "company"),
    order_by=("table", "check", "company"),
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
        count("communities", "rows of communities", "小区数"),
        count("houses", "rows of houses", "房屋数"),
        count("residents", "rows of residents", "住户数"),
        count("vehicles", "rows of vehicles", "车辆数"),
        count("access_events", "rows of access_events", "通行事件数"),
        Column("duration_seconds", "DOUBLE", "time the merge took", "耗时（秒）", nullable=False, minimum=0),
    ),
    ("release_id",),
    order_by=("created_at", "release_id"),
)

STRATA = {
    "all": "every pair",
    "across_companies": "the two records come from two companies",
    "other_house": "the two records name different houses, or one names none",
    "masked_name": "of one record at least, the name is masked, damaged or missing",
    "without_phone": "one record at least has no phone",
    "without_birth_date": "one record at least has no birth date",
}
"""The kinds of pairs that accuracy is told for."""


def _rate(name: str, meaning: str, zh: str) -> tuple[Column, ...]:
    """A rate with its interval."""
    return tuple(
        Column(n, "DOUBLE", m, z, "measured", minimum=0, maximum=1)
        for n, m, z in (
            (name, f"{meaning}; null where people is, or where there is no pair", zh),
            (f"{name}_low", "lower end of its 95 % interval (Wilson)", f"{zh}的95%置信下限"),
            (f"{name}_high", "upper end of its 95 % interval (Wilson)", f"{zh}的95%置信上限"),
        )
    )


ACCURACY = Table(
    "accuracy",
    "How well records without an ID number are put together: people whose verified number was hidden for the test.",
    "匹配准确率",
    (
        Column("release_id", "VARCHAR", "the release", "发布编号", nullable=False, references="releases.release_id"),
        Column("entity", "VARCHAR", "resident", "实体类型", nullable=False, values=("resident",)),
        Column("company", "VARCHAR", "who sent a record of the pair; null for all companies", "公司"),
        Column(
            "stratum",
            "VARCHAR",
            "; ".join(f"{name}: {meaning}" for name, meaning in STRATA.items()),
            "记录对类别",
            nullable=False,
            values=tuple(STRATA),
        ),
        count("people", f"people in the sample with such a pair; {SUPPRESSED}", "样本人数", nullable=True),
        count("true_pairs", "pairs of records of one person; null where people is", "真实记录对", nullable=True),
        count(
            "joined_pairs", "pairs of records that were put together; null where people is", "合并记录对", nullable=True
        ),
        *_rate("precision", "share of the pairs put together that are of one person", "精确率"),
        *_rate("recall", "share of the pairs of one person that were put together", "召回率"),
    ),
    ("entity", "company", "stratum"),
    where="open",
    order_by=("entity", "company", "stratum"),
    notes=("Silver truth: it says how the linking treats records like these, not how many residents are right.",),
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


def _side(side: str, zh: str) -> tuple[Column, ...]:
    """The record on one side of a pair."""
    return (
        Column(f"{side}_company", "VARCHAR", f"who sent the {side} record", f"{zh}记录的公司", nullable=False),
        Column(f"{side}_delivery_id", "VARCHAR", f"delivery of the {side} record", f"{zh}记录的批次", nullable=False),
        Column(f"{side}_file", "VARCHAR", f"file of the {side} record", f"{zh}记录的文件", nullable=False),
        Column(f"{side}_row_number", "BIGINT", f"row of the {side} record", f"{zh}记录的行号", nullable=False),
    )


EVIDENCE = Table(
    "evidence",
    "Every link between two records that holds an entity together, and every pair that is for a person to decide.",
    "匹配证据",
    (
        Column("entity_type", "VARCHAR", "resident, house, vehicle", "实体类型", nullable=False, values=ENTITY_TYPES),
        Column("entity_id", "VARCHAR", "the entity of the left record", "实体编号", nullable=False),
        Column("other_id", "VARCHAR", "the right record's entity, where they are not joined", "另一实体编号"),
        *_side("left", "左侧"),
        *_side("right", "右侧"),
        Column("rule", "VARCHAR", "what links them", "规则", nullable=False, values=tuple(RULES)),
        Column("probability", "DOUBLE", "1 for exact evidence", "概率", nullable=False, minimum=0, maximum=1),
        Column("verdict", "VARCHAR", "accepted, grey, rejected", "结论", nullable=False, values=tuple(VERDICTS)),
        Column("findings", "VARCHAR[]", "what was found, as codes of the contract's list", "发现", nullable=False),
        Column("pair_id", "VARCHAR", "by which a person decides about it; null where nobody needs to", "审核对编号"),
        Column(
            "left_names", "VARCHAR[]", "lasting names of the left records, for verdicts", "左侧记录标识", sensitivity=S
        ),
        Column(
            "right_names",
            "VARCHAR[]",
            "lasting names of the right records, for verdicts",
            "右侧记录标识",
            sensitivity=S,
        ),
    ),
    (),
    where="restricted",
    order_by=(
        "entity_type",
        "entity_id",
        "left_delivery_id",
        "left_file",
        "left_row_number",
        "right_delivery_id",
        "right_file",
        "right_row_number",
        "rule",
    ),
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

FORMER_IDS = Table(
    "former_ids",
    "Every id that was published and stands no more, and the id that stands for it today.",
    "历史编号",
    (
        Column("entity_type", "VARCHAR", "resident, house, vehicle", "实体类型", nullable=False, values=ENTITY_TYPES),
        Column("old_id", "VARCHAR", "the id that was published", "原编号", nullable=False),
        Column(
            "became", "VARCHAR", "merged, retired", "变化", "id_ledger", nullable=False, values=("merged", "retired")
        ),
        Column(
            "current_id", "VARCHAR", "the id that stands for it; null when it has no records", "现编号", "id_ledger"
        ),
        Column("as_of", "DATE", "business day on which it ceased to stand", "业务日期", nullable=False),
        Column("release_id", "VARCHAR", "the release since which it no longer stands", "发布编号", nullable=False),
    ),
    ("old_id",),
    order_by=("old_id",),
    notes=(
        "In both databases `current_id(id)` answers for any id ever published: the id itself while it stands, the one "
        "that stands for it after merges, 'retired' when it has no records, null when it was never published.",
    ),
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
