"""The SQL that turns the rows of any reader into ``data.parquet``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, groupby
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.landing.layout import Layout, Mapper
from assets.landing.plan import PlannedDelivery
from assets.landing.readers.json_text import IS_RECORD, pointer
from assets.landing.readers.part import JSON_SCHEMA, Part, cells_schema, registered
from assets.landing.rows import FOOTER, WHITE_SPACE, trimmed
from resources.duck import PARQUET, identifier, one_value, quote
from resources.spreadsheet import DEFUSED

WITHHELD = "[withheld: the file has columns that are never taken in · 已隐去：文件中有不予接收的列]"
"""Stands in ``raw_line`` of a malformed row where its text could hold data that must not be written anywhere."""

_NOTHING, _BETWEEN = "\x1e", "\x1f"
"""How a record's hash tells empty fields, and one field from the next."""

_ALL_COLUMNS_UP_TO = 64
"""Of wider tables only the first columns and the mapped ones tell whether a row is blank or a footer."""
_FIRST_COLUMNS = 8


@dataclass
class _Group:
    """Parts with the same layout, which one SELECT reads one after the other."""

    layout: Layout
    columns: tuple[int, ...]
    shape: str
    formulas: bool
    parts: list[Part] = field(default_factory=list)


def write_data(
    con: duckdb.DuckDBPyConnection,
    planned: PlannedDelivery,
    mapper: Mapper,
    parts: Sequence[tuple[Part, Layout]],
    target: Path,
) -> dict[str, dict[str, int]]:
    """Write the rows of all parts to ``target`` and count them: file -> row_kind -> rows.

    Raises :class:`LandingError` where a part cannot be read to its end.
    """
    with ExitStack() as stack:
        selects = []
        for i, group in enumerate(_grouped(parts)):
            schema, batches = _batches(group)
            source = f"landing_{i}"
            stack.enter_context(registered(con, source, schema, batches))
            selects.append(_select(group, source, planned, mapper))
        con.execute(f"COPY ({' UNION ALL '.join(selects)}) TO {quote(target)} ({PARQUET})")
    counts: dict[str, dict[str, int]] = {}
    for file, kind, rows in con.execute(
        "SELECT file, row_kind, count(*) FROM read_parquet(?) GROUP BY ALL", [str(target)]
    ).fetchall():
        counts.setdefault(file, {})[kind] = rows
    return counts


@contextmanager
def every_cell(con: duckdb.DuckDBPyConnection, part: Part, layout: Layout, columns: Sequence[int]) -> Iterator[str]:
    """A query for these columns of one part as they were sent, but trimmed: ``f<column>``, file and row_number.

    Raises :class:`LandingError` where the part cannot be read to its end.
    """
    (group,) = _grouped([(part, replace(layout, fields={str(i): i for i in columns}))])
    schema, batches = _batches(group)
    with registered(con, "landing_cells", schema, batches):
        yield _rows(group, "landing_cells")


def _grouped(parts: Sequence[tuple[Part, Layout]]) -> list[_Group]:
    groups: dict[object, _Group] = {}
    for part, layout in parts:
        mapped = tuple(sorted(layout.fields.items()))
        columns = _columns(part, layout)
        # typed parts stand alone: their Arrow types may differ
        own = part.file if part.shape == "typed" else None
        key = (part.shape, mapped, columns, layout.names, layout.withheld, layout.returned, part.formulas, own)
        group = groups.setdefault(key, _Group(layout, columns, part.shape, part.formulas))
        group.parts.append(part)
    return list(groups.values())


def _columns(part: Part, layout: Layout) -> tuple[int, ...]:
    """The columns to read: those of fields, and in a grid those that tell footers and blank rows;
    never withheld ones, nor those of a return."""
    columns = set(layout.fields.values())
    if part.shape == "cells":
        width = len(layout.names)
        columns |= (
            set(range(width if width <= _ALL_COLUMNS_UP_TO else _FIRST_COLUMNS)) - layout.withheld - layout.returned
        )
    return tuple(sorted(columns))


def _batches(group: _Group) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The batches of the group's parts, each row with its ``file``, and their schema."""
    batches = (_with_file(b, part.file) for part in group.parts for b in part.stream(group.layout, group.columns))
    if group.shape == "cells":
        batches = (_cleaned(b, group) for b in batches)
    if group.shape == "typed":
        first = next(batches, None)
        if first is None:
            schema = pa.schema([(f"c{i}", pa.null()) for i in group.columns] + [("row_number", pa.int64())])
            return schema.append(_FILE), iter(())
        return first.schema, chain([first], batches)
    schema = JSON_SCHEMA if group.shape == "json" else cells_schema(group.columns)
    return schema.append(_FILE), batches


_FILE = pa.field("file", pa.dictionary(pa.int32(), pa.string()))


def _with_file(batch: pa.RecordBatch, file: str) -> pa.RecordBatch:
    zeros = pa.array(np.zeros(batch.num_rows, dtype=np.int32))
    return batch.append_column(_FILE, pa.DictionaryArray.from_arrays(zeros, pa.array([file], pa.string())))


def _cleaned(batch: pa.RecordBatch, group: _Group) -> pa.RecordBatch:
    """Cells without what keeps a spreadsheet program from reading a number, or of a return, a formula; then trimmed.
    Arrow does so in far less time than SQL."""
    width = len(group.columns)
    cells = batch.columns[:width]
    if group.formulas:
        cells = [_unwrapped(c) for c in cells]
    if group.layout.returned:
        cells = [
            pc.if_else(pc.match_substring_regex(c, DEFUSED), pc.utf8_slice_codeunits(c, start=1), c) for c in cells
        ]
    clean = [pc.utf8_trim(c, characters=WHITE_SPACE) for c in cells]
    return pa.RecordBatch.from_arrays([*clean, *batch.columns[width:]], schema=batch.schema)


def _unwrapped(cells: pa.Array) -> pa.Array:
    """Cells without the ``="…"`` around them, which keeps Excel from reading a number."""
    return pc.if_else(pc.match_like(cells, '="%"'), pc.utf8_slice_codeunits(cells, start=2, stop=-1), cells)


def _select(group: _Group, source: str, planned: PlannedDelivery, mapper: Mapper) -> str:
    """One SELECT of the target's columns over a group's rows."""
    given, sent = mapper.constants, group.layout.fields
    values = {
        f.name: quote(given[f.name]) if f.name in given else "CAST(NULL AS VARCHAR)" for f in mapper.dataset.fields
    }
    values |= {name: f"f{i}" for name, i in sent.items()}
    marked: list[str] = []
    for is_sent, names in groupby(values, key=sent.__contains__):
        if is_sent:
            marked += [f"coalesce({values[name]}, {quote(_NOTHING)})" for name in names]
        else:  # as one: each further value takes its time in every row
            marked.append(quote(_BETWEEN.join(given.get(name, _NOTHING) for name in names)))
    fields = ", ".join(f"{v} AS {identifier(name)}" for name, v in values.items())
    raw = f"CASE WHEN raw_line IS NOT NULL THEN {quote(WITHHELD)} END" if group.layout.withheld else "raw_line"
    return (
        f"SELECT {fields}, {one_value(planned.company)} AS company, {one_value(planned.feed)} AS feed, "
        f"{one_value(planned.delivery_id)} AS delivery_id, CAST(file AS VARCHAR) AS file, row_number, "
        f"md5(concat_ws({quote(_BETWEEN)}, {', '.join(marked)})) AS record_hash, "
        f"DATE {quote(planned.delivered_on.isoformat())} AS delivered_on, row_kind, {raw} AS raw_line "
        f"FROM ({_rows(group, source)})"
    )


def _rows(group: _Group, source: str) -> str:
    """SELECT of the trimmed cells ``f<column>`` of the fields, file, row_number, row_kind and raw_line."""
    if group.shape == "json":
        return _json_rows(group, source)
    mapped = sorted(set(group.layout.fields.values()))
    if group.shape == "typed":
        texts = ", ".join(f"{_typed_text(f'c{i}')} AS c{i}" for i in mapped)
        cells = ", ".join(f"{trimmed(f'c{i}')} AS f{i}" for i in mapped)
        kind, raw = _blank_or_record(mapped), "CAST(NULL AS VARCHAR)"
        inner = f"SELECT {cells}, file, row_number FROM (SELECT {texts}, file, row_number FROM {source})"
        return f"SELECT *, {kind} AS row_kind, {raw} AS raw_line FROM ({inner})"
    cells = ", ".join(f"nullif(c{i}, '') AS f{i}" for i in group.columns)
    first = f"coalesce({', '.join(f'f{i}' for i in group.columns)}, NULL)"
    repeated = " AND ".join(f"f{i} = {quote(group.layout.names[i])}" for i in mapped) if len(mapped) > 1 else "false"
    return (
        f"SELECT *, CASE WHEN kind IS NOT NULL THEN kind WHEN {first} IS NULL THEN 'blank' "
        f"WHEN regexp_matches({first}, {quote(FOOTER)}) OR ({repeated}) THEN 'footer' ELSE 'record' END AS row_kind "
        f"FROM (SELECT {cells}, kind, raw_line, file, row_number FROM {source})"
    )


def _json_rows(group: _Group, source: str) -> str:
    mapped = sorted(set(group.layout.fields.values()))
    pointers = ", ".join(quote(pointer(*_keys(group.layout.names[i]))) for i in mapped)
    taken = ", ".join(f"found[{n}] AS c{i}" for n, i in enumerate(mapped, 1))
    cells = ", ".join(f"{trimmed(f'c{i}')} AS f{i}" for i in mapped)
    return (
        f"SELECT *, CASE WHEN found IS NOT NULL THEN {_blank_or_record(mapped)} "
        f"WHEN {trimmed('line')} IS NULL THEN 'blank' ELSE 'malformed' END AS row_kind, "
        f"CASE WHEN found IS NULL AND {trimmed('line')} IS NOT NULL THEN line END AS raw_line FROM ("
        f"SELECT {cells}, * FROM (SELECT {taken}, * FROM (SELECT line, file, row_number, "
        f"CASE WHEN {IS_RECORD} THEN json_extract_string(line, [{pointers}]) END AS found FROM {source})))"
    )


def _keys(name: str) -> list[str]:
    return name.split(".", 1)


def _blank_or_record(mapped: Sequence[int]) -> str:
    return f"CASE WHEN coalesce({', '.join(f'f{i}' for i in mapped)}, NULL) IS NULL THEN 'blank' ELSE 'record' END"


def _typed_text(column: str) -> str:
    """A typed value as text: whole floating-point numbers without a fraction (pandas makes them of integers with
    gaps)."""
    return (
        f"CASE WHEN typeof({column}) IN ('DOUBLE', 'FLOAT') AND TRY_CAST({column} AS HUGEINT) = {column} "
        f"THEN CAST(TRY_CAST({column} AS HUGEINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
    )
