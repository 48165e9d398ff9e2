"""Set-based models: a ``.sql`` file each, filled with file names and identifiers, run on a connection.

A model begins with a comment that says what it makes, what it reads and what must hold. ``$name`` stands for a value
(``$$`` for a dollar sign): a path or text becomes a string literal, a list of paths a list literal, a date a DATE
literal, a number itself; :class:`Sql` text goes in as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from string import Template

from resources.duck import quote
from resources.engine import Connection


class Sql(str):
    """A piece of SQL (an identifier, an expression), to be put into a model as it is."""

    __slots__ = ()


Value = Sql | str | Path | date | int | float | Sequence[Path] | None


def literal(value: Value) -> str:
    """How a value is written in SQL. Raises TypeError for a kind that has no literal here."""
    match value:
        case None:
            return "NULL"
        case Sql():
            return str(value)
        case str() | Path():
            return quote(value)
        case bool() | int() | float():
            return str(value).lower()
        case date():
            return f"DATE '{value.isoformat()}'"
        case list() | tuple():
            return "[" + ", ".join(quote(v) for v in value) + "]"
    raise TypeError(f"no SQL literal for a {type(value).__name__}")


@cache
def _read(path: Path) -> Template:
    return Template(path.read_text(encoding="utf-8"))


def render(path: Path, **values: Value) -> str:
    """The model's text with every placeholder filled. Raises KeyError naming the model and the placeholder."""
    try:
        return _read(path).substitute({name: literal(value) for name, value in values.items()})
    except KeyError as e:
        raise KeyError(f"model {path.name}: no value for ${e.args[0]}") from e


def run_model(con: Connection, path: Path, **values: Value) -> None:
    """Run every statement of a model."""
    con.execute(render(path, **values))
