"""Made-up personal names with the skew of real ones: a few surnames cover half the people, given names follow the
generation, so homonyms are as common as in a real register."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources.sample_city.arrays import take

_TOP = (
    ("王", 7.1), ("李", 7.0), ("张", 6.7), ("刘", 5.2), ("陈", 4.6), ("杨", 3.2), ("黄", 2.4), ("赵", 2.3), ("吴", 2.3),
    ("周", 2.1), ("徐", 1.8), ("孙", 1.6), ("马", 1.4), ("朱", 1.4), ("胡", 1.3), ("郭", 1.2), ("何", 1.2), ("高", 1.1),
    ("林", 1.1), ("罗", 1.0),
)  # fmt: skip
_REST = (
    "郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"
    "闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包"
)
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "端木", "夏侯")

SURNAMES = pa.array([s for s, _ in _TOP] + list(_REST) + list(_COMPOUND))
_WEIGHTS = np.array([w for _, w in _TOP] + [0.95 * 0.975**i for i in range(len(_REST))] + [0.02] * len(_COMPOUND))
_WEIGHTS /= _WEIGHTS.sum()

_GIVEN = {
    ("male", 0): "国建明华军平志德文永福贵生根宝山林海富成",
    ("male", 1): "军勇伟强刚斌杰涛波峰辉鹏超毅亮海东民平俊",
    ("male", 2): "浩宇鑫磊杰俊晨阳博文凯龙飞翔帅凡超旭健康",
    ("male", 3): "梓轩子涵浩然宇辰奕泽沐熙博睿铭恩俊皓一诺",
    ("female", 0): "秀英兰珍玉桂芳凤琴素云淑霞香莲翠菊花荣巧",
    ("female", 1): "丽敏静燕娟艳红霞梅萍玲芬芳琴娜莉洁惠春华",
    ("female", 2): "婷雪倩颖佳欣怡梦琳莹晶璐慧敏丹蕾媛悦洋茜",
    ("female", 3): "梓涵欣怡诗雨桐语若馨一诺可依晨曦沐妍悦心",
}
_RARE = pa.array(["䶮", "㛃", "𬭎", "𠮷", "喆", "堃", "翀", "旻"])
_TURKIC = pa.array(["阿依古丽", "古丽娜尔", "买买提", "艾合买提", "努尔兰", "热依拉", "帕提古丽", "吐尔逊", "卡德尔"])
_FOREIGN_LAST = pa.array(
    ["SMITH", "MUELLER", "TANAKA", "KIM", "NGUYEN", "IVANOV", "GARCIA", "KHAN", "DUPONT", "OKAFOR"]
)
_FOREIGN_FIRST = pa.array(["ANNA", "JOHN", "YUKI", "MINSU", "LINH", "OLEG", "MARIA", "IMRAN", "CLAIRE", "PETER"])


def surname_indices(rng: np.random.Generator, n: int) -> np.ndarray:
    """``n`` positions in :data:`SURNAMES`, drawn with the real frequencies."""
    return rng.choice(len(SURNAMES), n, p=_WEIGHTS)


def _zipf(n: int) -> np.ndarray:
    w = 1.0 / (np.arange(n) + 3.0)
    return w / w.sum()


def full_names(
    rng: np.random.Generator, surname: np.ndarray, female: np.ndarray, birth_year: np.ndarray
) -> pa.StringArray:
    """Han names for people of given surname position, sex and birth year; about 0.3 % hold a rare character."""
    n = len(surname)
    generation = np.digitize(birth_year, (1962, 1982, 2003))
    first = np.empty(n, dtype=object)
    second = np.empty(n, dtype=object)
    for (sex, g), characters in _GIVEN.items():
        chosen = np.flatnonzero((female == (sex == "female")) & (generation == g))
        pool = np.array(list(characters), dtype=object)
        weights = _zipf(len(pool))
        first[chosen] = rng.choice(pool, len(chosen), p=weights)
        second[chosen] = rng.choice(pool[::-1], len(chosen), p=weights)
    single = rng.random(n) < np.where(generation >= 3, 0.08, 0.22)
    second[single] = ""
    rare = np.flatnonzero(rng.random(n) < 0.003)
    first[rare] = np.array(_RARE.to_pylist(), dtype=object)[rng.integers(0, len(_RARE), len(rare))]
    return pc.binary_join_element_wise(take(SURNAMES, surname), pa.array(first), pa.array(second), "")


def dotted_names(rng: np.random.Generator, n: int) -> pa.StringArray:
    """Names of the form given·father's name, U+00B7 between."""
    a, b = (take(_TURKIC, rng.integers(0, len(_TURKIC), n)) for _ in range(2))
    return pc.binary_join_element_wise(a, b, "·")


def foreign_names(rng: np.random.Generator, n: int) -> pa.StringArray:
    """Latin names as a passport's machine-readable line writes them: family name, given name."""
    last = take(_FOREIGN_LAST, rng.integers(0, len(_FOREIGN_LAST), n))
    return pc.binary_join_element_wise(last, take(_FOREIGN_FIRST, rng.integers(0, len(_FOREIGN_FIRST), n)), " ")
