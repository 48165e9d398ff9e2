"""How a name comes to be written with other characters: by ear, by eye, in another order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

SLIPS = ("name_homophone", "name_look_alike", "name_turned")

_HOMOPHONES = (
    "张章", "徐许", "于余俞", "江姜", "付傅", "肖萧", "闫严颜", "邱秋", "程成", "陆路", "石时", "汪王", "叶业", "苏酥",
    "伟玮炜维", "静婧靖敬", "莉丽利俐立", "敏民闵", "芳方芬", "军君均钧", "杰捷洁", "明鸣铭", "建健剑", "国帼",
    "勇永咏泳", "涛韬滔", "艳燕彦雁", "红宏虹鸿洪", "霞侠", "梅玫美", "玲铃灵凌", "娟涓鹃", "英瑛樱莹", "秀绣",
    "兰岚澜", "珍真贞", "玉钰育", "桂贵", "琴芹勤", "云芸", "淑舒书", "香湘", "莲连廉", "翠萃", "花华", "荣蓉融",
    "巧俏", "志智治", "德得", "文雯纹", "福富", "生声昇", "宝保", "林琳霖", "平萍苹", "浩皓昊", "宇雨羽语",
    "鑫欣新心馨", "磊蕾", "俊峻骏", "晨辰宸", "阳洋扬", "凯楷", "龙隆", "飞菲霏", "翔祥", "凡帆", "旭绪", "梓子紫",
    "轩宣萱", "涵晗", "奕亦艺怡依一", "泽择", "沐木", "熙希曦", "睿瑞锐", "婷亭庭", "倩茜", "颖影", "佳嘉家", "梦孟",
    "璐露", "慧惠会", "悦月玥", "诗师", "桐彤童", "妍研", "强蔷", "刚钢", "斌彬", "波博", "峰锋枫", "辉晖", "鹏朋",
    "超抄", "毅义", "亮靓", "东冬", "山珊", "成诚城", "根跟", "琪奇", "娜那",
)  # fmt: skip
_LOOK_ALIKES = (
    "晴睛", "土士", "天夭", "王玉", "杨扬", "沈沉", "戴载", "侯候", "吕昌", "治冶", "刘浏", "陈阵", "郑邓", "晓哓",
    "婷停", "倩债", "宇字", "博搏", "阳阴", "明朋", "建健", "娟捐", "芳芬", "琴芩", "素索", "云去", "淑椒", "花化",
    "荣营", "秀季", "凤风", "桂佳", "梅悔", "玲伶", "斌武", "伟韦", "颖颍", "怡恰", "莹萤", "慧彗", "丹舟", "媛缓",
    "悦锐", "桐洞", "若苦", "奕弈", "泽译", "沐沭", "皓浩", "未末", "日曰", "马乌", "徐涂", "朱未", "胡湖", "高亮",
    "林材", "罗萝", "宋宗", "冯马", "袁表", "潘播", "余佘", "任仕", "姚娆", "汪江", "石右", "尹伊", "史吏", "陶淘",
    "贺货", "龚袭", "欧殴", "国囯", "华毕", "军车", "志忘", "永水", "福副", "宝室", "海每", "兰三", "珍诊", "霞露",
    "香杳", "莲连", "菊掬", "丽俪", "敏敝", "静净", "艳绝", "红江", "萍苹", "莉利", "惠蕙", "雪雷", "欣欧", "琳淋",
    "晶品", "洋样", "茜西", "涵函", "语浯", "依衣", "曦羲",
)  # fmt: skip
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "端木", "夏侯")


def _others(groups: tuple[str, ...]) -> dict[str, str]:
    others: dict[str, str] = {}
    for group in groups:
        for character in group:
            others[character] = others.get(character, "") + group.replace(character, "")
    return others


_WRITTEN_FOR = {"name_homophone": _others(_HOMOPHONES), "name_look_alike": _others(_LOOK_ALIKES)}


def misspelt(name: str, slip: str, draw: float) -> str:
    """The name with one character written wrong, or its last two the wrong way round; as it is where nothing fits.

    ``draw``, from 0 to 1, chooses the place and the character. A given name is more often misheard than a surname.
    """
    if "·" in name or " " in name:
        return name
    if slip == "name_turned":
        return name[:-2] + name[:-3:-1] if len(name) == 3 else name
    written = _WRITTEN_FOR[slip]
    places = [i for i, c in enumerate(name) if written.get(c)]
    given = [i for i in places if i > 0] if draw < 0.85 else []
    if not places:
        return name
    choices = [(i, c) for i in given or places for c in written[name[i]]]
    place, character = choices[int(draw * 7919) % len(choices)]
    return name[:place] + character + name[place + 1 :]


def has_compound_surname(names: pa.ChunkedArray) -> np.ndarray:
    """Whether each name begins with a surname of two characters."""
    return np.array([name[:2] in _COMPOUND for name in names.to_pylist()], dtype=bool)
