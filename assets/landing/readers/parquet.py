"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from assets.landing.errors import LandingError
from assets.landing.layout import Layout, Row
from assets.landing.readers.part import BATCH_ROWS, Shape


class ParquetPart:
    """A Parquet file; structs are columns ``outer.inner``, the row number is the ordinal of the record."""

    format = "parquet"
    shape: Shape = "typed"
    encoding: str | None = None
    delimiter: str | None = None
    formulas = False
    preview: list[Row] | None = None

    def __init__(self, path: Path, file: str) -> None:
        self._path = path
        self.file = file
        try:
            schema = pq.read_schema(path)
        except (pa.ArrowInvalid, OSError) as e:
            raise LandingError("corrupt_file", file=file, format="Parquet") from e
        self._names = pa.Table.from_batches([], schema).flatten().column_names

    def names(self, con: duckdb.DuckDBPyConnection) -> list[str]:
        """The columns of the file."""
        return list(self._names)

    def stream(self, layout: Layout, columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """See :class:`Part`."""
        row = 1
        roots = list(dict.fromkeys(self._names[i].split(".")[0] for i in columns))
        try:
            with pq.ParquetFile(self._path) as file:
                known = set(file.schema_arrow.names)
                wanted = [r for r in roots if r in known] if known.issuperset(roots) else None
                for batch in file.iter_batches(BATCH_ROWS, columns=wanted):
                    flat = pa.Table.from_batches([batch]).flatten().combine_chunks()
                    numbers = pa.array(np.arange(row, row + batch.num_rows, dtype=np.int64))
                    row += batch.num_rows
                    arrays = [_one(flat.column(self._names[i])) for i in columns]
                    yield pa.RecordBatch.from_arrays(
                        [*arrays, numbers], names=[*(f"c{i}" for i in columns), "row_number"]
                    )
        except (pa.ArrowInvalid, OSError) as e:
            raise LandingError("corrupt_file", file=self.file, format="Parquet") from e


def _one(column: pa.ChunkedArray) -> pa.Array:
    array = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
