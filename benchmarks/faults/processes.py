"""Running what may be killed in processes of their own, and readers beside them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.faults.child import Reads, in_environment, read
from resources.settings import Settings

_PATIENCE = 900.0
_TICK = os.sysconf("SC_CLK_TCK")
# nothing is computed in this server, only imported: each process is a fork of it and starts at once
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["benchmarks.faults.child", "great_expectations", "splink", "lxml.etree"])
_NO_VARIABLES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Length:
    """How long a part of an undisturbed process is, in seconds of processor time and in operations on files."""

    seconds: float
    operations: int


@dataclass(frozen=True)
class End:
    """How a process ended: the lengths it told by part. ``error`` is None for one that went through or was killed."""

    killed: bool
    told: dict[str, Length]
    error: str | None


def run(
    target: Callable[..., None],
    *given: object,
    seconds: float | None = None,
    environ: Mapping[str, str] = _NO_VARIABLES,
) -> End:
    """Call ``target(*given, pipe)`` in a process, killed after so many seconds of processor time if it still runs. It
    tells (part, seconds, operations), or ("failed", error)."""
    here, there = _SERVER.Pipe(duplex=False)
    process = _SERVER.Process(target=in_environment, args=(dict(environ), target, *given, there))
    process.start()
    there.close()
    patience = time.monotonic() + _PATIENCE
    while process.is_alive():
        if (seconds is not None and _processor_seconds(process.pid) >= seconds) or time.monotonic() > patience:
            process.kill()
        process.join(0.01)
    said = {what: rest for what, *rest in _received(here)}
    told = {what: Length(*rest) for what, rest in said.items() if what != "failed"}
    error = said.get("failed", [None])[0]
    killed = process.exitcode == -signal.SIGKILL
    if not killed and error is None and process.exitcode != 0:
        error = f"the process ended with {process.exitcode}"
    return End(killed, told, error)


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
def reader(settings: Settings, *, through_link: bool = True) -> Iterator[Reads]:
    """A reader at work while the block runs; what it saw is there when the block is left."""
    stop = _SERVER.Event()
    here, there = _SERVER.Pipe(duplex=False)
    process = _SERVER.Process(target=read, args=(settings, stop, there, through_link))
    process.start()
    there.close()
    seen = Reads()
    try:
        yield seen
    finally:
        stop.set()
        try:
            vars(seen).update(vars(here.recv()))
        except EOFError:
            seen.wrong.append("it died")
        process.join()
