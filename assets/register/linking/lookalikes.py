"""Characters that are taken for each other by eye: when a name is copied from paper, read by a machine, or picked from
an input method that writes by strokes. Common in names; a group's characters count as one shape."""

from __future__ import annotations

GROUPS = (
    "己已巳", "未末", "土士", "日曰", "天夭", "大太犬", "王玉主", "人入", "千干于", "贝见", "午牛", "刀力", "乌鸟",
    "晴睛", "清请情", "伟玮炜", "杨扬", "沈沉", "戴载", "候侯", "肖尚", "吕昌", "冷泠", "冶治", "刘浏", "刑邢",
    "陈阵", "郑邓", "拆折析", "梅海", "晓哓", "娜挪", "莉利", "丽朋", "敏敬", "艳绝", "娟捐", "燕蒸",
    "婷停", "雪雷", "倩债", "欣欧", "怡治", "琳淋", "莹萤", "晶品", "璐潞", "慧彗", "媛援", "悦锐", "洋样",
    "茜西", "梓锌", "涵函", "语浯", "依衣", "曦羲", "沐休", "妍研", "轩轲", "博傅", "宇字", "泽译", "熙煕",
    "睿赛", "俊浚", "皓浩", "诺若", "辰晨", "奕弈", "强弹", "刚钢", "斌赋",
    "波彼", "峰锋烽", "辉挥", "亮高", "建健", "华毕", "德得", "志忘", "永水", "福副",
    "宝室", "山仙", "林材", "成戌戍", "珍诊", "桂挂", "芳芬", "凤风", "琴珡", "云去", "淑椒", "霞露", "香杳",
    "莲连", "翠羽", "菊掬", "荣营", "巧朽", "薛薜", "汪江", "姜美", "崔催", "钟种", "谭潭", "范苑", "金全",
    "石右", "廖寥", "夏复", "付什", "白自", "邹郐", "孟盂", "熊能", "秦泰", "邱丘", "阎闫", "段假", "龙尤", "史吏",
    "陶淘", "黎犁", "贺资", "顾颀", "毛手", "郝赫", "龚袭", "邵召", "万方", "严广", "覃贾", "孔扎", "向何",
    "温湿", "康庚", "施旋", "文丈", "樊焚", "葛曷", "安按", "齐斋", "易昜", "乔侨", "伍五", "庞宠", "倪睨",
    "庄压", "聂摄", "章童", "鲁鱼", "岳兵", "翟瞿", "殷般", "詹瞻", "申由甲田", "欧殴", "耿联", "焦集", "俞愈", "左在",
    "柳卯", "祝况", "包句", "旭旮", "旻昱", "喆哲", "堃坤", "翀冲", "振震", "彬杉", "佳住", "玲铃", "萍苹", "红江",
    "丹舟", "嘉喜", "昊吴", "炎淡", "瑞端", "祥详", "胜性", "春舂", "冬各", "子了", "宁宇",
)  # fmt: skip


def _representatives() -> dict[int, str]:
    found: dict[int, str] = {}
    for group in GROUPS:
        # a character in two groups belongs to the first: shapes are classes, and a class must not chain to another
        free = [c for c in group if ord(c) not in found]
        if len(free) > 1:
            found |= {ord(c): free[0] for c in free}
    return found


SHAPES = _representatives()
"""For ``str.translate``: every listed character becomes the first of its group."""
