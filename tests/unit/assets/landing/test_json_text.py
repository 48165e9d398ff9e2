"""Taking JSON lists apart without parsing them, against the standard library."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.landing.errors import LandingError
from assets.landing.readers import json_text
from assets.landing.readers.json_text import split_records
from assets.landing.sniff import TextFacts, Utf8Stream

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a中"\\{}[],:\n '), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), max_size=6)


def split(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with Utf8Stream(path, TextFacts("utf-8")) as stream:
        return [s for batch in split_records(stream, text.index("[") + 1, "f") for s in batch.to_pylist()]


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.booleans(), st.integers(16, 80))
def test_the_records_are_those_of_a_parser(tmp_path_factory, records, ascii_only, block):
    path = tmp_path_factory.getbasetemp() / "list.json"
    text = json.dumps(records, ensure_ascii=ascii_only, indent=1)
    before, json_text.BLOCK = json_text.BLOCK, block
    try:
        assert [json.loads(s) for s in split(path, text)] == records
        assert [json.loads(s) for s in split(path, text + ', {"after": 1}')] == records
    finally:
        json_text.BLOCK = before


@pytest.mark.parametrize("cut", range(1, 30, 4))
def test_a_list_that_is_never_closed_is_refused(tmp_path, cut):
    records = [{"a": i, "b": "x" * 40} for i in range(3)]
    with pytest.raises(LandingError, match=r"ends in the middle of row [34]"):
        split(tmp_path / "list.json", json.dumps(records)[:-cut])
