"""One process at a time: a lock that the system drops when its holder dies, and that says who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO


class Held(RuntimeError):
    """Another process holds the lock; the message names its process id, machine and command, and since when."""


@contextmanager
def exclusive(path: Path, purpose: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold ``path`` as a lock while the block runs.

    ``purpose`` says what is being protected ("the merge"). Raises :class:`Held` when another process still has it
    after ``wait_seconds``. The file stays (removing it would let two processes lock two files of one name). The lock is
    the system's: it goes with the process that holds it, however that ends, so a file left by a dead one is no lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + wait_seconds
    with path.open("a+", encoding="utf-8") as file:
        while not _try(file):
            if time.monotonic() >= until:
                raise Held(_message(path, purpose))
            time.sleep(0.2)
        file.seek(0)
        file.truncate()
        json.dump(_holder(), file)
        file.flush()
        yield  # closing the file gives the lock back, whatever happened


def _holder() -> dict[str, str | int]:
    words = [Path(sys.argv[0]).name, *(w for w in sys.argv[1:2] if w.isalpha())]
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return {"pid": os.getpid(), "host": socket.gethostname(), "what": " ".join(words), "since": since}


def _try(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _message(path: Path, purpose: str) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        who = f"process {holder['pid']} on {holder['host']} ({holder['what']}) since {holder['since']}"
    except (ValueError, KeyError):  # the holder has the lock and has not written its name yet
        who = "another process"
    return f"{purpose} is being done by {who}; wait for it to end, or end that process (lock: {path})"
