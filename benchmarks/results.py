"""Where the figures go: printed as a table, and kept in ``benchmarks/results/<name>.json`` for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent / "results"
Line = dict[str, Any]
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
"""Tables in a log are as wide as they need."""


def tell(message: str) -> None:
    """Say what is being done, apart from the results."""
    Console(stderr=True, highlight=False).print(f"· {message}", style="dim")


def show(title: str, lines: Sequence[Line], columns: Sequence[str]) -> None:
    """Print some columns of the lines as a table; shares with four decimals, other fractions with two."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        numeric = any(isinstance(line.get(column), int | float) for line in lines)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for line in lines:
        table.add_row(*(_text(line.get(c)) for c in columns))
    console.print(table)


def _text(value: object) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return str(value)
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.4f}" if 0 <= value <= 1 else f"{value:,.2f}"
    return str(value)


def keep(name: str, lines: Sequence[Line], **of: object) -> Path:
    """Put the lines into ``results/<name>.json``, in place of all those with these values (``city="pilot-1"``)."""
    others = [line for line in _known(name) if any(line.get(k) != v for k, v in of.items())]
    return _write(name, [*others, *lines])


def append(name: str, lines: Sequence[Line]) -> Path:
    """Add the lines to ``results/<name>.json``."""
    return _write(name, [*_known(name), *lines])


def _known(name: str) -> list[Line]:
    path = FOLDER / f"{name}.json"
    known: list[Line] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return known


def _write(name: str, lines: Sequence[Line]) -> Path:
    """One object a line, so that a difference reads well."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.json"
    body = ",\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text(f"[\n{body}\n]\n", encoding="utf-8")
    return path
