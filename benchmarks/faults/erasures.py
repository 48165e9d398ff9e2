"""Erasures killed with SIGKILL before their operations on files, while a reader reads without a pause.

A small installation lives through two nights, so that an old release is kept, and serves a receiver. One resident is
erased undisturbed; then, from the same state again, by a process that is killed before one of its operations and a
second call that is let through. Both must leave the same releases, and nothing of the resident's own values.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assets.erase.search import search
from assets.release import list_releases, read_manifest
from benchmarks.faults.child import Reads, erasure, night
from benchmarks.faults.history import beyond, drop_night, installation, kept, write_city
from benchmarks.faults.processes import End, reader, run
from benchmarks.faults.progress import Tell
from resources.duck import connect
from resources.keys import open_restricted
from resources.settings import Settings

_NIGHTS = 2
_KEYS = {"REGISTER_RECEIVER_KEY_GRID": "made up for a round of faults"}
_RECEIVER = """\
receiver: grid
name: Grid
purpose: Visits by grid workers
legal_basis: legal_duty
legal_reference: Regulation 12
contact: data@grid.example
expires_on: 2099-12-31
communities: all
tables:
  residents: {columns: [resident_id, name], masks: {name: none}}
  vehicles: {columns: [vehicle_id, community_id]}
"""


@dataclass
class Tally:
    """What was done and seen; ``wrong`` must be empty. ``moved``: readings that the exchange of folders fell into;
    the reader saw it and began again. ``finished``: second calls that had something to do; ``late``: kills that came
    when everything was done."""

    erasures: int = 0
    operations: int = 0
    finished: int = 0
    late: int = 0
    reads: int = 0
    moved: int = 0
    mixed: int = 0
    read_errors: int = 0
    found: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run_erasures(number: int, seed: int, tell: Tell, *, seconds: float = float("inf")) -> Tally:
    """Make the installation and kill ``number`` erasures in it, or as many as fit into ``seconds``."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="erasures_") as folder:
        tell.say("two nights")
        settings = _installation(Path(folder), seed)
        resident, values = _somebody(settings)
        return kill_erasures(
            settings, resident, values, tell, number=number, seed=seed, environ=_KEYS, until=start + seconds
        )


def kill_erasures(
    settings: Settings,
    resident: str,
    values: Sequence[str],
    tell: Tell,
    *,
    number: int,
    seed: int,
    environ: Mapping[str, str],
    until: float = float("inf"),
) -> Tally:
    """Erase a resident with these ``values`` of their own from an installation, undisturbed; then put it back and kill
    erasures before ``number`` operations spread over the whole, by draws from ``seed``. With as many as there are
    operations, each has its turn. ``until``: when to stop, on the monotonic clock."""
    start, tally, draw = time.monotonic(), Tally(), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="pristine_") as folder:
        pristine = Path(folder) / "data"
        shutil.copytree(settings.data, pristine, symlinks=True)
        calm = run(erasure, settings, resident, None, environ=environ)
        if "erased" not in calm.told:
            raise RuntimeError(f"an erasure without a kill failed: {calm.error}")
        tally.operations = calm.told["erased"].operations
        releases, files = _state(settings), kept(settings.data)
        tally.wrong += _what_is_left(settings, values, tally, "undisturbed")
        number = min(number, tally.operations)
        for i in range(number):
            if time.monotonic() > until:
                break
            at = int((i + draw.random()) * tally.operations / number)
            where = f"seed {seed}, killed before operation {at} of {tally.operations}"
            tell.say(where)
            shutil.rmtree(settings.data)
            shutil.copytree(pristine, settings.data, symlinks=True)
            with reader(settings, through_link=False) as seen:
                killed = run(erasure, settings, resident, at, environ=environ)
                second = run(erasure, settings, resident, None, environ=environ)
            _count_in(tally, killed, second, seen, where)
            if _state(settings) != releases:
                tally.wrong.append(f"{where}: the releases are not those of an undisturbed erasure")
            tally.wrong += [f"{where}: {told}" for told in beyond(kept(settings.data), files)]
            tally.wrong += _what_is_left(settings, values, tally, where)
            tell.done()
    tally.seconds = round(time.monotonic() - start, 1)
    return tally


def _installation(folder: Path, seed: int) -> Settings:
    city = folder / "city"
    write_city(city, seed, _NIGHTS)
    settings = installation(city, folder / "live")
    settings.receivers.mkdir(exist_ok=True)
    (settings.receivers / "grid.yaml").write_text(_RECEIVER, encoding="utf-8")
    for number in range(1, _NIGHTS + 1):
        drop_night(city, number, settings)
        end = run(night, settings, None, environ=_KEYS)
        if "merged" not in end.told:
            raise RuntimeError(f"night {number} failed: {end.error}")
    return settings


def _somebody(settings: Settings) -> tuple[str, list[str]]:
    """A resident with an ID number and a car, and values that are theirs alone: the number and the plates."""
    with open_restricted(settings) as con:
        rows = con.execute(
            """SELECT resident_id, id_number, list(DISTINCT plate ORDER BY plate) FROM residents
            JOIN vehicle_holdings USING (resident_id) JOIN vehicles USING (vehicle_id)
            WHERE id_number IS NOT NULL AND vehicle_id NOT IN (
                SELECT vehicle_id FROM vehicle_holdings GROUP BY vehicle_id HAVING count(DISTINCT resident_id) > 1)
            GROUP BY ALL ORDER BY id_number LIMIT 1"""
        ).fetchall()
    ((resident, number, plates),) = rows
    return resident, [number, *plates]


def _count_in(tally: Tally, killed: End, second: End, seen: Reads, where: str) -> None:
    tally.erasures += 1
    if not killed.killed:
        tally.wrong.append(f"{where}: it was not killed; {killed.error or 'it went through'}")
    if second.error or second.killed:
        tally.wrong.append(f"{where}: the second call failed: {second.error}")
    tally.finished += "erased" in second.told
    tally.late += "unknown" in second.told
    mixed = sum("MIXED" in w for w in seen.wrong)
    tally.reads += seen.resolved
    tally.moved += seen.moved
    tally.mixed += mixed
    tally.read_errors += len(seen.wrong) - mixed
    tally.wrong += [f"{where}, a reader: {w}" for w in seen.wrong[:3]]


def _state(settings: Settings) -> list[dict[str, Any]]:
    """What every kept release says of its content."""
    manifests = [read_manifest(release.folder) for release in list_releases(settings)]
    return [{key: m[key] for key in ("release_id", "tables", "days", "receivers", "erasures")} for m in manifests]


def _what_is_left(settings: Settings, values: Sequence[str], tally: Tally, where: str) -> list[str]:
    """Files that hold one of the values, and files of releases that are not what their manifest tells."""
    with connect(settings) as con:
        found = search(con, settings, values).found
    tally.found += len(found)
    wrong = [f"{where}: still in {path}" for path in found]
    for release in list_releases(settings):
        for name, told in read_manifest(release.folder)["files"].items():
            if hashlib.sha256((release.folder / name).read_bytes()).hexdigest() != told["sha256"]:
                wrong.append(f"{where}: {release.release_id}/{name} is not what its manifest tells")
    return wrong
