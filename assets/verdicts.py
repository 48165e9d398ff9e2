"""What reviewers decided about pairs of records: an append-only file that belongs to no release.

One JSON object a line in ``<data>/reviews/verdicts.jsonl``. Nothing is ever changed or taken out: the last line about
a pair is what stands, and ``undone`` takes the pair back to where nobody had decided.

A pair is kept by the lasting names of its records, not by rows or ids: rows move with every delivery, and an id goes
when ``same`` joins it to another. A lasting name (``sql/record_names.sql``) is a digest of company, feed and the
company's own record key and the name, or, without a key, of what the record says about the person. So it outlives
new files and new row numbers, and changes when the record tells of somebody else. A side bears the names of up to ten
records that were one entity when the verdict was given; the first that is delivered tonight stands for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from resources.files import append_lines, whole_lines
from resources.lock import exclusive
from resources.settings import Settings

Decision = Literal["same", "different", "unsure"]
_WAIT_SECONDS = 10.0


class VerdictsDamaged(RuntimeError):
    """The file of verdicts has a line that cannot be read; the message names file and line."""


class Verdict(BaseModel):
    """One line: what ``by`` decided about a pair, and when (with time zone)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pair: str = Field(pattern=r"^p_[0-9a-f]{16}$")
    verdict: Decision | Literal["undone"]
    left: tuple[str, ...] = Field(min_length=1)
    right: tuple[str, ...] = Field(min_length=1)
    by: str = Field(min_length=1, max_length=100)
    at: datetime
    note: str = Field("", max_length=1000)


def verdicts_path(settings: Settings) -> Path:
    """Where the verdicts are."""
    return settings.reviews / "verdicts.jsonl"


def read_verdicts(settings: Settings, lines: int | None = None) -> list[Verdict]:
    """All verdicts in the order they were given, or the first ``lines`` of them. Raises :class:`VerdictsDamaged`."""
    path = verdicts_path(settings)
    return [_parse(path, number, text) for number, text in enumerate(whole_lines(path)[:lines], start=1)]


def _parse(path: Path, number: int, text: str) -> Verdict:
    try:
        return Verdict.model_validate_json(text)
    except ValidationError as e:
        raise VerdictsDamaged(
            f"{path}, line {number}: not a verdict ({e.errors()[0]['msg']}); take the file back from its backup"
        ) from e


def append_verdicts(settings: Settings, verdicts: Sequence[Verdict]) -> None:
    """Add verdicts, on disk when this returns. Raises :class:`resources.lock.Held` while another process writes."""
    if not verdicts:
        return
    path = verdicts_path(settings)
    with exclusive(path.with_name(".verdicts.lock"), "writing verdicts", _WAIT_SECONDS):
        append_lines(path, (v.model_dump_json() for v in verdicts))


def standing(verdicts: Iterable[Verdict]) -> dict[str, Verdict]:
    """The verdict that stands for each pair, in the order they were given."""
    found: dict[str, Verdict] = {}
    for verdict in verdicts:
        found.pop(verdict.pair, None)
        if verdict.verdict != "undone":
            found[verdict.pair] = verdict
    return found
