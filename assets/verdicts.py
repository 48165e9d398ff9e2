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

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from resources.files import fsync_path
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
    if not path.exists():
        return []
    # what follows the last line end was being written when its process died, and was never said to be recorded
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    texts = whole.split("\n")[:lines] if whole else []
    return [_parse(path, number, text) for number, text in enumerate(texts, start=1)]


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
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with exclusive(path.with_name(".verdicts.lock"), "writing verdicts", _WAIT_SECONDS):
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(fd, "rb+") as file:
            file.truncate(file.read().rfind(b"\n") + 1)  # of a process that died while it wrote
            file.seek(0, os.SEEK_END)
            file.write("".join(v.model_dump_json() + "\n" for v in verdicts).encode())
            file.flush()
            os.fsync(file.fileno())
    fsync_path(path.parent)


def standing(verdicts: Iterable[Verdict]) -> dict[str, Verdict]:
    """The verdict that stands for each pair, in the order they were given."""
    found: dict[str, Verdict] = {}
    for verdict in verdicts:
        found.pop(verdict.pair, None)
        if verdict.verdict != "undone":
            found[verdict.pair] = verdict
    return found
