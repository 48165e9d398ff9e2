"""Code lists: the canonical values, and the spellings that mean the same in every export.

Numbers are here only where a national standard fixes them. Vendors disagree about the rest (``1`` is male,
female, in or fixed), so those are mapped in the feed, never here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CodeList:
    """Canonical value -> spellings (compared after NFKC, upper case and removal of spaces)."""

    name: str
    values: dict[str, tuple[str, ...]]
    standard: str = ""

    @property
    def lookup(self) -> dict[str, str]:
        """Spelling (upper case) -> canonical value; the canonical values spell themselves."""
        out = {v.upper(): v for v in self.values}
        for value, spellings in self.values.items():
            for s in spellings:
                out[s.upper()] = value
        return out


_LISTS = (
    CodeList(
        "sex",
        {"male": ("1", "男", "男性", "M"), "female": ("2", "女", "女性", "F"), "unknown": ("0", "9", "未知", "未说明")},
        "GB/T 2261.1",
    ),
    CodeList(
        "id_type",
        {
            "resident_id": ("111", "居民身份证", "身份证", "二代身份证"),
            "temporary_resident_id": ("112", "临时身份证", "临时居民身份证"),
            "household_booklet": ("113", "户口簿", "户口本"),
            "driving_licence": ("335", "驾驶证"),
            "passport": ("414", "护照", "普通护照"),
            "taiwan_pass": ("511", "台胞证", "台湾居民来往大陆通行证"),
            "hk_macao_pass": ("516", "回乡证", "港澳居民来往内地通行证"),
            "permanent_residence_card": ("553", "外国人永久居留证", "外国人永久居留身份证"),
            "other": ("990", "其他", "其它"),
        },
        "GA/T 517",
    ),
    CodeList(
        "population_type",
        {
            "permanent": ("1", "常住人口", "常住", "户籍人口", "户籍"),
            "floating": ("2", "流动人口", "流动", "暂住"),
            "overseas": ("3", "境外人口", "境外人员", "境外"),
        },
    ),
    CodeList(
        "relation_to_head",
        {
            "self": ("0", "01", "02", "本人", "户主", "本人或户主"),
            "spouse": ("1", "10", "11", "12", "配偶", "夫", "妻", "妻子", "丈夫"),
            "son": ("2", "20", "子", "儿子"),
            "daughter": ("3", "30", "女", "女儿"),
            "grandchild": ("4", "40", "孙子女", "孙子", "孙女", "孙子、孙女或外孙子、外孙女"),
            "parent": ("5", "50", "父母", "父亲", "母亲"),
            "grandparent": ("6", "60", "祖父母", "祖父母或外祖父母"),
            "sibling": ("7", "70", "兄弟姐妹", "兄、弟、姐、妹"),
            "other": ("8", "80", "其他", "其它"),
            "not_related": ("99", "97", "非亲属", "无亲属关系"),
        },
        "GB/T 4761",
    ),
    CodeList(
        "role",
        {
            "owner": ("业主", "产权人", "房主"),
            "family": ("家属", "家庭成员", "同住人"),
            "tenant": ("租客", "租户", "承租人", "租住"),
            "other": ("其他", "其它", "访客", "物业"),
        },
    ),
    CodeList(
        "house_use",
        {
            "mixed": ("1", "综合", "商住"),
            "residential": ("2", "住宅"),
            "commercial": ("3", "商业", "商铺"),
            "factory": ("4", "厂房"),
            "warehouse": ("5", "仓库"),
            "office": ("6", "办公"),
            "temporary": ("7", "临时"),
            "other": ("9", "其他", "其它"),
        },
    ),
    CodeList(
        "house_tenure",
        {
            "state": ("10", "国有", "国有房产"),
            "collective": ("20", "集体", "集体所有房产"),
            "private": ("30", "私有", "私有房产", "商品房"),
            "joint": ("40", "联营", "联营企业房产"),
            "shares": ("50", "股份制", "股份制企业房产"),
            "hk_macao_taiwan": ("60", "港澳台投资"),
            "foreign": ("70", "涉外"),
            "other": ("90", "其他", "其它"),
        },
    ),
    CodeList(
        "house_status",
        {
            "let": ("1", "出租"),
            "owner_occupied": ("2", "自住"),
            "vacant": ("4", "空置", "闲置", "空关"),
            "other": ("9", "其他", "其它"),
        },
    ),
    CodeList(
        "plate_class",
        {
            "large": ("01", "大型汽车"),
            "small": ("02", "小型汽车", "小型汽车号牌"),
            "embassy": ("03", "使馆汽车"),
            "consulate": ("04", "领馆汽车"),
            "motorcycle": ("07", "普通摩托车", "两、三轮摩托车"),
            "light_motorcycle": ("08", "轻便摩托车"),
            "low_speed": ("13", "低速车"),
            "trailer": ("15", "挂车"),
            "training": ("16", "教练汽车", "教练车"),
            "temporary": ("22", "临时行驶车", "临时"),
            "police": ("23", "警用汽车", "警车"),
            "hk_entry": ("26", "香港入出境车"),
            "macao_entry": ("27", "澳门入出境车"),
            "armed_police": ("31", "武警号牌", "武警"),
            "military": ("32", "军队号牌", "军车"),
            "e_bike": ("电动自行车", "电动车", "电动自行车号牌", "非机动车"),
            "none": ("41", "无号牌"),
            "new_energy_large": ("51", "大型新能源汽车"),
            "new_energy_small": ("52", "小型新能源汽车", "新能源小型车"),
            "other": ("99", "其他", "其它"),
        },
        "GA/T 16.7",
    ),
    CodeList(
        "plate_colour",
        {
            "blue": ("蓝", "蓝色", "蓝牌"),
            "yellow": ("黄", "黄色", "黄牌"),
            "white": ("白", "白色", "白牌"),
            "black": ("黑", "黑色", "黑牌"),
            "green": ("绿", "绿色", "绿牌", "渐变绿", "黄绿"),
        },
    ),
    CodeList(
        "vehicle_type",
        {
            "car": ("小型轿车", "轿车", "小轿车", "K33"),
            "suv": ("SUV", "小型越野客车", "越野车", "K32"),
            "van": ("面包车", "小型面包车", "MPV", "商务车", "K31"),
            "bus": ("大客车", "客车", "K11"),
            "truck": ("货车", "轻型货车", "H31"),
            "motorcycle": ("摩托车", "M21"),
            "other": ("其他", "其它"),
        },
    ),
    CodeList(
        "body_colour",
        {
            "white": ("白", "白色"),
            "black": ("黑", "黑色"),
            "silver": ("银", "银色", "银灰"),
            "grey": ("灰", "灰色"),
            "red": ("红", "红色"),
            "blue": ("蓝", "蓝色"),
            "green": ("绿", "绿色"),
            "yellow": ("黄", "黄色"),
            "brown": ("棕", "棕色", "褐色"),
            "other": ("其他", "其它"),
        },
    ),
    CodeList(
        "direction",
        {
            "in": ("进", "入", "进门", "入场", "进场", "ENTRANCE", "ENTRY", "ENTER"),
            "out": ("出", "出门", "出场", "离场", "EXIT", "LEAVE"),
        },
    ),
    CodeList(
        "method",
        {
            "card": ("卡", "刷卡", "IC卡"),
            "face": ("人脸", "刷脸", "人脸识别"),
            "voice": ("语音", "对讲"),
            "app": ("手机", "APP开门", "蓝牙", "小程序", "手机开门"),
            "plate": ("车牌识别", "车牌", "LPR"),
            "password": ("密码",),
            "other": ("其他", "其它", "手动", "人工"),
        },
    ),
    CodeList(
        "subject_kind",
        {
            "resident": ("业主", "住户", "家属", "租客", "OWNER", "FAMILY", "TENANT", "固定", "月租车"),
            "vehicle": ("车辆", "机动车"),
            "visitor": ("访客", "VISITOR", "临时", "临时车"),
            "unknown": ("陌生人", "未知", "UNKNOWN"),
        },
    ),
)

CODE_LISTS: dict[str, CodeList] = {c.name: c for c in _LISTS}
"""Every code list by name. ``subject_kind`` says what passed; a registered car is ``vehicle``."""
