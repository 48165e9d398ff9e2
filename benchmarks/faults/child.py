"""What runs in processes of its own: nights and erasures that may be killed, and a reader that never rests."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import duckdb

from assets.erase.erase import erase
from assets.explain import UnknownId
from assets.nightly import load_all, run_merge
from assets.release.candidate import read_manifest
from assets.release.fingerprint import row_count_and_checksum
from expectations.contracts.tables import TABLES
from expectations.feeds import load_companies
from resources.keys import open_restricted
from resources.settings import Settings

_CHANGES = frozenset(
    ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.truncate", "os.chmod")
)
_OF_EACH_DATABASE = "data_dictionary"
"""The one table that is not the same in both: it describes the database it lies in."""
_CHECKSUMMED = ("residents", "occupancies")


def watch_operations(root: Path, kill_at: int | None) -> Callable[[], int]:
    """Count the operations that change something below ``root`` (opening for writing, renaming, removing …), as
    Python announces them; before number ``kill_at``, from 0, the process dies by its own SIGKILL. Returns the count
    so far."""
    below = str(root)
    done = 0

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal done
        if event == "open":
            if not args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return
        elif event not in _CHANGES:
            return
        if not _place(event, args).startswith(below):
            return
        if done == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        done += 1

    sys.addaudithook(hook)
    return lambda: done


def _place(event: str, args: tuple[Any, ...]) -> str:
    """What is changed; removing a folder names what is in it below the folder that it has open."""
    if event in ("os.remove", "os.rmdir") and args[1] != -1:
        return f"{os.readlink(f'/proc/self/fd/{args[1]}')}/{os.fsdecode(args[0])}"
    return str(args[0])


def in_environment(variables: dict[str, str], target: Callable[..., None], *given: object) -> None:
    """Call ``target`` with more variables in the environment."""
    os.environ.update(variables)
    target(*given)


def night(settings: Settings, kill_at: int | None, said: Connection) -> None:
    """Load every company and merge. Tells seconds of processor time and operations after
    the loads and after the merge, or the error."""
    operations = watch_operations(settings.data, kill_at)
    try:
        companies, _ = load_companies(settings.feeds)
        for company, report in load_all(settings, companies.values()):
            if isinstance(report, Exception):
                raise RuntimeError(f"load of {company}") from report
        said.send(("loaded", time.process_time(), operations()))
        run_merge(settings)
        said.send(("merged", time.process_time(), operations()))
    except Exception:
        said.send(("failed", traceback.format_exc()))


def erasure(settings: Settings, resident_id: str, kill_at: int | None, said: Connection) -> None:
    """Erase a resident. Tells as :func:`night`; that nobody is known by this id any more is told as ``unknown``."""
    operations = watch_operations(settings.data, kill_at)
    try:
        erase(settings, resident_id)
        said.send(("erased", time.process_time(), operations()))
    except UnknownId:
        said.send(("unknown", time.process_time(), operations()))
    except Exception:
        said.send(("failed", traceback.format_exc()))


@dataclass
class Reads:
    """What one reader saw: whole releases read by their folder and through the link, and what was wrong. ``moved``:
    readings during which the release was written anew, as their manifest tells, so that they do not count."""

    resolved: int = 0
    moved: int = 0
    through_link: int = 0
    releases: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def read(settings: Settings, stop: Event, said: Connection, through_link: bool) -> None:
    """Read the current release over and over until told to stop, each time through the link too if so asked; tells
    :class:`Reads`."""
    os.nice(10)  # nights must not starve
    seen = Reads()
    while not stop.is_set():
        for check in (_read_resolved, _read_through_link) if through_link else (_read_resolved,):
            try:
                check(settings, seen)
            except Exception as e:
                seen.wrong.append(f"{check.__name__}: {type(e).__name__}: {e}")
    said.send(seen)


def _read_resolved(settings: Settings, seen: Reads) -> None:
    """As a careful client reads: the link resolved once, then manifest and both databases of that folder. An erasure
    may exchange the folder meanwhile: the manifest is then another one, and the client begins again."""
    folder = settings.current.resolve(strict=True)
    manifest = read_manifest(folder)
    try:
        _compare(settings, folder, manifest)
    except Exception:
        if read_manifest(folder) == manifest:
            raise
        seen.moved += 1
        return
    seen.resolved += 1
    seen.releases.add(folder.name)


def _compare(settings: Settings, folder: Path, manifest: dict[str, Any]) -> None:
    """Both databases with what the manifest says of them."""
    tables = manifest["tables"]
    _same(manifest["release_id"], folder.name, "the manifest's release")
    with duckdb.connect(str(folder / "curated.duckdb"), read_only=True) as con:
        _same(_newest(con)[0], folder.name, "the newest of curated's releases")
        for name, told in tables.items():
            if told["where"] != "restricted" and name != _OF_EACH_DATABASE:
                _same(_count(con, name), told["rows"], f"rows of curated.{name}")
    with open_restricted(settings, folder) as con:
        _same(_newest(con)[0], folder.name, "the newest of restricted's releases")
        for name in _CHECKSUMMED:
            found = row_count_and_checksum(con, TABLES[name], name)
            _same(found, (tables[name]["rows"], tables[name]["checksum"]), f"content of restricted.{name}")


def _read_through_link(settings: Settings, seen: Reads) -> None:
    """As a hurried client reads: the path through the link, trusting what the database says of itself."""
    with duckdb.connect(str(settings.current / "curated.duckdb"), read_only=True) as con:
        release, *told = _newest(con)
        found = [_count(con, name) for name in ("communities", "houses", "residents", "vehicles", "access_events")]
        _same(found, told, "rows that the release tells of itself")
    seen.through_link += 1
    seen.releases.add(release)


def _newest(con: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    row = con.execute(
        "SELECT release_id, communities, houses, residents, vehicles, access_events FROM releases "
        "ORDER BY created_at DESC, release_id DESC LIMIT 1"
    ).fetchone()
    assert row is not None
    return row


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    assert row is not None
    return int(row[0])


def _same(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise ValueError(f"MIXED: {what}: {found}, expected {expected}")
