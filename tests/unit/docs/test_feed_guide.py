"""The guide for adding a company is up to date, and its examples work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from expectations.feed_docs import feed_json_schema, guide, schema_text
from expectations.feeds import Company

DOCS = Path(__file__).resolve().parents[3] / "docs"
GUIDE = (DOCS / "feeds.md").read_text(encoding="utf-8")
EXAMPLES = [b for b in re.findall(r"```yaml\n(.*?)```", GUIDE, re.S) if "company:" in b]


def test_the_reference_is_up_to_date():
    assert guide(GUIDE) == GUIDE, "run: python -m expectations.feed_docs"


def test_the_schema_is_up_to_date():
    assert (DOCS / "feed.schema.json").read_text(encoding="utf-8") == schema_text(), (
        "run: python -m expectations.feed_docs"
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_are_feed_files(example):
    company = Company.model_validate(yaml.safe_load(example))
    assert company.company == "binhu"


def test_the_smallest_is_four_lines():
    assert len(EXAMPLES[0].strip().splitlines()) == 4


def test_the_schema_asks_no_more_than_the_reader():
    feed = feed_json_schema()["$defs"]["Feed"]
    assert feed["required"] == ["files"]
    assert feed["properties"]["files"]["anyOf"][0] == {"type": "string"}
