"""The file of verdicts: what is said to be recorded is there, and a line that was cut off does no harm."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assets.review.sheet import defused
from assets.verdicts import Verdict, VerdictsDamaged, append_verdicts, read_verdicts, standing, verdicts_path
from resources.settings import Settings


def verdict(pair: int, said: str, by: str = "Wang") -> Verdict:
    names = {"left": ("a",), "right": ("b",)}
    return Verdict.model_validate(
        {"pair": f"p_{pair:016x}", "verdict": said, "by": by, "at": datetime(2026, 11, 20, tzinfo=UTC), **names}
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, config=tmp_path / "config")


def test_the_last_word_stands_and_nothing_is_taken_out(settings: Settings) -> None:
    assert read_verdicts(settings) == []
    append_verdicts(settings, [verdict(1, "same"), verdict(2, "unsure")])
    append_verdicts(settings, [verdict(1, "different"), verdict(2, "undone")])
    known = read_verdicts(settings)
    assert len(known) == 4
    assert {p: v.verdict for p, v in standing(known).items()} == {f"p_{1:016x}": "different"}
    assert len(standing(read_verdicts(settings, 2))) == 2, "as it was before the later two"


def test_a_line_cut_off_by_a_crash_is_forgotten(settings: Settings) -> None:
    append_verdicts(settings, [verdict(1, "same")])
    with verdicts_path(settings).open("a", encoding="utf-8") as file:
        file.write('{"pair": "p_00')
    assert len(read_verdicts(settings)) == 1
    append_verdicts(settings, [verdict(2, "same")])
    assert [v.pair for v in read_verdicts(settings)] == [f"p_{n:016x}" for n in (1, 2)]
    assert verdicts_path(settings).stat().st_mode & 0o077 == 0


def test_a_damaged_line_is_named(settings: Settings) -> None:
    append_verdicts(settings, [verdict(1, "same")])
    with verdicts_path(settings).open("a", encoding="utf-8") as file:
        file.write("{}\n")
    with pytest.raises(VerdictsDamaged, match="line 2"):
        read_verdicts(settings)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_defused(text: str) -> None:
    assert defused(text) == "'" + text
    assert defused("张*") == "张*" and defused(None) == ""
