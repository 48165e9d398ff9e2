"""What every reader gives: parts, whose rows come as Arrow batches with their row numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol

import duckdb
import numpy as np
import pyarrow as pa

from assets.landing.layout import Layout, Row

Shape = Literal["cells", "json", "typed"]
"""``cells``: text columns ``c0 …`` with ``kind`` and ``raw_line``; ``json``: one object a row in ``line``;
``typed``: columns ``c0 …`` of any Arrow type. All have ``row_number``."""

BATCH_ROWS = 16_384


class Part(Protocol):
    """A file, zip member or sheet. A grid has a ``preview`` (its first rows, the first being row 1) in which the header
    is to be found; a part with named fields has None there and tells its ``names``. ``formulas``: cells may be written
    ``="0123"``."""

    file: str
    format: str
    shape: Shape
    encoding: str | None
    delimiter: str | None
    preview: list[Row] | None
    formulas: bool

    def names(self, con: duckdb.DuckDBPyConnection) -> list[str]:
        """The field names of a part without a header row."""
        ...

    def stream(self, layout: Layout, columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """The rows below the header, with these columns of ``layout.names`` only, in bounded memory.

        Raises :class:`LandingError` when the rest cannot be read.
        """
        ...


def cells_schema(columns: Sequence[int]) -> pa.Schema:
    """Of a ``cells`` batch: ``kind`` and ``raw_line`` are null for ordinary rows."""
    return pa.schema(
        [(f"c{i}", pa.string()) for i in columns]
        + [("row_number", pa.int64()), ("kind", pa.string()), ("raw_line", pa.string())]
    )


JSON_SCHEMA = pa.schema([("line", pa.string()), ("row_number", pa.int64())])


def cells_batch(
    columns: Sequence[int],
    arrays: Sequence[pa.Array],
    row_numbers: np.ndarray,
) -> pa.RecordBatch:
    """A batch of ordinary rows."""
    n = len(row_numbers)
    nulls = pa.nulls(n, pa.string())
    return pa.RecordBatch.from_arrays(
        [*arrays, pa.array(row_numbers, pa.int64()), nulls, nulls], schema=cells_schema(columns)
    )


def set_aside_batch(
    columns: Sequence[int], row_numbers: Sequence[int], kinds: Sequence[str], raw: Sequence[str | None]
) -> pa.RecordBatch:
    """A batch of rows whose kind is known already and whose cells are not (malformed rows)."""
    nulls = pa.nulls(len(row_numbers), pa.string())
    return pa.RecordBatch.from_arrays(
        [nulls for _ in columns]
        + [pa.array(row_numbers, pa.int64()), pa.array(kinds, pa.string()), pa.array(raw, pa.string())],
        schema=cells_schema(columns),
    )


@contextmanager
def registered(
    con: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]
) -> Iterator[None]:
    """Let DuckDB scan a stream of batches, once, under this name.

    An error raised by the stream reaches the caller as it is, and not as DuckDB's account of it.
    """
    raised: list[BaseException] = []

    def watched() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except BaseException as e:
            raised.append(e)
            raise

    con.register(name, pa.RecordBatchReader.from_batches(schema, watched()))
    try:
        yield
    except duckdb.Error:
        if raised:
            raise raised[0] from None
        raise
    finally:
        con.unregister(name)
