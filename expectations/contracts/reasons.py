"""Every reason a record is set aside or a value is emptied, with its words and its remedy.

A reason is written ``code:column`` beside the record (``id_invalid:id_number``). ``quarantine`` reasons set the
whole record aside; ``warning`` reasons empty the value (or keep it, where ``keeps_value``) and let the record in.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One reason: when it applies (``meaning``), what is ``expected`` instead and what the sender should do
    (``remedy``), in two languages. ``also``: the fields it is about besides the one it is given for."""

    code: str
    severity: str
    meaning: str
    meaning_zh: str
    remedy: str
    remedy_zh: str
    expected: str
    expected_zh: str
    also: tuple[str, ...] = ()
    keeps_value: bool = False


def _q(
    code: str,
    meaning: str,
    meaning_zh: str,
    remedy: str,
    remedy_zh: str,
    *,
    expected: tuple[str, str],
    also: tuple[str, ...] = (),
) -> Reason:
    return Reason(code, "quarantine", meaning, meaning_zh, remedy, remedy_zh, *expected, also)


def _w(
    code: str,
    meaning: str,
    meaning_zh: str,
    remedy: str,
    remedy_zh: str,
    *,
    expected: tuple[str, str],
    also: tuple[str, ...] = (),
    keeps_value: bool = False,
) -> Reason:
    return Reason(code, "warning", meaning, meaning_zh, remedy, remedy_zh, *expected, also, keeps_value)


ERASED = "erased"
"""The reason of a row whose person asked to be erased; nothing of it is kept but its place."""

_REASONS = (
    _q(
        ERASED,
        "the person has been erased on request; nothing of the row is kept",
        "该人员已依法申请删除，本行内容未保留",
        "delete the person from your own system too, so that the next export has no such row",
        "请贵公司在自有系统中同步删除该人员，下次导出不再包含本行",
        expected=("no row of this person", "不再包含该人员"),
    ),
    _q(
        "row_malformed",
        "the row has more or fewer cells than the header, or is cut off",
        "该行的列数与表头不一致，或被截断",
        "export the file again; quote cells that contain the delimiter",
        "请重新导出；含分隔符的单元格请加引号",
        expected=("as many cells as the header has", "与表头相同的列数"),
    ),
    _q(
        "community_unknown",
        "the community is missing or not one the company declared",
        "小区缺失，或不在该公司申报的小区清单中",
        "correct the name, or add the community or its alias to the company's feed file",
        "请更正小区名称，或联系数据管理员登记该小区或别名",
        expected=("a community that the company declared", "已登记的小区名称或编码"),
        also=("community", "community_code"),
    ),
    _q(
        "house_incomplete",
        "no building or no room can be read",
        "无法识别楼栋或房号",
        "give building, unit and room, e.g. 3号楼2单元502室",
        "请填写楼栋、单元、房号，例如：3号楼2单元502室",
        expected=("a building and a room, e.g. 3-2-502", "楼栋和房号齐全，如 3号楼2单元502室"),
        also=("building", "room", "address"),
    ),
    _q(
        "room_damaged",
        "the cell was turned into a date or a scientific number by a spreadsheet program",
        "房号等单元格被表格软件改成了日期或科学计数",
        "format the column as text before typing and export again",
        "请先将该列设为“文本”格式再录入并重新导出",
        expected=("text, e.g. 3-502", "文本格式，如 3-502"),
    ),
    _q(
        "no_identity",
        "neither a name nor a valid ID number is given",
        "姓名与有效证件号码均缺失",
        "give at least the person's name",
        "请至少填写姓名",
        expected=("a name, or a valid 18-character ID number", "姓名，或有效的18位证件号码"),
        also=("name", "id_number"),
    ),
    _q(
        "plate_missing",
        "no plate is given, or it says that there is none",
        "未填写车牌，或标注为无牌",
        "give the plate number",
        "请填写车牌号码",
        expected=("a plate, e.g. 皖A12345", "车牌号码，如 皖A12345"),
    ),
    _q(
        "plate_invalid",
        "the plate has none of the forms of GA 36-2018",
        "车牌号码不符合 GA 36-2018 的任何一种格式",
        "check the plate against the vehicle licence",
        "请对照行驶证核对车牌号码",
        expected=(
            "province, letter and five characters (six for new energy)",
            "省份简称+字母+5位（新能源6位），如 皖A12345",
        ),
    ),
    _q(
        "time_unreadable",
        "no time of passing can be read",
        "无法识别通行时间",
        "give the time as 2026-11-20 08:15:00",
        "请按 2026-11-20 08:15:00 的格式填写时间",
        expected=("a time, e.g. 2026-11-20 08:15:00", "时间，如 2026-11-20 08:15:00"),
    ),
    _q(
        "time_clock_reset",
        "the time lies before 2010: the device's clock was reset",
        "时间早于2010年：设备时钟被重置",
        "set the device's clock and time server",
        "请校准设备时钟并启用自动对时",
        expected=("a time of 2010 or later", "2010年以后的时间"),
    ),
    _q(
        "time_in_future",
        "the time lies after the day of delivery",
        "时间晚于报送日期",
        "set the device's clock and time server",
        "请校准设备时钟并启用自动对时",
        expected=("a time up to the day of delivery", "不晚于报送日期的时间"),
    ),
    _w(
        "id_damaged",
        "a spreadsheet program stored the ID number as a number: its last digits are gone",
        "证件号码被表格软件存为数字，末几位已丢失",
        "format the column as text and export again",
        "请将该列设为“文本”格式后重新导出",
        expected=("18 characters, kept as text", "以文本保存的18位号码"),
    ),
    _w(
        "id_invalid",
        "the ID number's form, date or check character is wrong (GB 11643-1999)",
        "证件号码的格式、日期或校验码错误（GB 11643-1999）",
        "check it against the document",
        "请对照证件核对号码",
        expected=("18 characters with a right date and check character", "18位，日期与校验码正确"),
    ),
    _w(
        "value_masked",
        "part of the value is hidden by asterisks",
        "该值部分被星号遮盖",
        "export without masking if the agreement allows it",
        "如协议允许，请导出未遮盖的数据",
        expected=("the whole value", "完整的值"),
        keeps_value=True,
    ),
    _w(
        "name_missing",
        "the name is missing; the record is known by its ID number",
        "姓名缺失，仅以证件号码识别",
        "give the name",
        "请补填姓名",
        expected=("a name", "姓名"),
    ),
    _w(
        "name_damaged",
        "the name holds characters that were lost in conversion",
        "姓名中含有转码丢失的字符",
        "export as UTF-8 or GB18030",
        "请以 UTF-8 或 GB18030 编码导出",
        expected=("a name without ? or □", "不含“?”“□”的姓名"),
        keeps_value=True,
    ),
    _w(
        "phone_invalid",
        "not a mobile or landline number",
        "不是有效的手机或固定电话号码",
        "check the number",
        "请核对电话号码",
        expected=("eleven digits, or area code and number", "11位手机号，或区号加固定电话"),
    ),
    _w(
        "date_unreadable",
        "no date can be read",
        "无法识别日期",
        "give the date as 1990-01-02",
        "请按 1990-01-02 的格式填写日期",
        expected=("a date, e.g. 1990-01-02", "日期，如 1990-01-02"),
    ),
    _w(
        "date_placeholder",
        "a placeholder or impossible date (1900-01-01, 9999-12-31, a birth in the future)",
        "占位或不可能的日期（如1900-01-01、9999-12-31、未来的出生日期）",
        "leave the cell empty when the date is not known",
        "日期不详时请留空",
        expected=("a real date, or nothing", "真实日期，或留空"),
    ),
    _w(
        "birth_conflict",
        "the birth date differs from the one in the ID number, which is kept",
        "出生日期与证件号码不一致，以证件号码为准",
        "check both against the document",
        "请对照证件核对",
        expected=("the birth date of the ID number", "与证件号码一致的出生日期"),
    ),
    _w(
        "sex_conflict",
        "the sex differs from the one in the ID number, which is kept",
        "性别与证件号码不一致，以证件号码为准",
        "check both against the document",
        "请对照证件核对",
        expected=("the sex of the ID number", "与证件号码一致的性别"),
    ),
    _w(
        "code_unknown",
        "the code is in neither the feed's map nor the standard list",
        "代码既不在该公司的对照表中，也不在标准代码表中",
        "add the code to the feed's code map",
        "请提供该代码的含义，以便登记对照",
        expected=("a known code or word", "已登记的代码或名称"),
    ),
    _w(
        "number_invalid",
        "not a number, or outside the possible range",
        "不是数字，或超出合理范围",
        "check the value",
        "请核对该数值",
        expected=("a number in the possible range", "合理范围内的数字"),
    ),
    _w(
        "plate_corrected",
        "the letters O or I in the serial were read as 0 and 1",
        "车牌序号中的字母 O、I 已按数字 0、1 处理",
        "check the plate",
        "请核对车牌号码",
        expected=("no letters O or I in the serial", "序号中不用字母 O、I"),
        keeps_value=True,
    ),
    _w(
        "vin_check",
        "the vehicle identification number's form or check digit is wrong",
        "车辆识别代号的格式或校验位错误",
        "check it against the vehicle licence",
        "请对照行驶证核对",
        expected=("17 characters with a right check digit", "17位，校验位正确"),
        keeps_value=True,
    ),
)

REASONS: dict[str, Reason] = {}
"""Every reason by code. A code may be both: ``house_incomplete``, ``room_damaged`` and ``plate_invalid`` set aside
a record of which the house or the plate is the key, and are a warning where it is one value among others (a
resident's house, an event's plate)."""
for _r in _REASONS:
    REASONS[_r.code] = _r
