"""The data dictionary: the contract in words, for the ``data_dictionary`` tables, column comments and the docs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from expectations.contracts.masks import open_type
from expectations.contracts.model import Column, Sensitivity, Table
from expectations.contracts.tables import TABLES


@dataclass(frozen=True)
class Entry:
    """One column of one released table, as a reader of that database meets it."""

    table: str
    column: str
    type: str
    meaning: str
    meaning_zh: str
    sensitivity: str
    source: str | None

    @property
    def comment(self) -> str:
        """Both languages in one line."""
        return f"{self.meaning} · {self.meaning_zh}"


def _entry(table: Table, column: Column, *, is_open: bool) -> Entry:
    if not (is_open and column.mask):
        return Entry(
            table.name,
            column.name,
            column.type,
            column.meaning,
            column.meaning_zh,
            column.sensitivity.value,
            column.source or None,
        )
    return Entry(
        table.name,
        column.published_name,
        open_type(column),
        f"{column.meaning} (masked)",
        f"{column.meaning_zh}（脱敏）",
        Sensitivity.INDIRECT.value,
        column.source or None,
    )


def columns_of(table: Table, *, is_open: bool) -> list[Entry]:
    """The columns of a table in the open or the restricted database, in order."""
    chosen = table.open_columns if is_open else table.columns
    return [_entry(table, c, is_open=is_open) for c in chosen]


def tables_of(*, is_open: bool) -> list[Table]:
    """The tables that the open or the restricted database holds, in reading order."""
    return [t for t in TABLES.values() if t.where in ("both", "open" if is_open else "restricted")]


def entries(*, is_open: bool) -> Iterator[Entry]:
    """Every column of the open or the restricted database."""
    for table in tables_of(is_open=is_open):
        yield from columns_of(table, is_open=is_open)


_HEAD = """# Data dictionary

Generated from the contracts (`expectations/contracts`) by `python -m expectations.dictionary`; do not edit.

`curated.duckdb` is open to analysts and holds no direct identifiers; `restricted.duckdb` is encrypted and holds the
same tables with full values, and the tables marked *restricted*. The same text is in the `data_dictionary` table and
in the column comments of both databases. Sensitivity: *none*; *indirect* describes a person without naming one;
*direct* names or reaches a person; *sensitive* is whereabouts or a full birth date.
"""


def markdown() -> str:
    """``docs/data-dictionary.md``."""
    parts = [_HEAD]
    for table in TABLES.values():
        place = {"both": "open (masked) and restricted", "open": "open", "restricted": "restricted"}[table.where]
        parts.append(f"## `{table.name}` {table.meaning_zh}\n\n{table.meaning} In: {place}.")
        if table.key:
            parts.append(f"Key: {', '.join(f'`{k}`' for k in table.key)}.")
        parts.extend(table.notes)
        parts.append("\n".join(_rows(table)))
    return "\n\n".join(parts) + "\n"


def _rows(table: Table) -> Iterator[str]:
    yield "| column | open as | type | meaning | 中文 | values | sensitivity | source |"
    yield "|---|---|---|---|---|---|---|---|"
    for c in table.columns:
        shown = "–" if table.where == "restricted" or not c.in_open else f"`{c.published_name}`"
        restricted = "–" if table.where == "open" else f"`{c.name}`"
        yield (
            f"| {restricted} | {shown} | {c.type}{'' if c.nullable else ' NOT NULL'} | {_cell(c.meaning)} "
            f"| {_cell(c.meaning_zh)} | {', '.join(c.values)} | {c.sensitivity.value} | {_cell(c.source)} |"
        )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    from pathlib import Path

    target = Path(__file__).resolve().parent.parent / "docs" / "data-dictionary.md"
    target.write_text(markdown(), encoding="utf-8")
