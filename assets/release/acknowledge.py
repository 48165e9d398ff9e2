"""Letting through a release whose ids change too much, when somebody has looked: who, when, why, and for which.

An acknowledgement is a line of ``<data>/acknowledged/churn.jsonl``, never changed. It holds for one set of inputs that
follows one release, so another night, another delivery or another configuration needs one of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assets.merge import Merge, current_release
from expectations.checks import CheckResult
from expectations.privacy import ID_LIKE, MOBILE_LIKE
from resources.files import append_lines, whole_lines
from resources.lock import exclusive
from resources.settings import Settings

CHURN = "churn"
"""The prefix of the checks that an acknowledgement lets through."""

_WAIT_SECONDS = 10.0


class Acknowledged(BaseModel):
    """One line. ``follows`` is the release that was current, ``inputs_fingerprint`` what was merged, ``checks`` what
    the audit had said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    follows: str
    inputs_fingerprint: str
    by: str = Field(min_length=1, max_length=100)
    why: str = Field(min_length=1, max_length=500)
    at: datetime
    checks: tuple[str, ...]


def acknowledge_churn(settings: Settings, *, by: str, why: str) -> Acknowledged:
    """Let through what the last audit held back after the current release, if only its ids held it back.

    Raises ValueError where nothing was held back, where other checks failed too, or where the words have something
    like an ID number or a phone in them: the open table ``checks`` repeats them.
    """
    for word in (by, why):
        if not word.strip():
            raise ValueError("say who has looked (--by) and why so many ids change (--why)")
        if re.search(f"{ID_LIKE}|{MOBILE_LIKE}", word):
            raise ValueError("there is something like an ID number or a phone in the words; leave it out")
    said = _held_back(settings)
    failed = [c for c in said["checks"] if c["severity"] == "error" and not c["passed"]]
    others = [f"{c['table']}.{c['check']}" for c in failed if not c["check"].startswith(CHURN)]
    if others:
        raise ValueError(f"other checks failed too, and can't be let through: {', '.join(others)}")
    known = Acknowledged(
        follows=said["follows"],
        inputs_fingerprint=said["inputs_fingerprint"],
        by=by.strip(),
        why=why.strip(),
        at=datetime.now(UTC).replace(microsecond=0),
        checks=tuple(f"{c['table']}.{c['check']}: {c['observed']}" for c in failed),
    )
    path = _path(settings)
    with exclusive(path.with_name(".churn.lock"), "writing acknowledgements", _WAIT_SECONDS):
        append_lines(path, [known.model_dump_json()])
    return known


def how_to_let_through(failed: Sequence[CheckResult]) -> str:
    """What to add to the message of a release that only its ids hold back; nothing for any other."""
    if not all(r.check.startswith(CHURN) for r in failed):
        return ""
    return (
        ". Look whether a company sent the data of another community or an old system; if what changed is right, let "
        "it through: community-register releases allow-churn --by NAME --why TEXT, and merge again"
    )


def _path(settings: Settings) -> Path:
    return settings.acknowledged / "churn.jsonl"


def _held_back(settings: Settings) -> dict[str, Any]:
    """The report of the newest audit that held a release back, if it followed the release that is current."""
    current = current_release(settings)
    reports = sorted((settings.releases / "failed").glob("*.json"))
    said = json.loads(reports[-1].read_text(encoding="utf-8")) if reports else {}
    if current is None or said.get("follows") != current.name:
        raise ValueError(
            "nothing is held back after the current release: run the merge first, and look at what it says"
        )
    return said


def acknowledged(merge: Merge) -> Acknowledged | None:
    """The newest acknowledgement for what this merge takes in and the release it follows."""
    if merge.previous is None:
        return None
    found = [Acknowledged.model_validate_json(line) for line in whole_lines(_path(merge.settings))]
    mine = [a for a in found if (a.follows, a.inputs_fingerprint) == (merge.previous.name, merge.inputs_fingerprint)]
    return mine[-1] if mine else None
