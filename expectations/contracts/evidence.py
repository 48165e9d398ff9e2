"""Every kind of evidence by which records are held together or kept apart, in words for people.

``evidence.findings`` holds the codes of :data:`FINDINGS`, ``evidence.rule`` and ``sources.match_rule`` those of
:data:`RULES`. A code is never given another meaning: old releases keep theirs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """What a code says, in two languages."""

    code: str
    meaning: str
    meaning_zh: str


def _by_code(*words: Words) -> dict[str, Words]:
    found = {w.code: w for w in words}
    if len(found) < len(words):
        raise ValueError("a code has two meanings: the later would stand for both")
    return found


RULES = _by_code(
    Words("single", "the only record there is", "仅有这一条记录"),
    Words("id_number", "same ID number", "证件号码相同"),
    Words("name_phone_house", "same name, phone and house", "姓名、电话、房屋均相同"),
    Words("name_birth_house", "same name, birth date and house", "姓名、出生日期、房屋均相同"),
    Words("house_key", "same community, building, unit and room", "小区、楼栋、单元、房号均相同"),
    Words("plate", "same plate", "车牌号码相同"),
    Words("misread", "a camera misread one plate for the other", "车牌识别有误，实为同一车牌"),
    Words("linked", "the linking model weighed all the evidence", "匹配模型综合多项证据评估"),
    Words("review", "a person decided", "经人工审核判定"),
)
"""What put a record where it is."""

WHY = ("held_", "reviewed_")
"""How the codes begin that say why a pair was joined or not, whatever was found of it."""

FINDINGS = _by_code(
    Words("id_same", "the ID numbers are equal", "证件号码相同"),
    Words(
        "id_first15",
        "the first 15 digits of the ID numbers are equal; the rest is lost",
        "证件号码前15位相同，其余已丢失",
    ),
    Words("id_one_digit", "one digit of the ID number was mistyped", "证件号码仅一位录入有误"),
    Words("id_mask_fits", "the masked ID number fits", "遮盖的证件号码相符"),
    Words("id_differs", "what is left of the ID numbers differs", "残缺的证件号码不相符"),
    Words("name_same", "the names are equal", "姓名相同"),
    Words("name_homophone", "the names sound alike", "姓名读音相同"),
    Words("name_lookalike", "the names look alike", "姓名字形相近"),
    Words("name_order", "the names have the same characters in another order", "姓名用字相同，顺序不同"),
    Words("name_partial_long", "the masked name fits, two characters of it known", "遮盖的姓名相符（已知两个字）"),
    Words("name_partial", "the masked name fits", "遮盖的姓名相符"),
    Words("name_one_character", "the names differ in one character", "姓名仅一字不同"),
    Words("name_surname", "only the surnames are equal", "仅姓氏相同"),
    Words("name_differs", "the names differ", "姓名不同"),
    Words("birth_same", "the birth dates are equal", "出生日期相同"),
    Words("birth_swapped", "day and month of the birth date are swapped", "出生日期的月、日颠倒"),
    Words("birth_one_part", "the birth dates differ in one part", "出生日期仅年、月、日之一不同"),
    Words("birth_year", "the birth years are equal, the dates differ", "出生年份相同，日期不同"),
    Words("birth_differs", "the birth dates differ", "出生日期不同"),
    Words("sex_same", "the sex is the same", "性别相同"),
    Words("sex_differs", "the sex differs", "性别不同"),
    Words("phone_same", "a phone number is the same", "电话号码相同"),
    Words("phone_family", "a phone number is the same, but several people use it", "电话号码相同，但由多人共用"),
    Words("phone_agent", "a phone number is the same, but very many people use it", "电话号码相同，但使用人数众多"),
    Words("phone_mask_fits", "the masked phone number fits", "遮盖的电话号码相符"),
    Words("phone_differs", "the phone numbers differ", "电话号码不同"),
    Words("house_same", "the house is the same", "房屋相同"),
    Words(
        "house_unit_found",
        "one names no unit; only one house has that building and room",
        "一方未写单元，但该楼栋该房号仅有一户",
    ),
    Words("household_same", "they live with the same people in another house", "在另一房屋与相同的人同住"),
    Words("building_same", "the building is the same, not the house", "楼栋相同，房屋不同"),
    Words("community_same", "the community is the same, not the building", "小区相同，楼栋不同"),
    Words("community_differs", "the communities differ", "小区不同"),
    Words("car_same", "both hold the same car, at different houses", "在不同房屋登记为同一车辆的持有人"),
    Words("car_differs", "the cars differ", "车辆不同"),
    Words("plate_same", "the plates are equal", "车牌号码相同"),
    Words(
        "plate_character",
        "the plates differ in one character that cameras take for another (B and 8, D and 0, Z and 2, S and 5)",
        "车牌仅一位不同，且为识别时易混淆的字符（B与8、D与0、Z与2、S与5）",
    ),
    Words("plate_province", "the plates differ in the character of the province only", "车牌仅省份简称不同"),
    Words("vin_same", "the vehicle identification numbers are equal", "车辆识别代号相同"),
    Words("owner_id_same", "the holders' ID numbers are equal", "车主证件号码相同"),
    Words("owner_name_same", "the holders' names are equal", "车主姓名相同"),
    Words("owner_phone_same", "the holders' phone numbers are equal", "车主电话相同"),
    Words("brand_same", "the brand is the same", "品牌相同"),
    Words("colour_same", "the colour is the same", "车身颜色相同"),
    Words("car_data_differ", "what they say of the car or its holder differs", "车辆或车主信息不一致"),
    Words("held_told_apart", "one list names both plates", "同一份清单同时列有两个车牌"),
    Words(
        "held_several_plates",
        "several plates could be the one that was misread",
        "可能的对应车牌不止一个",
    ),
    Words("held_both_known", "several lists know each plate", "两个车牌均有多份清单佐证"),
    Words("held_too_little", "too little besides the name", "除姓名外证据不足"),
    Words("held_two_ids", "it would bring two ID numbers together", "将使两个不同证件号码合为一人"),
    Words("held_contradiction", "others of the group contradict", "与同组其他记录矛盾"),
    Words("held_too_large", "the group would grow too large", "合并后的记录组过大"),
    Words("held_ambiguous", "it could be either of two people", "可能属于两个不同的人"),
    Words("reviewed_same", "a reviewer decided that they are the same", "审核结论：同一人"),
    Words("reviewed_different", "a reviewer decided that they are different", "审核结论：不是同一人"),
    Words("reviewed_unsure", "a reviewer could not tell", "审核结论：无法判断"),
)
"""What was found when two records were compared."""

VERDICTS = _by_code(
    Words("accepted", "joined", "已合并"),
    Words("grey", "not joined, for a person to decide", "未合并，待人工审核"),
    Words("rejected", "kept apart", "已判定分开"),
)
"""What came of a pair."""

EVENTS = _by_code(
    Words("created", "created", "新建"),
    Words("merged", "merged into another id", "并入另一编号"),
    Words("split", "split from another id", "由另一编号拆出"),
    Words("retired", "retired", "停用"),
    Words("restored", "restored", "恢复"),
)
"""What becomes of an id."""

_KEYS_ZH = {
    "ID number": "证件号码",
    "name, phone and house": "姓名、电话和房屋",
    "name, birth date and house": "姓名、出生日期和房屋",
    "record key": "公司的记录编号",
    "unchanged row": "未变的数据行",
    "name and house in the same export": "同一导出中的姓名和房屋",
    "house key": "房屋地址",
    "building and room": "楼栋和房号",
    "plate": "车牌号码",
}
_CAUSES_ZH = (
    (r"records that no known id claims", "出现了任何已有编号都未认领的记录"),
    (
        r"shares a (.+) with the other id, whose records another group holds",
        "与另一编号有相同的{}，而该编号的记录属于另一组",
    ),
    (r"records of both belong together; this one was found by its (.+)", "两者的记录属于同一实体；依据：{}"),
    (r"its records are delivered again", "其记录重新报送"),
    (r"no delivery in effect has a record of it", "有效批次中已无其记录"),
)


def cause_zh(cause: str) -> str:
    """A cause of the id ledger in Chinese; as it is when a later version worded it in another way."""
    for pattern, words in _CAUSES_ZH:
        if found := re.fullmatch(pattern, cause):
            return words.format(*(_KEYS_ZH.get(g, g) for g in found.groups()))
    return cause


def words(codes: dict[str, Words], code: str) -> Words:
    """The words of a code; the code itself where a release of another version used one that is not known here."""
    return codes.get(code) or Words(code, code, code)
