"""What a process takes, stage by stage: wall and processor seconds, peak memory, bytes written."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import NamedTuple

_KIB_PER_GIB = 2**20


class Meter:
    """Measures the stages of a run one after the other; beginning one ends the one before.

    ``stages``: name → seconds, cpu_seconds (all threads, and all processes that it started and that have ended),
    peak_gib (of the largest of these processes), written_mib (growth of the files below ``data``, the drop folder left
    out). A stage of a name met before is added to it. ``peak_gib``: the largest of all stages.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._open: tuple[str, float, float, float, int] | None = None
        self.stages: dict[str, dict[str, float]] = {}

    def begin(self, name: str) -> None:
        """End the stage before and begin one."""
        self.end()
        _forget_peak()
        self._open = (name, time.monotonic(), time.process_time(), _children().seconds, written(self._data))

    def end(self) -> None:
        """End the stage that is open, if any."""
        if self._open is None:
            return
        name, wall, cpu, childrens, size = self._open
        self._open = None
        children = _children()
        has_children = children.seconds > childrens
        found = {
            "seconds": time.monotonic() - wall,
            "cpu_seconds": time.process_time() - cpu + children.seconds - childrens,
            "peak_gib": max(peak_gib(), children.peak_gib) if has_children else peak_gib(),
            "written_mib": (written(self._data) - size) / 2**20,
        }
        known = self.stages.setdefault(name, dict.fromkeys(found, 0.0))
        for what, value in found.items():
            known[what] = round(max(known[what], value) if what == "peak_gib" else known[what] + value, 2)

    @property
    def peak_gib(self) -> float:
        return max((s["peak_gib"] for s in self.stages.values()), default=0.0)


class Children(NamedTuple):
    """Processor seconds of all child processes that have ended, and peak memory of the largest."""

    seconds: float
    peak_gib: float


def _children() -> Children:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Children(used.ru_utime + used.ru_stime, round(used.ru_maxrss / _KIB_PER_GIB, 2))


def peak_gib() -> float:
    """Peak resident memory of this process since it started or since it was forgotten. (What a parent can ask for,
    ``ru_maxrss``, counts the parent's own memory at the moment of the fork.)"""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(kib / _KIB_PER_GIB, 2)


def _forget_peak() -> None:
    # Linux: writing 5 sets the high-water mark back to what is resident now
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def written(data: Path) -> int:
    """Bytes of all files below a data root except those dropped there; a file with two names counts once."""
    sizes: dict[tuple[int, int], int] = {}
    for folder, folders, names in os.walk(data):
        if Path(folder) == data and "drop" in folders:
            folders.remove("drop")
        for name in names:
            try:
                found = os.lstat(os.path.join(folder, name))
            except FileNotFoundError:
                continue  # a spill file that went meanwhile
            sizes[found.st_dev, found.st_ino] = found.st_size
    return sum(sizes.values())
