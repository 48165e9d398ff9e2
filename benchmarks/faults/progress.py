"""A progress bar on standard error; in a log, a line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_EVERY = 30.0


class Tell(Protocol):
    """Says what is being done, and counts what is done."""

    def say(self, what: str) -> None: ...

    def done(self, steps: int = 1) -> None: ...


class Bar:
    """See :class:`Tell`."""

    def __init__(self, progress: Progress, what: str, total: int) -> None:
        self._progress, self._what, self._total, self._count = progress, what, total, 0
        self._task = progress.add_task(what, total=total)
        self._told = time.monotonic()

    def say(self, what: str) -> None:
        self._progress.update(self._task, description=f"{self._what}: {what}")

    def done(self, steps: int = 1) -> None:
        self._count += steps
        self._progress.advance(self._task, steps)
        if self._progress.disable and time.monotonic() - self._told > _EVERY:
            self._told = time.monotonic()
            self._progress.console.print(f"· {self._what}: {self._count} of {self._total}")


@contextmanager
def bar(what: str, total: int) -> Iterator[Bar]:
    """A bar over ``total`` steps."""
    console = Console(stderr=True, highlight=False)
    columns = (
        TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield Bar(progress, what, total)
