"""The publications log: whoever changes it is found out, and a kill is not taken for tampering."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import settings as settings_
from hypothesis import strategies as st

from assets.receivers import log
from assets.receivers.log import LogDamaged, append, publications, verify
from resources.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(data=tmp_path / "data", config=tmp_path / "config")
    for n in range(5):
        append(found, [{"what": "publication", "receiver": f"r{n}", "release_id": "x"}])
    return found


def _file(settings: Settings) -> Path:
    (found,) = settings.publications.glob("2*.jsonl")
    return found


def test_an_untouched_log_holds(settings):
    found = verify(settings)
    assert (found.lines, found.faults) == (5, ())
    assert [line.said["n"] for line in publications(settings)] == [1, 2, 3, 4, 5]
    assert found.head == publications(settings)[-1].digest


@pytest.mark.parametrize("line", range(5))
@pytest.mark.parametrize("how", ["changed", "removed", "doubled", "inserted", "spaced", "not json"])
def test_a_line_that_was_tampered_with_is_found(settings, how, line):
    lines = _file(settings).read_text(encoding="utf-8").splitlines()
    forged = json.dumps({**json.loads(lines[line]), "receiver": "forged"}, sort_keys=True, ensure_ascii=False)
    lines[line : line + 1] = {
        "changed": [forged],
        "removed": [],
        "doubled": [lines[line]] * 2,
        "inserted": [lines[line], forged],
        "spaced": [lines[line].replace(": ", ":  ", 1)],
        "not json": ["{"],
    }[how]
    _file(settings).write_text("".join(f"{x}\n" for x in lines), encoding="utf-8")
    assert verify(settings).faults


def test_lines_that_changed_places_are_found(settings):
    lines = _file(settings).read_text(encoding="utf-8").splitlines()
    lines[1], lines[2] = lines[2], lines[1]
    _file(settings).write_text("".join(f"{x}\n" for x in lines), encoding="utf-8")
    assert verify(settings).faults


def test_a_missing_head_or_log_is_found_and_nothing_is_given(settings):
    head = settings.publications / "head.json"
    said = head.read_text()
    head.unlink()
    assert verify(settings).faults
    with pytest.raises(LogDamaged, match="head"):
        append(settings, [{"what": "publication"}])
    head.write_text(said)
    text = _file(settings).read_text()
    _file(settings).write_text("".join(text.splitlines(keepends=True)[:2]))
    with pytest.raises(LogDamaged, match="backup"):
        append(settings, [{"what": "publication"}])


@pytest.mark.parametrize("cut", [0, 1, 40, None])
def test_a_line_cut_off_by_a_kill_is_finished(settings, cut):
    *before, last = _file(settings).read_text(encoding="utf-8").splitlines(keepends=True)
    kept = last[:cut] if cut is not None else last.rstrip("\n")
    _file(settings).write_text("".join(before) + kept, encoding="utf-8")
    append(settings, [{"what": "publication", "receiver": "next", "release_id": "x"}])
    assert (verify(settings).lines, verify(settings).faults) == (6, ())


@example([{"\x85": "\u2028"}])
@settings_(max_examples=25, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3), max_size=6))
def test_any_entry_can_be_told(tmp_path_factory, entries):
    settings = Settings(data=tmp_path_factory.mktemp("log"), config=Path("config"))
    append(settings, entries)
    assert (verify(settings).lines, verify(settings).faults) == (len(entries), ())


def test_a_year_goes_three_years_after_it_ended(settings, monkeypatch):
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(datetime.now(UTC).year + 4, 6, 1, tzinfo=tz)

    monkeypatch.setattr(log, "datetime", Later)
    append(settings, [{"what": "publication", "receiver": "late", "release_id": "y"}])
    found = publications(settings)
    assert [line.said["n"] for line in found] == [6]
    assert verify(settings).faults == ()
    (settings.publications / found[0].place.split(":")[0]).write_text("")
    assert verify(settings).faults
