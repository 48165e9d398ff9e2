"""Small vectorised helpers shared by the generator's modules."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

EPOCH = np.datetime64("2026-11-20")
"""The first night's date; every date in a made-up city is counted from it, never from the clock."""


def take(values: pa.StringArray | list[str] | tuple[str, ...], index: np.ndarray) -> pa.StringArray:
    """The strings at ``index``, as an Arrow array."""
    array = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    return array.take(pa.array(index))


def digits(number: np.ndarray, width: int) -> np.ndarray:
    """Decimal digits of non-negative integers, one row a number, ``width`` columns, as uint8."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return ((number[:, None] // powers) % 10).astype(np.uint8)


def ascii_strings(codes: np.ndarray) -> pa.StringArray:
    """Rows of ASCII codes (uint8 matrix) as strings of equal length, without a Python loop."""
    n, width = codes.shape
    offsets = np.arange(0, (n + 1) * width, width, dtype=np.int32)
    data = np.ascontiguousarray(codes, dtype=np.uint8)
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(data))


def local_index(counts: np.ndarray) -> np.ndarray:
    """0, 1, … within each group of the given sizes: [2, 3] gives 0 1 0 1 2."""
    starts = np.cumsum(counts) - counts
    return np.arange(int(counts.sum())) - np.repeat(starts, counts)


def share(total: int, weights: np.ndarray) -> np.ndarray:
    """Split a whole number by weights into whole numbers that add up to it (largest remainder)."""
    exact = total * weights / weights.sum()
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: total - int(parts.sum())]] += 1
    return parts
