"""Cells that a spreadsheet program would run as a formula, made harmless and back."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a cell must not begin with. Some programs fold the full-width forms."""


def defused(value: object) -> str:
    """A cell's text, with an apostrophe before what a spreadsheet program would run as a formula.

    >>> defused("=1+1"), defused("'=1+1"), defused("3-502"), defused(None)
    ("'=1+1", "''=1+1", '3-502', '')
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def undefused(text: str) -> str:
    """The text that :func:`defused` was given.

    >>> undefused("'=1+1"), undefused("''=1+1"), undefused("'90s")
    ('=1+1', "'=1+1", "'90s")
    """
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA) else text


DEFUSED = "^'+[" + "".join(f"\\{c}" if c in "-" else c for c in FORMULA) + "]"
"""A regular expression (RE2) for what :func:`undefused` takes an apostrophe from."""
