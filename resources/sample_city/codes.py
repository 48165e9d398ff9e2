"""The code spellings companies use. Vendors disagree, so each set says whether the feed file must explain it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Codes:
    """``sent``: field -> canonical value -> text in the export. ``declared``: the fields that a feed file explains,
    because no standard does."""

    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()

    def __or__(self, other: Codes) -> Codes:
        return Codes({**self.sent, **other.sent}, self.declared | other.declared)

    def feed_codes(self, fields: set[str]) -> dict[str, dict[str, str]]:
        """The ``codes`` of a feed file: field -> sent text -> canonical value."""
        return {f: {s: c for c, s in self.sent[f].items()} for f in self.sent if f in self.declared and f in fields}


def _standard(**sent: dict[str, str]) -> Codes:
    return Codes(sent)


def _vendor(**sent: dict[str, str]) -> Codes:
    return Codes(sent, frozenset(sent))


SEX_12 = _standard(sex={"male": "1", "female": "2"})
SEX_ZH = _standard(sex={"male": "男", "female": "女"})
SEX_EN = _standard(sex={"male": "M", "female": "F"})
SEX_10 = _vendor(sex={"male": "1", "female": "0"})
SEX_REVERSED = _vendor(sex={"female": "1", "male": "2"})

ID_TYPE_ZH = _standard(id_type={"resident_id": "身份证", "passport": "护照"})
PERSON_PLATFORM = _standard(
    id_type={"resident_id": "111", "passport": "414"},
    population_type={"permanent": "1", "floating": "2", "overseas": "3"},
    relation_to_head={
        "self": "0", "spouse": "1", "son": "2", "daughter": "3", "grandchild": "4", "parent": "5", "sibling": "7",
        "other": "8", "not_related": "99",
    },
)  # fmt: skip
PERSON_ZH = _standard(
    population_type={"permanent": "常住人口", "floating": "流动人口", "overseas": "境外人员"},
    relation_to_head={
        "self": "户主", "spouse": "配偶", "son": "子", "daughter": "女", "grandchild": "孙子女", "parent": "父母",
        "sibling": "兄弟姐妹", "other": "其他", "not_related": "非亲属",
    },
)  # fmt: skip

ROLE_ZH = _standard(role={"owner": "业主", "family": "家属", "tenant": "租客"})
ROLE_EN = _vendor(role={"owner": "OWNER", "family": "FAMILY", "tenant": "TENANT"})
ROLE_NUMBERS = _vendor(role={"owner": "1", "family": "3", "tenant": "5"})

HOUSE_ZH = _standard(
    use={"residential": "住宅", "commercial": "商业", "mixed": "综合", "office": "办公"},
    tenure={"private": "私有", "state": "国有", "collective": "集体", "shares": "股份制"},
    status={"owner_occupied": "自住", "let": "出租", "vacant": "空置"},
)
HOUSE_PLATFORM = _standard(
    use={"residential": "2", "commercial": "3", "mixed": "1", "office": "6"},
    tenure={"private": "30", "state": "10", "collective": "20", "shares": "50"},
    status={"owner_occupied": "2", "let": "1", "vacant": "4"},
)

VEHICLE_ZH = _standard(
    plate_class={
        "small": "小型汽车",
        "new_energy_small": "小型新能源汽车",
        "large": "大型汽车",
        "training": "教练汽车",
        "hk_entry": "香港入出境车",
        "macao_entry": "澳门入出境车",
    },
    plate_colour={"blue": "蓝", "green": "绿", "yellow": "黄", "black": "黑"},
    vehicle_type={"car": "小型轿车", "suv": "SUV", "van": "面包车", "truck": "货车"},
    body_colour={"white": "白色", "black": "黑", "silver": "银色", "grey": "灰", "red": "红色", "blue": "蓝"},
)
VEHICLE_NUMBERS = _standard(
    plate_class={
        "small": "02",
        "new_energy_small": "52",
        "large": "01",
        "training": "16",
        "hk_entry": "26",
        "macao_entry": "27",
    },
    vehicle_type={"car": "K33", "suv": "K32", "van": "K31", "truck": "H31"},
) | _vendor(
    plate_colour={"blue": "0", "yellow": "1", "black": "3", "green": "4"},
    body_colour={"white": "A", "black": "J", "silver": "M", "grey": "B", "red": "E", "blue": "H"},
)

DIRECTION_ZH = _standard(direction={"in": "进", "out": "出"})
DIRECTION_EN = _standard(direction={"in": "ENTRANCE", "out": "EXIT"})
DIRECTION_10 = _vendor(direction={"in": "1", "out": "0"})
DIRECTION_123 = _vendor(direction={"in": "1", "out": "2"})
DIRECTION_REVERSED = _vendor(direction={"in": "0", "out": "1"})

METHOD_ZH = _standard(method={"card": "刷卡", "face": "人脸", "app": "手机开门", "plate": "车牌识别"})
METHOD_PLATFORM = _vendor(method={"card": "1", "face": "2", "app": "5", "plate": "7"})
KIND_ZH = _standard(subject_kind={"resident": "业主", "vehicle": "车辆", "visitor": "访客", "unknown": "陌生人"})
KIND_EN = _vendor(subject_kind={"resident": "1", "visitor": "2", "vehicle": "4", "unknown": "9"})
