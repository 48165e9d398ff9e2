"""Passing an erasure on to whoever was given the person's data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from assets.erase.pseudonyms import open_pseudonyms
from assets.receivers.log import append, publications
from resources.files import write_text
from resources.keys import KeyProblem
from resources.settings import Settings

if TYPE_CHECKING:
    from assets.erase.journal import Journal


def passed_on_path(settings: Settings, receiver: str) -> Path:
    """The pseudonyms that a receiver must delete, one JSON object a line; they say nothing to anybody else."""
    return settings.erasures / "passed_on" / f"{receiver}.jsonl"


def passed_on(settings: Settings, receiver: str) -> list[tuple[str, str]]:
    """(pseudonym, day of the erasure) of everybody the receiver must delete."""
    path = passed_on_path(settings, receiver)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [(said["pseudonym"], said["erased_on"]) for said in map(json.loads, lines)]


def pass_on(
    con: duckdb.DuckDBPyConnection, settings: Settings, journal: Journal
) -> tuple[dict[str, int], dict[str, str]]:
    """Put the pseudonyms of ``erase_ids`` on the list of every receiver that was ever given people or vehicles, and
    tell the log. Returns receiver → pseudonyms, and receiver → why it has to be told by its contact instead."""
    told: dict[str, int] = {}
    untold: dict[str, str] = {}
    lines = publications(settings)
    given = {
        line.said["receiver"]: line.said["contact"]
        for line in lines
        if line.said.get("what") == "publication"
        and {"residents", "occupancies", "vehicles", "vehicle_holdings", "events_identified"} & set(line.said["tables"])
    }
    done = {line.said["receiver"] for line in lines if line.said.get("erasure") == journal.erasure}
    for receiver, contact in sorted(given.items()):
        try:
            pseudonyms = open_pseudonyms(con, receiver)
        except KeyProblem:
            untold[receiver] = f"its key is gone, so its pseudonyms cannot be made; tell {contact}"
            continue
        known = passed_on(settings, receiver)
        new = [(p, journal.at.date().isoformat()) for p in pseudonyms if p not in {k for k, _ in known}]
        text = "".join(json.dumps({"pseudonym": p, "erased_on": d}) + "\n" for p, d in (*known, *new))
        write_text(passed_on_path(settings, receiver), text)
        told[receiver] = len(pseudonyms)
    append(
        settings,
        [
            {"what": "erasure", "erasure": journal.erasure, "receiver": r, "pseudonyms": n}
            for r, n in told.items()
            if r not in done
        ],
    )
    return told, untold
