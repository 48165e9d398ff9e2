"""What is never taken in, whatever a feed sends: the columns dropped at landing.

The Personal Information Protection Law asks for the minimum necessary (art. 6) and treats biometrics, beliefs and
health as sensitive (art. 28). A header that matches is dropped before a value is written anywhere, and reported by
name. There is no setting to let one through.
"""

from __future__ import annotations

import re

NEVER_TAKEN: dict[str, tuple[str, ...]] = {
    "biometrics": (
        "人脸",
        "面部",
        "头像",
        "照片",
        "相片",
        "抓拍",
        "图片",
        "指纹",
        "虹膜",
        "face(?!_?id$)",
        "photo",
        "picture",
        "image",
        "snap",
        "picurl",
        "fingerprint",
        "feature",
    ),
    "ethnicity": ("民族", "^mz(dm)?$", "minzu", "ethnic", "nation$", "^race$"),
    "native_place": ("籍贯", "^jg(dm)?$", "^jiguan", "native"),
    "religion": ("宗教", "信仰", "^zjxy(dm)?$", "religio"),
    "politics": ("政治面貌", "党员", "党派", "^zzmm(dm)?$", "politic"),
    "marital_status": ("婚姻", "婚否", "^hyzk(dm)?$", "marital", "marriage"),
    "military_status": ("兵役", "服役", "退役", "^byzk(dm)?$", "military"),
    "health": ("健康", "病史", "疾病", "残疾", "血型", "疫苗", "核酸", "health", "disease", "vaccin"),
    "watch_list": (
        "重点人",
        "黑名单",
        "布控",
        "管控",
        "关注人员",
        "涉稳",
        "前科",
        "watchlist",
        "blacklist",
        "wanted",
        "keyperson",
        "suspect",
        "zhongdianren",
        "heimingdan",
        "bukong",
    ),
    "finance": ("银行", "卡号.*银行", "收入", "bank", "income"),
}
"""Kind -> regular expressions, searched in the header after lower case and removal of spaces and ``*()（）【】_-``."""

_PATTERNS = {kind: re.compile("|".join(words)) for kind, words in NEVER_TAKEN.items()}


def sensitive_kind(header: str) -> str | None:
    """The kind of sensitive data a header announces, or None.

    >>> sensitive_kind("*民族"), sensitive_kind("faceUrl"), sensitive_kind("姓名")
    ('ethnicity', 'biometrics', None)
    """
    folded = re.sub(r"[\s*()（）【】_\-]", "", header).lower()
    for kind, pattern in _PATTERNS.items():
        if pattern.search(folded):
            return kind
    return None
