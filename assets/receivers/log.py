"""The publications log: what was given to whom, when, for which purpose, and that nobody changed it since.

``publications/<year>.jsonl``, one JSON object a line, oldest first. Every line carries the digest of the line before
it, across the years, so a line that is changed, removed, moved or put in shows. ``publications/head.json`` holds the
lines written last and how many there were; it is written first, so a line that a kill kept from the log is not lost,
and the log cannot be shortened without it. A year is removed three years after it ended; the head then
holds the number of the last line that went with it.

The chain shows that the log was tampered with; it cannot stop somebody who may write both files from making a new one.
Note the head's digest elsewhere (``receivers verify`` prints it) where that matters.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from resources.files import fsync_path, write_text
from resources.lock import exclusive
from resources.settings import Settings

KEPT_YEARS = 3
GENESIS = "0" * 64
_WAIT_SECONDS = 60.0


class LogDamaged(RuntimeError):
    """The publications log was changed; the message names file and line."""


@dataclass(frozen=True)
class Line:
    """One line as it lies in the log. ``place`` is its file and number, from 1."""

    place: str
    text: str
    said: dict[str, Any]

    @property
    def digest(self) -> str:
        """What the next line must carry."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Verified:
    """What a check of the log found: its lines, the digest of the newest, and every fault."""

    lines: int
    head: str
    faults: tuple[str, ...]


def publications(settings: Settings) -> list[Line]:
    """Every line of the log, oldest first. Raises :class:`LogDamaged` for a line that is no JSON object."""
    return list(_lines(settings))


def _years(settings: Settings) -> list[Path]:
    return sorted(settings.publications.glob("[0-9][0-9][0-9][0-9].jsonl"))


def _lines(settings: Settings) -> Iterator[Line]:
    for path in _years(settings):
        for number, text in enumerate(_texts(path), start=1):
            place = f"{path.name}:{number}"
            try:
                said = json.loads(text)
                if not isinstance(said, dict):
                    raise ValueError("no object")
            except ValueError as e:
                raise LogDamaged(f"publications/{place}: not a line that this program wrote; it was changed") from e
            yield Line(place, text, said)


def _texts(path: Path) -> list[str]:
    # a line ends at a line feed alone: a name may hold one of the other characters that Python takes for an end
    text = path.read_text(encoding="utf-8")
    return text.removesuffix("\n").split("\n") if text else []


def _head(settings: Settings) -> dict[str, Any] | None:
    path = settings.publications / "head.json"
    try:
        found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    except ValueError as e:
        raise LogDamaged("publications/head.json is not what this program wrote; put it back from a backup") from e
    return found


def append(settings: Settings, entries: list[dict[str, Any]]) -> None:
    """Add entries to the log; each gets its number, the time and the digest of the line before.

    Raises :class:`LogDamaged` when the log's end is not what was written last: nothing is given to anybody then.
    """
    if not entries:
        return
    with exclusive(settings.publications / ".log.lock", "writing the publications log", _WAIT_SECONDS):
        _finish(settings)
        head = _head(settings) or {"lines": 0, "dropped": 0, "newest": []}
        before, count = _digest(head["newest"][-1]) if head["newest"] else GENESIS, int(head["lines"])
        now = datetime.now(UTC)
        texts = []
        for n, entry in enumerate(entries, start=count + 1):
            said = {**entry, "n": n, "at": now.isoformat(timespec="seconds"), "previous": before}
            texts.append(json.dumps(said, ensure_ascii=False, sort_keys=True))
            before = _digest(texts[-1])
        file = f"{now.year}.jsonl"
        _write_head(settings, {**head, "lines": count + len(texts), "file": file, "newest": texts})
        _write_lines(settings.publications / file, texts)
        _drop_old_years(settings)


def _write_head(settings: Settings, head: dict[str, Any]) -> None:
    write_text(settings.publications / "head.json", json.dumps(head, indent=1, ensure_ascii=False))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write_lines(path: Path, texts: list[str]) -> None:
    with path.open("a", encoding="utf-8") as f:
        f.write("".join(f"{text}\n" for text in texts))
        f.flush()
        os.fsync(f.fileno())
    path.chmod(0o600)
    fsync_path(path.parent)


def _finish(settings: Settings) -> None:
    """Write the lines that a kill kept from the log, or see that the newest are there."""
    head = _head(settings)
    if head is None:
        if _years(settings):
            raise LogDamaged("publications/head.json is missing; put it back from a backup (receivers verify)")
        return
    newest: list[str] = head["newest"]
    path = settings.publications / head["file"]
    _, _, cut = (path.read_text(encoding="utf-8") if path.exists() else "").rpartition("\n")
    if cut and any(text.startswith(cut) for text in newest):  # the line that was being written
        with path.open("r+b") as f:
            f.truncate(path.stat().st_size - len(cut.encode()))
    texts = [line.text for line in publications(settings)]
    missing = int(head["lines"]) - int(head["dropped"]) - len(texts)
    if 0 <= missing <= len(newest) and newest[: len(newest) - missing] == texts[len(texts) - len(newest) + missing :]:
        if missing:
            _write_lines(path, newest[-missing:])
        return
    raise LogDamaged(
        "publications: the newest line is not the one that was written last; nothing is given to anybody until the log "
        "is put back from a backup (receivers verify says where it differs)"
    )


def _drop_old_years(settings: Settings) -> None:
    first = datetime.now(UTC).year - KEPT_YEARS
    old = [line for line in _lines(settings) if int(line.place[:4]) < first]
    head = _head(settings)
    if not old or head is None:
        return
    _write_head(settings, {**head, "dropped": old[-1].said["n"]})
    for path in _years(settings):
        if int(path.stem) < first:
            path.unlink()


def verify(settings: Settings) -> Verified:
    """Check every line against the one before, and the end against the head."""
    try:
        head, lines = _head(settings), publications(settings)
    except LogDamaged as e:
        return Verified(0, "", (str(e),))
    faults = []
    dropped = int(head["dropped"]) if head else 0
    for before, line in zip([None, *lines], lines, strict=False):
        if before is None:
            said = line.said.get("n"), line.said.get("previous")
            if said[0] != dropped + 1 or (dropped == 0 and said[1] != GENESIS):
                faults.append(f"publications/{line.place}: lines before this one are missing, or it was changed")
        elif line.said.get("previous") != before.digest or line.said.get("n") != before.said.get("n", 0) + 1:
            faults.append(
                f"publications/{line.place}: does not follow the line before it; one of the two was changed, or a line "
                f"was removed or put in between"
            )
    if (lines[-1].text if lines else None) != (head["newest"][-1] if head else None):
        faults.append(
            "publications: the newest line is not the one in head.json; lines at the end were changed, added or removed"
        )
    return Verified(len(lines), lines[-1].digest if lines else GENESIS, tuple(faults))
