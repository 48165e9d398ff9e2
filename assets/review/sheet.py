"""The queue as a spreadsheet that a team fills in, and back."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from assets.review.decide import Decided, weigh
from assets.review.pairs import SHOWN, NoSuchPair, Pair, ReviewError, queue
from assets.verdicts import Decision, append_verdicts, read_verdicts, standing
from expectations.contracts.evidence import FINDINGS, words
from resources.settings import Settings
from resources.spreadsheet import defused, undefused

_TO_FILL = ("verdict", "by", "note")
_SAID: dict[str, Decision] = {d: d for d in get_args(Decision)} | {
    "相同": "same", "同一人": "same", "不同": "different", "不是同一人": "different",
    "不确定": "unsure", "无法判断": "unsure",
}  # fmt: skip
"""What a reviewer may write."""


@dataclass(frozen=True)
class Imported:
    """What came of a sheet: verdicts recorded, rows that say what stood already, rows left blank, and the pairs that
    the current release no longer asks about."""

    recorded: list[Decided]
    unchanged: int
    blank: int
    gone: list[str]


def export_sheet(settings: Settings, path: Path, *, values: bool = False) -> int:
    """Write the queue as CSV (UTF-8 with a mark, for spreadsheet programs), readable by its owner alone.

    Values are masked unless asked for. A cell that a spreadsheet would take for a formula begins with an apostrophe.
    Returns the number of pairs.
    """
    pairs = queue(settings, values=values)
    sides = [f"{side}_{name}" for name in ("id", "record", "houses", *(c.name for c in SHOWN)) for side in _SIDES]
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.DictWriter(file, ["pair_id", *_TO_FILL, "effect", "probability", "evidence", "evidence_zh", *sides])
        sheet.writeheader()
        sheet.writerows({k: defused(v) for k, v in _row(pair).items()} for pair in pairs)
    return len(pairs)


_SIDES = ("left", "right")


def _row(pair: Pair) -> dict[str, object]:
    row: dict[str, object] = {
        "pair_id": pair.pair_id,
        "effect": pair.effect,
        "probability": f"{pair.probability:.4f}",
        "evidence": "; ".join(words(FINDINGS, f).meaning for f in pair.findings),
        "evidence_zh": "；".join(words(FINDINGS, f).meaning_zh for f in pair.findings),
    }
    for name, side in zip(_SIDES, (pair.left, pair.right), strict=True):
        row[f"{name}_id"] = side.entity_id
        row[f"{name}_record"] = f"{side.company}: {side.file}, {side.row_number}"
        row[f"{name}_houses"] = "; ".join(side.houses)
        row |= {f"{name}_{column}": value for column, value in side.values.items()}
    return row


def import_sheet(settings: Settings, path: Path, *, by: str = "") -> Imported:
    """Record the verdicts of a sheet: all of them, or none when one is wrong.

    ``by`` stands for rows that name nobody. Rows without a verdict are left alone. Raises :class:`ReviewError` naming
    every wrong line and what it must be.
    """
    recorded: list[Decided] = []
    gone, wrong, seen, unchanged, blank = [], [], set[str](), 0, 0
    decided = standing(read_verdicts(settings))
    for line, row in _rows(path):
        said = row["verdict"].strip().lower()
        if not said:
            blank += 1
            continue
        if said not in _SAID:
            wrong.append(f"line {line}: verdict {said[:20]!r} is none of {', '.join(_SAID)}")
            continue
        if row["pair_id"] in seen:
            wrong.append(f"line {line}: {row['pair_id'][:20]} has a verdict on a line before; keep one of them")
            continue
        seen.add(row["pair_id"])
        stands = decided.get(row["pair_id"])
        if stands and stands.verdict == _SAID[said]:
            unchanged += 1
            continue
        try:
            who = undefused(row.get("by") or "") or by
            note = undefused(row.get("note") or "")
            recorded.append(weigh(settings, row["pair_id"], _SAID[said], by=who, note=note))
        except NoSuchPair as e:
            gone.append(f"line {line}: {e}")
        except ReviewError as e:
            wrong.append(f"line {line}: {e}")
    if wrong:
        raise ReviewError(f"{path}: nothing was recorded; correct these and import again\n" + "\n".join(wrong))
    append_verdicts(settings, [d.verdict for d in recorded])
    return Imported(recorded, unchanged, blank, gone)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := {"pair_id", "verdict"} - set(rows.fieldnames or ()):
                raise ReviewError(f"{path}: no column {', '.join(sorted(missing))}; import the sheet that export wrote")
            for row in rows:
                yield rows.line_num, {k: v or "" for k, v in row.items() if k}
    except UnicodeDecodeError as e:
        raise ReviewError(f"{path}: not UTF-8; save the sheet as CSV UTF-8 · 请另存为 CSV UTF-8") from e
