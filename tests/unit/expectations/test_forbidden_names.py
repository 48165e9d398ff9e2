"""Columns that no database may have, by any of the names they go by; and the contract's own, which must pass."""

from __future__ import annotations

import pytest

from expectations.contracts.tables import TABLES
from expectations.privacy import is_forbidden

FORBIDDEN = {
    "watch list": ("watch_list", "WatchList", "blacklist", "key_person", "suspect", "zhongdianren", "hei_ming_dan",
                   "重点人员", "黑名单", "布控状态", "管控级别", "涉稳"),
    "ethnicity": ("ethnicity", "ethnic_group", "race", "minzu", "mz", "mzdm", "民族"),
    "native place": ("native_place", "jiguan", "jg", "jgdm", "籍贯"),
    "trace": ("trace", "track_points", "trajectory", "movement", "whereabouts", "guiji", "xingzong", "轨迹", "行踪"),
    "biometrics": ("face_image", "faceUrl", "fingerprint", "人脸特征", "抓拍图片"),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for names in FORBIDDEN.values() for name in names])
def test_a_forbidden_column_is_known_by_its_name(name: str) -> None:
    assert is_forbidden(name)


def test_no_column_of_the_contract_is_one() -> None:
    named = {n for t in TABLES.values() for c in t.columns for n in (c.name, c.published_name)}
    assert [n for n in sorted(named) if is_forbidden(n)] == []
