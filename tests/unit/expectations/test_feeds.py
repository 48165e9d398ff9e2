"""A feed file that is wrong says which key, and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from expectations.contracts.datasets import DATASETS
from expectations.contracts.headers import built_in_aliases, fold_header
from expectations.contracts.sensitive import sensitive_kind
from expectations.feeds import FeedError, load_companies, load_company

BASE = {
    "company": "acme",
    "name": "某物业",
    "communities": [{"name": "滨湖明珠"}],
    "feeds": {"residents": {"files": "*.csv"}},
}


def load(tmp_path: Path, **changes: object):
    path = tmp_path / "acme.yaml"
    path.write_text(yaml.safe_dump({**BASE, **changes}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_company(path)


def feed(**keys: object) -> dict[str, object]:
    return {"feeds": {"residents": {"files": "*.csv", **keys}}}


def test_four_lines_are_enough(tmp_path):
    company = load(tmp_path)
    assert company.feeds["residents"].dataset == "residents"
    assert company.feeds["residents"].mode == "snapshot"
    assert company.feeds["residents"].files == ("*.csv",)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"colour": "red"}, ["colour: unknown key", "communities", "fresh_within_hours"]),
        (feed(file="*.csv"), ["feeds.residents.file: unknown key", "files", "headers"]),
        (feed(time={"fmt": "auto"}), ["time.fmt: unknown key", "format, zone"]),
        (feed(time={"zone": "Hefei"}), ["Asia/Shanghai"]),
        ({"communities": [{"name": "甲", "colour": 1}]}, ["communities.0.colour: unknown key", "region_code"]),
        ({"contact": {"fax": "1"}}, ["contact.fax: unknown key", "email"]),
        (feed(codes={"sex": {"1": "man"}}), ["codes.sex.1: 'man' is not allowed", "male, female"]),
        (feed(codes={"phone": {"1": "x"}}), ["codes.phone: this field takes no codes"]),
        (feed(codes={"gender": {"1": "male"}}), ["codes.gender", "no such field", "sex"]),
        (feed(headers={"mobile": "手机"}), ["headers.mobile", "no such field", "phone"]),
        (feed(headers={"phone": "号码", "id_number": "(号码)"}), ["'(号码)' is given to both phone and id_number"]),
        (feed(headers={"role": "民族"}), ["headers.role", "ethnicity", "never taken in"]),
        (feed(constants={"town": "x"}), ["constants.town", "community"]),
        (feed(encoding="latin-1"), ["feeds.residents.encoding", "gb18030"]),
        (feed(mode="append"), ["mode append is for access_events"]),
        (feed(mode="full"), ["feeds.residents.mode", "snapshot"]),
        (feed(delimiter="::"), ["feeds.residents.delimiter"]),
        ({"feeds": {"people": {"files": "*"}}}, ["feeds.people.dataset"]),
        ({"feeds": {"residents": {}}}, ["feeds.residents.files"]),
        ({"communities": [{"name": "甲"}, {"name": "乙", "aliases": ["甲"]}]}, ["'甲' names two communities"]),
        ({"uscc": "91340100MA2N00000X"}, ["GB 32100"]),
        ({"company": "other"}, ["'other'", "'acme'"]),
    ],
)
def test_an_error_names_the_key_and_what_is_allowed(tmp_path, changes, says):
    with pytest.raises(FeedError) as error:
        load(tmp_path, **changes)
    message = str(error.value)
    assert message.startswith("acme.yaml: ")
    for part in says:
        assert part in message


def test_every_wrong_key_is_named_at_once(tmp_path):
    with pytest.raises(FeedError, match=r"a: unknown key.*b: unknown key"):
        load(tmp_path, a=1, b=2)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a: [1, 2", r"(?s)not readable as YAML.*line 1.*a: \[1, 2\n *\^"),
        ("公司: 甲".encode("gb18030"), "not UTF-8"),
        (b"- a\n", "expected keys such as"),
    ],
)
def test_what_is_no_feed_file_says_so(tmp_path, content, says):
    path = tmp_path / "acme.yaml"
    path.write_bytes(content)
    with pytest.raises(FeedError, match=says):
        load_company(path)


def test_a_broken_file_hides_no_other(tmp_path):
    load(tmp_path)
    (tmp_path / "bad.yaml").write_text("x: 1")
    good, bad = load_companies(tmp_path)
    assert list(good) == ["acme"]
    assert list(bad) == ["bad"]


def test_numbers_in_code_maps_are_text(tmp_path):
    path = tmp_path / "acme.yaml"
    path.write_text(yaml.safe_dump(BASE) + "", encoding="utf-8")
    text = path.read_text().replace("files: '*.csv'", "files: '*.csv'\n    codes: {sex: {1: female, 2: male}}")
    path.write_text(text)
    assert load_company(path).feeds["residents"].codes == {"sex": {"1": "female", "2": "male"}}


def test_the_fingerprint_follows_what_decides_the_reading(tmp_path):
    def changed(**changes):
        before, after = load(tmp_path), load(tmp_path, **changes)
        kinds = ("fingerprint", "headers_fingerprint", "judging_fingerprint")
        return [k for k in kinds if getattr(before, k)("residents") != getattr(after, k)("residents")]

    assert changed(trust=90) == changed(**feed(files="*.txt")) == []
    assert changed(**feed(constants={"unit": "1"})) == changed(**feed(encoding="gbk")) == ["fingerprint"]
    assert changed(**feed(ignore="备注")) == changed(**feed(headers={"role": "类"})) == ["headers_fingerprint"]
    assert changed(**feed(codes={"sex": {"1": "male"}})) == ["judging_fingerprint"]


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda d: d.name)
def test_a_well_known_header_means_one_field_and_nothing_sensitive(dataset):
    headers = [fold_header(h) for f in dataset.fields for h in f.headers]
    assert sorted(headers) == sorted(set(headers))
    assert len(built_in_aliases(dataset)) == len(headers)
    assert [h for h in headers if sensitive_kind(h)] == []
