"""The two consoles: results go to standard output, progress and errors to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from resources.settings import Settings

# piped into a file or a log there is no window to fit into
out = Console(width=None if sys.stdout.isatty() else 120)
err = Console(stderr=True, soft_wrap=True)

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Data root [default: $REGISTER_DATA or ./data].", show_default=False),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Configuration root [default: $REGISTER_CONFIG, the data root's config, or ./config].",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a machine instead of tables.")]


def settings_from(data: Path | None, config: Path | None) -> Settings:
    """The settings, or a usage error when there is no configuration."""
    settings = Settings.load(data, config)
    if not settings.feeds.is_dir():
        raise typer.BadParameter(
            f"{settings.feeds} is no folder; give the configuration root that holds feeds/<company>.yaml",
            param_hint="--config",
        )
    return settings


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def fail(message: str) -> None:
    """An error on standard error."""
    err.print(f"[bold red]✗[/] {escape(message)}", highlight=False)


class Steps:
    """A progress bar over steps: ``say`` names what is being done, ``done`` moves it on."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=total)

    def say(self, what: str) -> None:
        """Name what is being done now."""
        self._progress.update(self._task, description=what)

    def done(self, steps: int = 1) -> None:
        """Move on."""
        self._progress.advance(self._task, steps)


@contextmanager
def steps(total: int) -> Iterator[Steps]:
    """A progress bar on standard error, gone when the work is done. Without a terminal it draws nothing."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        yield Steps(progress, total)
