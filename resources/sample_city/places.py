"""Where the made-up communities lie: districts, streets and names of Hefei (public place names)."""

from __future__ import annotations

from dataclasses import dataclass

DISTRICTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("340104", "蜀山区", ("黄山路", "长江西路", "潜山路", "怀宁路", "望江西路", "休宁路", "井岗路", "石台路")),
    ("340111", "包河区", ("徽州大道", "宁国路", "太湖路", "马鞍山路", "庐州大道", "紫云路", "锦绣大道", "繁华大道")),
    ("340103", "庐阳区", ("濉溪路", "阜阳路", "沿河路", "蒙城北路", "清源路", "固镇路", "太和路", "灵璧路")),
    ("340102", "瑶海区", ("裕溪路", "明光路", "凤阳路", "长江东路", "站前路", "新安江路", "铜陵路", "和平路")),
    # a development zone: its code is in no GB/T 2260 table
    ("340171", "高新技术产业开发区", ("天达路", "科学大道", "习友路", "创新大道", "玉兰大道", "文曲路", "天乐路")),
)
"""(region code, district, streets)."""

_FIRST = (
    "翡翠", "金色", "绿城", "滨湖", "庐阳", "蜀麓", "天鹅", "望湖", "逍遥", "琥珀", "梦园", "奥林",
    "信地", "九溪", "紫蓬", "银杏", "海棠", "明珠", "碧水", "皖江", "杏林", "南淝", "大蜀", "翰林",
)  # fmt: skip
_SECOND = (
    "湖畔", "名邸", "阳光", "春天", "水岸", "半岛", "花都", "世家", "雅苑", "里程",
    "香榭", "学府", "云庭", "锦里", "康桥", "星城", "御景", "时光", "尚都", "和园",
)  # fmt: skip
_THIRD = ("花园", "小区", "家园", "新村", "公馆", "城", "苑", "庭", "府", "里", "湾")

COMPANY_WORDS = ("安居", "和顺", "万家", "绿源", "金辉", "天成", "瑞景", "恒信", "蓝盾", "众合", "祥云", "宜和", "博雅",
                 "永泰", "嘉华", "新城", "诚品", "翠微")  # fmt: skip


@dataclass(frozen=True)
class CommunityPlan:
    """One community: where it lies and how much is built. ``code`` is the 12-digit region and a serial number."""

    index: int
    code: str
    name: str
    alias: str
    region_code: str
    district: str
    street: str
    street_number: int
    buildings: int
    houses: int
    occupied: int
    residents: int
    vehicles: int
    phase_style: int
    """0 none, 1 期 (first and second building period), 2 区 (A and B part)."""


def community_name(index: int) -> tuple[str, str]:
    """The name and the longer form with its street, a different pair for each index below 5,280."""
    size = len(_FIRST) * len(_SECOND) * len(_THIRD)
    k = (index * 1_009 + 77) % size
    first, rest = _FIRST[k % len(_FIRST)], k // len(_FIRST)
    second, third = _SECOND[rest % len(_SECOND)], _THIRD[rest // len(_SECOND)]
    return first + second + third, f"{location(index)[2]}{first}{second}{third}"


def location(index: int) -> tuple[str, str, str, int]:
    """(region code, district, street, street number) of the community with that index."""
    region, district, streets = DISTRICTS[index % len(DISTRICTS)]
    return region, district, streets[(index // len(DISTRICTS)) % len(streets)], 8 + (index * 37) % 480
