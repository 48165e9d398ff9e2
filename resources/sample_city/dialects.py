"""How each company writes its exports: format, headers, codes, spellings. Declarations only."""

from __future__ import annotations

from dataclasses import dataclass, field

from resources.sample_city.codes import (
    DIRECTION_10, DIRECTION_123, DIRECTION_EN, DIRECTION_REVERSED, DIRECTION_ZH, HOUSE_PLATFORM, HOUSE_ZH, ID_TYPE_ZH,
    KIND_EN, KIND_ZH, METHOD_PLATFORM, METHOD_ZH, PERSON_PLATFORM, PERSON_ZH, ROLE_EN, ROLE_NUMBERS, ROLE_ZH, SEX_10,
    SEX_12, SEX_EN, SEX_REVERSED, SEX_ZH, VEHICLE_NUMBERS, VEHICLE_ZH, Codes,
)  # fmt: skip


@dataclass(frozen=True)
class Col:
    """One exported column. ``field`` is the contract's field, or None for a column nobody declared. ``sql`` renders
    the clean text from the dataset's view (``@`` takes the field's codes). ``known`` is False for a header that
    only the company's feed file explains."""

    header: str
    field: str | None
    sql: str
    known: bool = True


@dataclass(frozen=True)
class Export:
    """One feed of a dialect. ``file`` holds {date}; ``member`` (of a zip, or a sheet) holds {part}."""

    dataset: str
    format: str
    file: str
    pattern: str
    columns: tuple[Col, ...]
    codes: Codes = field(default_factory=Codes)
    encoding: str = "utf-8"
    mode: str | None = None
    titles: tuple[str, ...] = ()
    groups: tuple[tuple[str, int], ...] = ()
    """Upper header row: (text, number of columns it spans); empty text: the column's own header, merged downwards."""
    footer: bool = False
    member: str | None = None
    part_rows: int | None = None
    daily: bool = False
    time: str | None = None
    """SQL of an event's time, with ``{t}`` for the local timestamp."""
    settings: dict[str, object] = field(default_factory=dict)
    """Further keys of the feed file."""

    @property
    def fields(self) -> list[str]:
        """The contract's fields this export carries, in column order."""
        return [c.field for c in self.columns if c.field]


_DAY = "strftime({}, '%Y-%m-%d')"
_ISO = "strftime({t}, '%Y-%m-%d %H:%M:%S')"
_PACKED = "strftime({t}, '%Y%m%d%H%M%S')"
_OFFSET = "strftime({t}, '%Y-%m-%dT%H:%M:%S+08:00')"
_MILLIS = "(epoch_ms({t} - INTERVAL 8 HOUR) + (w * 999)::BIGINT)::VARCHAR"
_ETHNIC = "list_extract(['汉族', '回族', '满族', '维吾尔族'], CASE WHEN w < 0.9 THEN 1 ELSE 2 + (x * 2)::INT END)"
_PARTY = "CASE WHEN x < 0.1 THEN '中共党员' ELSE '群众' END"
_NOTE = "CASE WHEN w > 0.97 THEN '已核实' END"
_NUMBER = Col("序号", None, "n::VARCHAR")


def _columns(*specs: tuple[str, str | None, str] | Col) -> tuple[Col, ...]:
    return tuple(s if isinstance(s, Col) else Col(*s) for s in specs)


def _own(header: str, field_name: str, sql: str) -> Col:
    return Col(header, field_name, sql, known=False)


# -- 1: an old desktop package, GBK ---------------------------------------------------------------------------------
_GBK = (
    Export(
        "residents",
        "csv",
        "住户信息_{date}.csv",
        "住户信息*.csv",
        _columns(
            _NUMBER,
            ("客户编号", "record_key", "record_no"),
            ("小区名称", "community", "community"),
            ("楼号", "building", "b_hao"),
            ("单元", "unit", "unit || '单元'"),
            ("房号", "room", "room::VARCHAR"),
            ("业主姓名", "name", "name"),
            ("性别", "sex", "@"),
            ("身份证号码", "id_number", "id_number"),
            ("手机号码", "phone", "phone"),
            ("出生日期", "birth_date", _DAY.format("birth")),
            ("与户主关系", "relation_to_head", "@"),
            ("住户类型", "role", "@"),
            ("民族", None, _ETHNIC),
            ("入住日期", "valid_from", _DAY.format("valid_from")),
            ("备注", None, _NOTE),
        ),
        PERSON_ZH | SEX_12 | ROLE_ZH,
        "gb18030",
    ),
    Export(
        "houses",
        "csv",
        "房产档案_{date}.csv",
        "房产档案*.csv",
        _columns(
            ("小区名称", "community", "community"),
            ("楼号", "building", "b_hao"),
            ("单元", "unit", "unit || '单元'"),
            ("房号", "room", "room::VARCHAR"),
            ("楼层", "floor", "floor::VARCHAR"),
            ("建筑面积", "area_m2", "area_m2::VARCHAR"),
            ("房屋用途", "use", "@"),
            ("产权性质", "tenure", "@"),
            ("房屋状态", "status", "@"),
            ("不动产单元号", "real_estate_number", "CASE WHEN w < 0.6 THEN estate END"),
        ),
        HOUSE_ZH,
        "gb18030",
    ),
    Export(
        "vehicles",
        "csv",
        "车辆登记_{date}.csv",
        "车辆登记*.csv",
        _columns(
            _NUMBER,
            ("小区名称", "community", "community"),
            ("房产", "address", "a_dash"),
            ("车牌号码", "plate", "plate"),
            ("车牌颜色", "plate_colour", "@"),
            ("车型", "vehicle_type", "@"),
            ("品牌", "brand", "brand"),
            ("车主", "owner_name", "owner_name"),
            ("身份证号", "owner_id_number", "owner_id"),
            ("联系电话", "owner_phone", "owner_phone"),
            ("有效期至", "valid_to", _DAY.format("valid_to")),
        ),
        VEHICLE_ZH,
        "gb18030",
    ),
    Export(
        "access_events",
        "csv",
        "门禁记录_{date}.csv",
        "门禁记录*.csv",
        _columns(
            ("小区", "community", "community"),
            ("门名称", "gate", "gate"),
            ("刷卡时间", "occurred_at", "@"),
            ("进出", "direction", "@"),
            ("开门方式", "method", "@"),
            ("持卡人", "name", "name"),
            ("卡号", "card_number", "card"),
            ("车牌", "plate", "plate"),
            ("人员类型", "subject_kind", "@"),
            ("抓拍照片", None, "'D:\\cap\\' || n || '.jpg'"),
        ),
        DIRECTION_ZH | METHOD_ZH | KIND_ZH,
        "gb18030",
        daily=True,
        time=_ISO,
    ),
)

# -- 2: the platform's own field names and codes ---------------------------------------------------------------------
_P_PLACE = (
    ("xqbm", "community_code", "community_code"),
    ("xqmc", "community", "community"),
    ("ldh", "building", "b_pad"),
    ("dyh", "unit", "lpad(unit::VARCHAR, 2, '0')"),
    ("mph", "room", "lpad(room::VARCHAR, 4, '0')"),
)
_PLATFORM = (
    Export(
        "residents",
        "csv",
        "rk_{date}.csv",
        "rk_*.csv",
        _columns(
            ("rybm", "record_key", "record_no"),
            *_P_PLACE,
            ("xm", "name", "name"),
            ("xbdm", "sex", "@"),
            ("zjlxdm", "id_type", "@"),
            ("zjhm", "id_number", "id_number"),
            ("sjhm", "phone", "phone"),
            ("csrq", "birth_date", "strftime(birth, '%Y%m%d')"),
            ("rklxdm", "population_type", "@"),
            ("yhzgxdm", "relation_to_head", "@"),
            _own("jzlxdm", "role", "@"),
            ("mzdm", None, "'01'"),
            ("gxsj", "updated_at", _PACKED.format(t="changed_at")),
        ),
        PERSON_PLATFORM | SEX_12 | ROLE_NUMBERS,
        "utf-8-sig",
    ),
    Export(
        "houses",
        "csv",
        "fw_{date}.csv",
        "fw_*.csv",
        _columns(
            *_P_PLACE,
            ("fwbm", "house_code", "house_code"),
            ("lch", "floor", "floor::VARCHAR"),
            ("fwmj", "area_m2", "area_m2::VARCHAR"),
            ("fwytdm", "use", "@"),
            ("cqxzdm", "tenure", "@"),
            ("fwztdm", "status", "@"),
            ("bdcdyh", "real_estate_number", "estate"),
        ),
        HOUSE_PLATFORM,
        "utf-8-sig",
    ),
    Export(
        "vehicles",
        "csv",
        "cl_{date}.csv",
        "cl_*.csv",
        _columns(
            *_P_PLACE,
            ("cphm", "plate", "plate"),
            ("hplxdm", "plate_class", "@"),
            ("hpysdm", "plate_colour", "@"),
            ("cllxdm", "vehicle_type", "@"),
            ("clppdm", "brand", "brand"),
            ("vin", "vin", "vin"),
            ("czxm", "owner_name", "owner_name"),
            ("czSfzjhm", "owner_id_number", "owner_id"),
            ("czSjhm", "owner_phone", "owner_phone"),
        ),
        VEHICLE_NUMBERS,
        "utf-8-sig",
    ),
    Export(
        "access_events",
        "csv",
        "tx_{date}.csv",
        "tx_*.csv",
        _columns(
            ("xqbm", "community_code", "community_code"),
            ("xqmc", "community", "community"),
            ("mjd", "gate", "gate"),
            ("accessTime", "occurred_at", "@"),
            ("direction", "direction", "@"),
            ("accessType", "method", "@"),
            ("cardNo", "card_number", "card"),
            ("xm", "name", "name"),
            ("zjhm", "id_number", "id_number"),
            ("cphm", "plate", "plate"),
            ("userType", "subject_kind", "@"),
        ),
        DIRECTION_10 | METHOD_PLATFORM | KIND_EN,
        "utf-8-sig",
        daily=True,
        time=_PACKED,
    ),
)

# -- 3: a clerk's workbook: titles, merged headers, totals -----------------------------------------------------------
_XLSX = (
    Export(
        "residents",
        "xlsx",
        "业主信息统计表{date}.xlsx",
        "业主信息统计表*.xlsx",
        _columns(
            _NUMBER,
            ("项目名称", "community", "community"),
            ("房产", "address", "a_hash"),
            ("客户名称", "name", "name"),
            ("性别", "sex", "@"),
            ("*证件号码", "id_number", "id_number"),
            ("联系方式", "phone", "phone"),
            ("出生年月日", "birth_date", "strftime(birth, '%Y.%-m.%-d')"),
            ("与业主关系", "relation_to_head", "@"),
            ("客户类型", "role", "@"),
            ("政治面貌", None, _PARTY),
            ("备注", None, _NOTE),
        ),
        PERSON_ZH | SEX_ZH | ROLE_ZH,
        titles=("业主信息统计表", "填报单位：物业服务中心"),
        groups=(("", 1), ("房屋信息", 2), ("人员信息", 7), ("", 1), ("", 1)),
        footer=True,
    ),
    Export(
        "houses",
        "xlsx",
        "房屋台账{date}.xlsx",
        "房屋台账*.xlsx",
        _columns(
            _NUMBER,
            ("项目名称", "community", "community"),
            ("幢", "building", "b_zhuang"),
            ("单元号", "unit", "unit::VARCHAR"),
            ("室号", "room", "room::VARCHAR"),
            ("层", "floor", "floor::VARCHAR"),
            ("建筑面积㎡", "area_m2", "area_m2::VARCHAR"),
            ("用途", "use", "@"),
            ("产权", "tenure", "@"),
            ("入住状态", "status", "@"),
        ),
        HOUSE_ZH,
        titles=("房屋台账",),
        footer=True,
    ),
    Export(
        "vehicles",
        "xlsx",
        "车位车辆登记{date}.xlsx",
        "车位车辆登记*.xlsx",
        _columns(
            _NUMBER,
            ("项目名称", "community", "community"),
            ("房产", "address", "a_hash"),
            ("车牌", "plate", "plate"),
            ("车辆品牌", "brand", "brand"),
            ("车辆颜色", "body_colour", "@"),
            ("车主姓名", "owner_name", "owner_name"),
            ("手机", "owner_phone", "owner_phone"),
        ),
        VEHICLE_ZH,
        titles=("小区车位车辆登记表",),
        footer=True,
    ),
    Export(
        "access_events",
        "csv",
        "access_{date}.csv",
        "access_*.csv",
        _columns(
            ("communityName", "community", "community"),
            ("deviceName", "gate", "gate"),
            ("eventTime", "occurred_at", "@"),
            ("inOut", "direction", "@"),
            ("openType", "method", "@"),
            ("eventId", "event_code", "@"),
            ("personName", "name", "name"),
            ("phoneNo", "phone", "phone"),
            ("cardNo", "card_number", "card"),
            ("plateNo", "plate", "plate"),
            ("personType", "subject_kind", "@"),
        ),
        DIRECTION_123 | METHOD_PLATFORM | KIND_EN,
        daily=True,
        time=_ISO,
    ),
)

# -- 4: a cloud door-access vendor ------------------------------------------------------------------------------------
_JSON_LIST = {"records": "data.list"}
_ACCESS = (
    Export(
        "residents",
        "json",
        "person_{date}.json",
        "person_*.json",
        _columns(
            ("recordId", "record_key", "record_no"),
            ("communityName", "community", "community"),
            ("buildingNo", "building", "b_hao"),
            ("unitNo", "unit", "unit::VARCHAR"),
            ("roomNo", "room", "room::VARCHAR"),
            ("personName", "name", "name"),
            ("gender", "sex", "@"),
            ("certType", "id_type", "@"),
            ("certNo", "id_number", "id_number"),
            ("mobile", "phone", "phone"),
            ("birthday", "birth_date", _DAY.format("birth")),
            ("personType", "role", "@"),
            ("startDate", "valid_from", _DAY.format("valid_from")),
            ("endDate", "valid_to", _DAY.format("valid_to")),
            ("faceUrl", None, "'https://img.example/f/' || record_no || '.jpg'"),
            ("updateTime", "updated_at", _ISO.format(t="changed_at")),
        ),
        PERSON_PLATFORM | SEX_REVERSED | ROLE_EN,
        settings=_JSON_LIST,
    ),
    Export(
        "houses",
        "csv",
        "houses_{date}.csv",
        "houses_*.csv",
        _columns(
            ("communityName", "community", "community"),
            ("building", "building", "building_number::VARCHAR"),
            ("unit", "unit", "unit::VARCHAR"),
            ("room", "room", "room::VARCHAR"),
            ("floor", "floor", "floor::VARCHAR"),
            ("area", "area_m2", "area_m2::VARCHAR"),
            ("status", "status", "@"),
        ),
        HOUSE_ZH,
    ),
    Export(
        "vehicles",
        "csv",
        "cars_{date}.csv",
        "cars_*.csv",
        _columns(
            ("communityName", "community", "community"),
            ("house", "address", "a_full"),
            ("plateNo", "plate", "plate"),
            ("plateColor", "plate_colour", "@"),
            ("carColor", "body_colour", "@"),
            ("ownerName", "owner_name", "owner_name"),
            ("ownerPhone", "owner_phone", "owner_phone"),
            ("ownerType", "role", "@"),
            ("endDate", "valid_to", _DAY.format("valid_to")),
        ),
        VEHICLE_ZH | ROLE_EN,
    ),
    Export(
        "access_events",
        "json",
        "events_{date}.json",
        "events_*.json",
        _columns(
            ("eventId", "event_code", "@"),
            ("communityName", "community", "community"),
            ("doorName", "gate", "gate"),
            ("eventTime", "occurred_at", "@"),
            ("ioType", "direction", "@"),
            ("openType", "method", "@"),
            ("personName", "name", "name"),
            ("mobile", "phone", "phone"),
            ("cardNo", "card_number", "card"),
            ("plateNo", "plate", "plate"),
            ("userType", "subject_kind", "@"),
            ("snapPicUrl", None, "'https://img.example/s/' || n || '.jpg'"),
        ),
        DIRECTION_REVERSED | METHOD_PLATFORM | KIND_EN,
        daily=True,
        time=_OFFSET,
        settings=_JSON_LIST,
    ),
)

# -- 5: a parking vendor ------------------------------------------------------------------------------------------------
_PARKING = (
    Export(
        "residents",
        "csv",
        "客户资料{date}.csv",
        "客户资料*.csv",
        _columns(
            ("档案编号", "record_key", "record_no"),
            ("楼盘", "community", "community"),
            ("详细地址", "address", "a_full"),
            ("姓名", "name", "name"),
            ("性别", "sex", "@"),
            ("身份证", "id_number", "id_number"),
            ("电话", "phone", "phone"),
            ("生日", "birth_date", _DAY.format("birth")),
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
        _columns(
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
        _columns(
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
            _own("userKind", "role", "@"),
        ),
        VEHICLE_NUMBERS | ROLE_NUMBERS,
    ),
    Export(
        "access_events",
        "jsonl",
        "pass_{date}.jsonl",
        "pass_*.jsonl",
        _columns(
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

# -- 6: a reporting tool's "Unicode text" ---------------------------------------------------------------------------------
_TSV = (
    Export(
        "residents",
        "tsv",
        "住户{date}.txt",
        "住户*.txt",
        _columns(
            ("所属小区", "community", "community"),
            ("房屋地址", "address", "a_full"),
            ("住户姓名", "name", "name"),
            ("性别", "sex", "@"),
            ("证件类型", "id_type", "@"),
            ("证件号码", "id_number", "id_number"),
            ("联系电话", "phone", "phone"),
            ("出生日期", "birth_date", "strftime(birth, '%Y年%-m月%-d日')"),
            ("人口类型", "population_type", "@"),
            ("住户身份", "role", "@"),
            ("宗教信仰", None, "'无'"),
        ),
        PERSON_ZH | SEX_ZH | ROLE_ZH | ID_TYPE_ZH,
        "utf-16",
    ),
    Export(
        "houses",
        "tsv",
        "房屋{date}.txt",
        "房屋*.txt",
        _columns(
            ("所属小区", "community", "community"),
            ("楼栋", "building", "b_hao"),
            ("单元", "unit", "unit || '单元'"),
            ("房间号", "room", "room || '室'"),
            ("所在楼层", "floor", "floor::VARCHAR"),
            ("房屋面积", "area_m2", "area_m2::VARCHAR"),
            ("房屋状态", "status", "@"),
            ("房屋用途", "use", "@"),
        ),
        HOUSE_ZH,
        "utf-16",
    ),
    Export(
        "vehicles",
        "tsv",
        "车辆{date}.txt",
        "车辆*.txt",
        _columns(
            ("所属小区", "community", "community"),
            ("房屋地址", "address", "a_full"),
            ("车牌号", "plate", "plate"),
            ("号牌种类", "plate_class", "@"),
            ("车身颜色", "body_colour", "@"),
            ("车架号", "vin", "vin"),
            ("车主姓名", "owner_name", "owner_name"),
            ("车主身份证号", "owner_id_number", "owner_id"),
            ("车主电话", "owner_phone", "owner_phone"),
        ),
        VEHICLE_ZH,
        "utf-16",
    ),
    Export(
        "access_events",
        "tsv",
        "通行{date}.txt",
        "通行*.txt",
        _columns(
            ("所属小区", "community", "community"),
            ("通道名称", "gate", "gate"),
            ("通行时间", "occurred_at", "@"),
            ("进出方向", "direction", "@"),
            ("通行方式", "method", "@"),
            ("姓名", "name", "name"),
            ("门禁卡号", "card_number", "card"),
            ("车牌号", "plate", "plate"),
            ("通行类型", "subject_kind", "@"),
        ),
        DIRECTION_ZH | METHOD_ZH | KIND_ZH,
        "utf-16",
        time=_ISO,
    ),
)

# -- 7: an import template of 1,000 rows: zips of parts ----------------------------------------------------------------------
_ZIP = (
    Export(
        "residents",
        "csv",
        "人员导出_{date}.zip",
        "人员导出*.zip",
        _columns(
            ("人员编号", "record_key", "record_no"),
            ("小区", "community", "community"),
            ("房屋", "address", "a_full"),
            ("人员姓名", "name", "name"),
            ("性别", "sex", "@"),
            ("证件号", "id_number", "id_number"),
            ("手机", "phone", "phone"),
            ("出生年月", "birth_date", _DAY.format("birth")),
            ("人员类别", "role", "@"),
            ("婚姻状况", None, "'未说明'"),
            ("修改时间", "updated_at", _ISO.format(t="changed_at")),
        ),
        SEX_EN | ROLE_ZH,
        "gb18030",
        member="人员导出_第{part}部分.csv",
        part_rows=1000,
    ),
    Export(
        "houses",
        "csv",
        "房屋导出_{date}.zip",
        "房屋导出*.zip",
        _columns(
            ("小区", "community", "community"),
            ("楼栋号", "building", "building_number || '栋'"),
            ("单元", "unit", "unit::VARCHAR"),
            ("房号", "room", "room::VARCHAR"),
            ("面积", "area_m2", "area_m2::VARCHAR"),
            ("状态", "status", "@"),
            ("产权性质", "tenure", "@"),
        ),
        HOUSE_ZH,
        "gb18030",
        member="房屋导出_第{part}部分.csv",
        part_rows=1000,
    ),
    Export(
        "vehicles",
        "csv",
        "车辆导出_{date}.zip",
        "车辆导出*.zip",
        _columns(
            ("小区", "community", "community"),
            ("房屋", "address", "a_short"),
            ("车牌号码", "plate", "plate"),
            ("车辆类型", "vehicle_type", "@"),
            ("颜色", "body_colour", "@"),
            ("车主", "owner_name", "owner_name"),
            ("车主证件号码", "owner_id_number", "owner_id"),
            ("车主手机", "owner_phone", "owner_phone"),
        ),
        VEHICLE_ZH,
        "gb18030",
        member="车辆导出_第{part}部分.csv",
        part_rows=1000,
    ),
    Export(
        "access_events",
        "csv",
        "通行导出_{date}.zip",
        "通行导出*.zip",
        _columns(
            ("流水号", "event_code", "@"),
            ("小区", "community", "community"),
            ("出入口", "gate", "gate"),
            ("进出时间", "occurred_at", "@"),
            ("进出类型", "direction", "@"),
            ("认证方式", "method", "@"),
            ("人员姓名", "name", "name"),
            ("证件号", "id_number", "id_number"),
            ("卡号", "card_number", "card"),
            ("车牌", "plate", "plate"),
            ("人员类型", "subject_kind", "@"),
        ),
        DIRECTION_EN | METHOD_ZH | KIND_ZH,
        "gb18030",
        member="通行导出_第{part}部分.csv",
        part_rows=1000,
        time=_ISO,
    ),
)

# -- 8: an older web system: HTML tables named .xls ------------------------------------------------------------------------------
_HTML = (
    Export(
        "residents",
        "html",
        "住户列表{date}.xls",
        "住户列表*.xls",
        _columns(
            _NUMBER,
            ("小区名称", "community", "community"),
            ("楼栋", "building", "b_hao"),
            ("单元", "unit", "unit::VARCHAR"),
            ("房间", "room", "room::VARCHAR"),
            _own("住户", "name", "name"),
            ("性别", "sex", "@"),
            ("证件号码", "id_number", "id_number"),
            _own("联系人手机", "phone", "phone"),
            ("出生日期", "birth_date", _DAY.format("birth")),
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
        _columns(
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
        _columns(
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
        _columns(
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

# -- 9: a data team's own extract: Parquet, only what changed -----------------------------------------------------------------------
_PARQUET = (
    Export(
        "residents",
        "parquet",
        "resident_delta_{date}.parquet",
        "resident_delta_*.parquet",
        _columns(
            ("recordKey", "record_key", "record_no"),
            ("community", "community", "community"),
            ("building", "building", "building"),
            ("unit", "unit", "unit::VARCHAR"),
            ("room", "room", "room::VARCHAR"),
            ("name", "name", "name"),
            ("sex", "sex", "@"),
            ("idType", "id_type", "@"),
            ("idNumber", "id_number", "id_number"),
            ("phone", "phone", "phone"),
            ("birthDate", "birth_date", _DAY.format("birth")),
            ("role", "role", "@"),
            ("relation", "relation_to_head", "@"),
            ("updatedAt", "updated_at", _ISO.format(t="changed_at")),
            ("ethnicity", None, "'01'"),
        ),
        PERSON_PLATFORM | SEX_10 | ROLE_EN,
        mode="delta",
    ),
    Export(
        "houses",
        "parquet",
        "house_delta_{date}.parquet",
        "house_delta_*.parquet",
        _columns(
            ("recordKey", "record_key", "record_no"),
            ("community", "community", "community"),
            ("building", "building", "building"),
            ("unit", "unit", "unit::VARCHAR"),
            ("room", "room", "room::VARCHAR"),
            ("area", "area_m2", "area_m2::VARCHAR"),
            ("use", "use", "@"),
            ("tenure", "tenure", "@"),
            ("status", "status", "@"),
            ("updatedAt", "updated_at", _ISO.format(t="changed_at")),
        ),
        HOUSE_PLATFORM,
        mode="delta",
    ),
    Export(
        "vehicles",
        "parquet",
        "vehicle_delta_{date}.parquet",
        "vehicle_delta_*.parquet",
        _columns(
            ("recordKey", "record_key", "record_no"),
            ("community", "community", "community"),
            ("address", "address", "a_full"),
            ("plate", "plate", "plate"),
            ("plateClass", "plate_class", "@"),
            ("vehicleType", "vehicle_type", "@"),
            ("vin", "vin", "vin"),
            ("ownerName", "owner_name", "owner_name"),
            ("ownerIdNumber", "owner_id_number", "owner_id"),
            ("ownerPhone", "owner_phone", "owner_phone"),
            ("updatedAt", "updated_at", _ISO.format(t="changed_at")),
        ),
        VEHICLE_ZH,
        mode="delta",
    ),
    Export(
        "access_events",
        "parquet",
        "events_{date}.parquet",
        "events_*.parquet",
        _columns(
            ("eventCode", "event_code", "@"),
            ("community", "community", "community"),
            ("gate", "gate", "gate"),
            ("occurredAt", "occurred_at", "@"),
            ("direction", "direction", "@"),
            ("method", "method", "@"),
            ("name", "name", "name"),
            ("idNumber", "id_number", "id_number"),
            ("cardNumber", "card_number", "card"),
            ("plate", "plate", "plate"),
            ("subjectKind", "subject_kind", "@"),
        ),
        DIRECTION_EN | METHOD_PLATFORM | KIND_EN,
        daily=True,
        time="epoch({t} - INTERVAL 8 HOUR)::BIGINT::VARCHAR",
    ),
)

# -- 10: a small office: every number typed as a number ---------------------------------------------------------------------------------
_NUMBERS = (
    Export(
        "residents",
        "xlsx",
        "业主表_{date}.xlsx",
        "业主表*.xlsx",
        _columns(
            ("小区", "community", "community"),
            ("栋", "building", "b_hao"),
            ("单元", "unit", "unit::VARCHAR"),
            ("房号", "room", "room::VARCHAR"),
            ("姓名", "name", "name"),
            ("身份证号", "id_number", "id_number"),
            ("电话", "phone", "phone"),
            ("出生日期", "birth_date", _DAY.format("birth")),
            ("身份", "role", "@"),
        ),
        ROLE_ZH,
    ),
    Export(
        "houses",
        "xlsx",
        "房屋表_{date}.xlsx",
        "房屋表*.xlsx",
        _columns(
            ("小区", "community", "community"),
            ("栋", "building", "b_hao"),
            ("单元", "unit", "unit::VARCHAR"),
            ("房号", "room", "room::VARCHAR"),
            ("面积", "area_m2", "area_m2::VARCHAR"),
            ("房屋状态", "status", "@"),
        ),
        HOUSE_ZH,
        member="{part}号片区",
        part_rows=400,
    ),
    Export(
        "vehicles",
        "csv",
        "车辆表_{date}.csv",
        "车辆表*.csv",
        _columns(
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
        _columns(
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
        time=_ISO,
    ),
)

EXPORTS: dict[str, tuple[Export, ...]] = {
    "gbk_csv": _GBK, "platform_csv": _PLATFORM, "xlsx_titled": _XLSX, "access_json": _ACCESS, "parking_jsonl": _PARKING,
    "utf16_tsv": _TSV, "zip_parts": _ZIP, "html_xls": _HTML, "parquet_delta": _PARQUET, "xlsx_numbers": _NUMBERS,
}  # fmt: skip
"""Dialect -> its exports, one a dataset."""
