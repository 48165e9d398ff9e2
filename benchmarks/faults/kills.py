"""Nights killed with SIGKILL at random moments, while readers read without a pause.

Two installations live through the same nights. In one of them every night is killed several times, before it is let
through; in the other nothing happens. Afterwards both must have published the same, table by table, and no reader may
ever have seen anything but a whole release.
"""

from __future__ import annotations

import random
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.child import Reads, night
from benchmarks.faults.history import MOST_NIGHTS, differences, drop_night, installation, leftovers, write_city
from benchmarks.faults.processes import End, Length, reader, run
from benchmarks.faults.progress import Tell
from resources.settings import Settings

HISTORIES = 4
"""Installations killed side by side, each with a reader of its own."""
_PER_NIGHT = 25


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
            with reader(self._killed) as seen:
                for number in range(2, most + 1):
                    if tally.kills < kills and time.monotonic() < self._until:
                        self._night(number, min(_PER_NIGHT, kills - tally.kills))
            _count_in(tally, seen)
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
        merge = Length(whole.seconds - loads.seconds, whole.operations - loads.operations)
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
            if "loaded" in end.told:
                self._tally.in_merges += 1
            else:
                self._tally.in_loads += 1
            loaded = loaded or "loaded" in end.told
        _through(self._killed)
        self._tally.wrong += [f"{where}: {d}" for d in differences(self._killed, self._calm)]


def _killed(settings: Settings, draw: random.Random, length: Length) -> End:
    """A night killed at a moment, or before an operation on files, drawn over its whole length."""
    at = draw.uniform(0, 0.97)  # the very end is reached by no kill: the length is never quite the same
    if draw.random() < 0.5:
        return run(night, settings, None, seconds=at * length.seconds)
    return run(night, settings, int(at * length.operations))


def _through(settings: Settings) -> tuple[Length, Length]:
    """A whole night: the length of its loads, and of all of it. Raises RuntimeError when it fails."""
    end = run(night, settings, None)
    if end.error or end.killed:
        raise RuntimeError(f"a night without a kill failed in {settings.data}: {end.error}")
    return end.told["loaded"], end.told["merged"]


def _count_in(tally: Tally, seen: Reads) -> None:
    tally.reads += seen.resolved + seen.through_link
    tally.reads_through_link += seen.through_link
    tally.releases_read += len(seen.releases)
    mixed = sum("MIXED" in w for w in seen.wrong)
    tally.mixed += mixed
    tally.read_errors += len(seen.wrong) - mixed
    tally.wrong += [f"a reader: {w}" for w in seen.wrong[:10]]
