"""The fields and columns that several datasets share."""

from __future__ import annotations

from expectations.contracts.model import Column, Field, Sensitivity, spelled

D = Sensitivity.DIRECT
I = Sensitivity.INDIRECT  # noqa: E741
S = Sensitivity.SENSITIVE

PROVENANCE = (
    Column("company", "VARCHAR", "who sent it", "报送公司", nullable=False),
    Column("feed", "VARCHAR", "which of the company's exports", "报送项", nullable=False),
    Column("delivery_id", "VARCHAR", "the files that arrived together", "批次", nullable=False),
    Column(
        "file", "VARCHAR", "path below the company's drop folder, member or sheet after '!'", "文件", nullable=False
    ),
    Column("row_number", "BIGINT", "row in the file as a spreadsheet counts it, from 1", "行号", nullable=False),
    Column("record_hash", "VARCHAR", "md5 of the mapped text values", "记录指纹", nullable=False),
    Column("delivered_on", "DATE", "the day of the delivery", "报送日期", nullable=False),
)
"""The columns that every landed and standard record carries besides its dataset's own."""

WARNINGS = Column("warnings", "VARCHAR[]", "warning reasons as code:column, sorted", "警告")

PLACE = (
    Field(
        "community",
        "community",
        "name of the community",
        "小区名称",
        spelled("小区 小区名称 所属小区 项目 项目名称 楼盘 社区名称 xqmc community communityName"),
        one_of="community",
    ),
    Field(
        "community_code",
        "community",
        "code of the community",
        "小区编码",
        spelled("小区编码 小区编号 小区代码 xqbm communityCode communityId"),
        one_of="community",
    ),
)
HOUSE_PARTS = (
    Field(
        "building",
        "house",
        "building, as sent",
        "楼栋",
        spelled("楼栋 栋 幢 楼号 楼栋号 栋号 楼幢 座 ldh building buildingNo"),
        one_of="house",
    ),
    Field("unit", "house", "unit, as sent", "单元", spelled("单元 单元号 dyh unit unitNo")),
    Field(
        "room",
        "house",
        "room, as sent",
        "房号",
        spelled("房号 房间号 门牌号 室 室号 房间 mph room roomNo"),
        one_of="house",
    ),
    Field(
        "address",
        "house",
        "the whole house address in one cell",
        "房屋地址",
        spelled("地址 房屋地址 房产 房屋 住址 详细地址 房产地址 fwdz address house"),
        one_of="house",
    ),
    Field(
        "house_code",
        "code_text",
        "the platform's house code (24 digits)",
        "房屋编码",
        spelled("房屋编码 房屋编号 房屋代码 fwbm houseCode"),
    ),
)
HOUSE_COLUMNS = (
    Column("building", "VARCHAR", "building, with its phase or area before a hyphen (3, 2期-3, A区-5)", "楼栋"),
    Column("unit", "VARCHAR", "unit; null when not known", "单元"),
    Column("room", "VARCHAR", "room", "房号"),
)
RECORD = (
    Field(
        "record_key",
        "code_text",
        "the company's own key of the record",
        "记录编号",
        spelled("编号 客户编号 住户编号 人员编号 档案编号 recordId recordKey rybm"),
    ),
    Field(
        "updated_at",
        "timestamp",
        "when the company last changed the record",
        "更新时间",
        spelled("更新时间 修改时间 最后更新时间 gxsj updatedAt updateTime"),
    ),
)
RECORD_COLUMNS = (
    Column("record_key", "VARCHAR", "the company's own key of the record", "记录编号"),
    Column("updated_at", "TIMESTAMP", "when the company last changed it, local time", "更新时间"),
)
PERIOD = (
    Field(
        "valid_from",
        "date",
        "since when",
        "开始日期",
        spelled("入住日期 迁入日期 入住时间 起租日期 开始日期 有效期起 rzrq validFrom startDate"),
    ),
    Field(
        "valid_to",
        "date",
        "until when",
        "结束日期",
        spelled("迁出日期 退租日期 到期日期 结束日期 有效期至 到期时间 qcrq validTo endDate"),
    ),
)
PERIOD_COLUMNS = (
    Column("valid_from", "DATE", "since when, as sent", "开始日期"),
    Column("valid_to", "DATE", "until when, as sent; null for no end", "结束日期"),
)
COMMUNITY_COLUMN = Column("community_id", "VARCHAR", "the community", "小区", nullable=False)

ID_NUMBER = Field(
    "id_number",
    "id_number",
    "number of the identity document",
    "证件号码",
    spelled("身份证号 身份证号码 证件号码 证件号 身份证 zjhm sfzh idNumber idCard certNo"),
    D,
)
PHONE = Field(
    "phone",
    "phone",
    "phone numbers; several may stand in one cell",
    "电话",
    spelled("电话 手机 手机号 手机号码 联系方式 联系电话 电话号码 sjhm lxdh phone mobile phoneNo"),
    D,
)
ID_COLUMNS = (
    Column("id_type", "VARCHAR", "kind of identity document", "证件类型", sensitivity=I),
    Column("id_number", "VARCHAR", "the number, valid in form; 15-digit numbers as 18", "证件号码", sensitivity=D),
    Column("id_verified", "BOOLEAN", "18 characters with a right check character", "证件号码已校验", nullable=False),
    Column(
        "id_weak",
        "VARCHAR",
        "what is left of a damaged, masked or invalid number: evidence only",
        "残缺证件号码",
        sensitivity=D,
    ),
)
