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


def keep(name: str, lines: Sequence[Line], key: Sequence[str]) -> Path:
    """Put the lines into ``results/<name>.json``, in place of those with the same key."""
    path = FOLDER / f"{name}.json"
    known: list[Line] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    fresh = {tuple(line.get(k) for k in key) for line in lines}
    merged = [k for k in known if tuple(k.get(c) for c in key) not in fresh] + list(lines)
    return write(name, merged)


def append(name: str, lines: Sequence[Line]) -> Path:
    """Add the lines to ``results/<name>.json``."""
    path = FOLDER / f"{name}.json"
    known: list[Line] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return write(name, [*known, *lines])


def write(name: str, lines: Sequence[Line]) -> Path:
    """Write ``results/<name>.json``, one object a line, so that a difference reads well."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.json"
    body = ",\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text(f"[\n{body}\n]\n", encoding="utf-8")
    return path
