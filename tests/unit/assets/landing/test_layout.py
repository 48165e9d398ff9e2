"""Finding the header and mapping it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.landing.errors import LandingError
from assets.landing.layout import Mapper
from assets.landing.rows import kind_of_odd_row
from expectations.feeds import Company


def mapper(dataset: str = "residents", communities: int = 2, **keys: object) -> Mapper:
    company = Company.model_validate(
        {
            "company": "acme",
            "name": "某物业",
            "communities": [{"name": f"小区{i}"} for i in range(communities)],
            "feeds": {dataset: {"files": "*", **keys}},
        }
    )
    return Mapper(company, dataset)


def test_folding():
    layout = mapper().map(["* 小 区（名称）", "【房号】", "ＸＭ", "IDCard"], "f")
    assert layout.fields == {"community": 0, "room": 1, "name": 2, "id_number": 3}


def test_what_the_feed_declares_wins():
    found = mapper(headers={"phone": "联系人"}, ignore=["性别"]).map(
        ["小区", "房号", "姓名", "手机", "联系人", "性别"], "f"
    )
    assert found.fields["phone"] == 4
    assert found.drift == ("手机",)
    assert "sex" not in found.fields


def test_drift_ordinals_and_what_is_never_taken():
    found = mapper().map(["序号", "小区", "房号", "姓名", "业主等级", "*民族", "faceUrl", ""], "f")
    assert found.drift == ("业主等级",)
    assert found.dropped == (("*民族", "ethnicity"), ("faceUrl", "biometrics"))
    assert found.withheld == {5, 6}


def test_a_value_in_the_header_row_is_not_told():
    found = mapper().map(["小区", "房号", "姓名", "13812345678", "皖A·12345", "民族340199199001010012"], "f")
    assert found.drift == ("(a value, not shown)",) * 2
    assert found.dropped == (("(a value, not shown)", "ethnicity"),)
    with pytest.raises(LandingError) as error:
        mapper().map(["小区", "房号", "电话", "340199199001010012"], "f")
    assert "3401" not in error.value.message + error.value.message_zh


@pytest.mark.parametrize(
    ("dataset", "names", "missing"),
    [
        ("residents", ["小区", "房号"], "name"),
        ("residents", ["房号", "姓名"], "community or community_code"),
        ("residents", ["小区", "姓名"], "building or room or address"),
        ("houses", ["小区", "面积"], "building or room or address"),
        ("vehicles", ["小区", "车主"], "plate"),
        ("access_events", ["小区", "通道"], "occurred_at"),
    ],
)
def test_a_missing_column_is_named(dataset, names, missing):
    with pytest.raises(LandingError) as error:
        mapper(dataset).map(names, "f.csv")
    assert error.value.code == "missing_column"
    assert f"no column for {missing}." in error.value.message


def test_constants_and_a_single_community_stand_in():
    mapper(constants={"name": "甲", "room": "1"}, communities=1).map(["电话"], "f")
    mapper("vehicles", communities=1).map(["车牌"], "f")


@pytest.mark.parametrize(
    ("rows", "row", "names"),
    [
        ([["登记表"], ["小区", "姓名"], ["甲", "张三"]], 2, ("小区", "姓名")),
        ([["业主", "", "房屋", ""], ["姓名", "电话", "楼栋", "房号"]], 2, ("姓名", "电话", "楼栋", "房号")),
        ([["小区", "房屋", "", "姓名"], ["", "楼栋", "房号", ""]], 2, ("小区", "楼栋", "房号", "姓名")),
        ([["小区", "姓名"], ["甲", "张三"], ["小区", "姓名"]], 1, ("小区", "姓名")),
        # a name that looks like a header in the data does not make a second header row
        ([["小区", "身份", "姓名"], ["甲", "业主", "姓名"]], 1, ("小区", "身份", "姓名")),
    ],
)
def test_the_header_is_found(rows, row, names):
    header = mapper().find_header(rows)
    assert header is not None
    assert (header.row, header.names) == (row, names)


def test_a_group_above_gives_the_full_name():
    header = mapper("vehicles").find_header([["小区", "车牌", "车主", None], [None, None, "电话", "姓名"]])
    assert header is not None
    assert header.names == ("小区", "车牌", "车主电话", "车主姓名")


def test_no_header():
    assert mapper().find_header([["甲", "3", "张三"], []]) is None


FOOTERS = (
    "合计 合\u3000计：12 总计,3 3号楼小计 本页小计 （合计） Total 制表人：某 制表：某 "
    '打印时间:2026-11-20 审核人 备注：无 共1,322户 第1页 "合计"'
)


@pytest.mark.parametrize("text", FOOTERS.split(" "))
def test_footers(text):
    assert kind_of_odd_row(text, ",") == "footer"


@pytest.mark.parametrize(
    "text", ["张三", "共青城花园", "注册中心", "第一小区", "打印店", "总后小区", "小计生", "统计局", "Totally"]
)
def test_no_footers(text):
    assert kind_of_odd_row(text, ",") == "malformed"


@given(st.lists(st.lists(st.text(max_size=6), max_size=5), max_size=30))
def test_no_grid_breaks_the_search(rows):
    m = mapper()
    header = m.find_header(rows)
    if header is not None:
        assert header.hits > 0
        m.fit(header, rows)
