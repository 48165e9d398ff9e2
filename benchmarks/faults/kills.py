"""Nights killed with SIGKILL at random moments, while readers read without a pause.

Two installations live through the same nights. In one of them every night is killed several times, before it is let
through; in the other nothing happens. Afterwards both must have published the same, table by table, and no reader may
ever have seen anything but a whole release.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.faults.child import Reads, night, read
from benchmarks.faults.history import MOST_NIGHTS, differences, drop_night, installation, leftovers, write_city
from benchmarks.faults.progress import Tell
from resources.settings import Settings

HISTORIES = 4
"""Installations killed side by side, each with a reader of its own."""
_PER_NIGHT = 25
_PATIENCE = 900.0
_TICK = os.sysconf("SC_CLK_TCK")
# nothing is computed in this server, only imported: each night is a fork of it and starts at once
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["benchmarks.faults.child", "great_expectations", "splink", "lxml.etree"])


@dataclass
class Tally:
    """What was done and seen. ``wrong`` must be empty; ``late`` are kills that came after the night had ended."""

    kills: int = 0
    in_loads: int = 0
    in_merges: int = 0
    nights: int = 0
    late: int = 0
    reads: int = 0
    reads_through_link: int = 0
    releases_read: int = 0
    mixed: int = 0
    read_errors: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class _Length:
    """How long a part of an undisturbed night is, in seconds of processor time and in operations on files."""

    seconds: float
    operations: int


@dataclass(frozen=True)
class _End:
    """How a night ended. ``error`` is None for one that went through or was killed."""

    killed: bool
    loaded: _Length | None
    whole: _Length | None
    error: str | None


def run_kills(kills: int, seed: int, tell: Tell, *, histories: int = HISTORIES, seconds: float = float("inf")) -> Tally:
    """Kill ``kills`` nights, by draws from ``seed``, or as many as fit into ``seconds``; what came of it."""
    start = time.monotonic()
    tally = Tally()
    shares = [len(range(i, kills, histories)) for i in range(min(kills, histories))]
    with ThreadPoolExecutor(histories) as pool:
        lives = [
            pool.submit(_History(seed * 1000 + i, tell, start + seconds).live, share) for i, share in enumerate(shares)
        ]
        for life in lives:
            one = life.result()
            for name, value in vars(one).items():
                setattr(tally, name, getattr(tally, name) + value)
    tally.seconds = round(time.monotonic() - start, 1)
    return tally


class _History:
    """Two installations that live through the same nights, one of them killed again and again."""

    def __init__(self, seed: int, tell: Tell, until: float) -> None:
        self._seed, self._tell, self._until = seed, tell, until
        self._tally = Tally()

    def live(self, kills: int) -> Tally:
        """Night after night, until there were so many kills."""
        tally = self._tally
        most = min(MOST_NIGHTS, kills // _PER_NIGHT + 4)
        with tempfile.TemporaryDirectory(prefix="kills_") as folder:
            self._city = Path(folder) / "city"
            write_city(self._city, self._seed, most)
            self._killed, self._calm = (installation(self._city, Path(folder) / name) for name in ("killed", "calm"))
            for settings in (self._killed, self._calm):
                drop_night(self._city, 1, settings)
                _through(settings)
            with _reader(self._killed, tally):
                for number in range(2, most + 1):
                    if tally.kills < kills and time.monotonic() < self._until:
                        self._night(number, min(_PER_NIGHT, kills - tally.kills))
            if tally.kills < kills and time.monotonic() < self._until:
                tally.wrong.append(f"only {tally.kills} of {kills} kills came before the last night had ended")
            tally.wrong += leftovers(self._killed, self._calm)
        return tally

    def _night(self, number: int, kills: int) -> None:
        """One night in both installations, killed ``kills`` times in one of them and then let through."""
        # what comes from one seed and night is drawn alike whatever came before
        draw = random.Random(f"{self._seed}/{number}")
        where = f"seed {self._seed}, night {number}"
        self._tell.say(where)
        for settings in (self._killed, self._calm):
            drop_night(self._city, number, settings)
        loads, whole = _through(self._calm)
        merge = _Length(whole.seconds - loads.seconds, whole.operations - loads.operations)
        self._tally.nights += 1
        loaded = False
        for _ in range(kills):
            if time.monotonic() > self._until:
                break
            end = _killed(self._killed, draw, merge if loaded else whole)
            if end.error:
                self._tally.wrong.append(f"{where}, after {self._tally.kills} kills: {end.error}")
            if not end.killed:
                self._tally.late += 1
                break
            self._tally.kills += 1
            self._tell.done()
            if end.loaded:
                self._tally.in_merges += 1
            else:
                self._tally.in_loads += 1
            loaded = loaded or end.loaded is not None
        _through(self._killed)
        self._tally.wrong += [f"{where}: {d}" for d in differences(self._killed, self._calm)]


def _killed(settings: Settings, draw: random.Random, length: _Length) -> _End:
    """A night killed at a moment, or before an operation on files, drawn over its whole length."""
    at = draw.uniform(0, 0.97)  # the very end is reached by no kill: the length is never quite the same
    if draw.random() < 0.5:
        return _run(settings, seconds=at * length.seconds)
    return _run(settings, operation=int(at * length.operations))


def _through(settings: Settings) -> tuple[_Length, _Length]:
    """A whole night: the length of its loads, and of all of it. Raises RuntimeError when it fails."""
    end = _run(settings)
    if end.error or end.loaded is None or end.whole is None:
        raise RuntimeError(f"a night without a kill failed in {settings.data}: {end.error}")
    return end.loaded, end.whole


def _run(settings: Settings, *, seconds: float | None = None, operation: int | None = None) -> _End:
    here, there = _SERVER.Pipe(duplex=False)
    process = _SERVER.Process(target=night, args=(settings, operation, there))
    process.start()
    there.close()
    patience = time.monotonic() + _PATIENCE
    while process.is_alive():
        if (seconds is not None and _processor_seconds(process.pid) >= seconds) or time.monotonic() > patience:
            process.kill()
        process.join(0.01)
    said = {what: rest for what, *rest in _received(here)}
    lengths = {what: _Length(*rest) for what, rest in said.items() if what != "failed"}
    error = said.get("failed", [None])[0]
    killed = process.exitcode == -signal.SIGKILL
    if not killed and error is None and process.exitcode != 0:
        error = f"the process ended with {process.exitcode}"
    return _End(killed, lengths.get("loaded"), lengths.get("merged"), error)


def _processor_seconds(pid: int | None) -> float:
    """Processor time a process has used: unlike the clock, the same on a busy machine."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def _received(pipe: Connection) -> Iterator[Any]:
    try:
        while True:
            yield pipe.recv()
    except EOFError:
        pipe.close()


@contextmanager
def _reader(settings: Settings, tally: Tally) -> Iterator[None]:
    """A reader at work while the block runs; what it saw is added to the tally."""
    stop = _SERVER.Event()
    here, there = _SERVER.Pipe(duplex=False)
    process = _SERVER.Process(target=read, args=(settings, stop, there))
    process.start()
    there.close()
    try:
        yield
    finally:
        stop.set()
        try:
            _count_in(tally, here.recv())
        except EOFError:
            tally.wrong.append("the reader died")
        process.join()


def _count_in(tally: Tally, seen: Reads) -> None:
    tally.reads += seen.resolved + seen.through_link
    tally.reads_through_link += seen.through_link
    tally.releases_read += len(seen.releases)
    mixed = sum("MIXED" in w for w in seen.wrong)
    tally.mixed += mixed
    tally.read_errors += len(seen.wrong) - mixed
    tally.wrong += [f"a reader: {w}" for w in seen.wrong[:10]]
