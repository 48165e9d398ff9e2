"""One damaged delivery: a file of the city, changed in one to six ways drawn from a seed."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from benchmarks.faults.grids import WRITERS, Grid, gzipped, read_grid, zipped

_CELLS = (
    "", " ", "\u3000", "=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "-", "NULL", "无", "1" * 400, "9" * 19, "1e309", "NaN",
    "-0", "'; DROP TABLE residents; --", "\" OR ''='", '"', '""', '"未闭合', "a\nb", "a\r\nb\r\nc", "a\0b", "\ufeff",
    "\u202e反向", "😀𠮷䶮", "\ue000\uf8ff", "合计", "小计：", "../../etc/passwd", "<b>&amp;</b>",
    "%s{0}$x", "2026-13-45",
    "1900-01-00", "9999-12-31", "长" * 5000, "x" * 70_000, "1,2;3|4\t5", "\\", "\x1a", "\x1b[31m", "true", "[]", "{}",
)  # fmt: skip
_SUFFIXES = (".csv", ".txt", ".xlsx", ".xls", ".json", ".jsonl", ".parquet", ".zip", ".gz", ".CSV", "", ".pdf", ".part")
_MEMBERS = (
    "数据.csv",
    "a/b/c.csv",
    "..\\x.csv",
    "/abs.csv",
    "x\n.csv",
    ".hidden.csv",
    "__MACOSX/a.csv",
    "a" * 200 + ".csv",
)


@dataclass(frozen=True)
class Original:
    """An undamaged file: who sends it, under which name, and its rows."""

    company: str
    name: str
    data: bytes
    grid: Grid


@dataclass(frozen=True)
class Damaged:
    """What is dropped instead, and what was done to it."""

    original: Original
    name: str
    data: bytes
    done: tuple[str, ...]


def original(company: str, name: str, data: bytes) -> Original:
    """The file with its rows."""
    return Original(company, name, data, read_grid(name, data))


def damage(file: Original, draw: random.Random) -> Damaged:
    """The file as damaged by the draws: its bytes, or its rows and then perhaps bytes, packing and name."""
    done: list[str] = []
    name, data = file.name, file.data
    if draw.random() < 0.6:
        grid = [list(row) for row in file.grid]
        for _ in range(draw.choice((1, 1, 2, 3))):
            done.append(_one(GRID_CHANGES, draw)(grid, draw))
        suffix = draw.choice((PurePosixPath(name).suffix, *WRITERS))
        data = WRITERS.get(suffix, WRITERS[".csv"])(grid or [[]], draw)
        done.append(f"written as {suffix}")
    else:
        data = _changed(data, draw, done)
    if draw.random() < 0.2:
        data = _packed(data, draw, done)
    if draw.random() < 0.15:
        data = _changed(data, draw, done)
    if draw.random() < 0.15:
        name = _renamed(name, draw, done)
    return Damaged(file, name, data, tuple(done))


def _one(changes: dict[str, Callable[..., str | None]], draw: random.Random) -> Callable[[Grid, random.Random], str]:
    name = draw.choice(list(changes))

    def change(grid: Grid, draw: random.Random) -> str:
        changes[name](grid, draw)
        return name

    return change


def _changed(data: bytes, draw: random.Random, done: list[str]) -> bytes:
    for _ in range(draw.choice((1, 1, 2, 4))):
        name = draw.choice(list(BYTE_CHANGES))
        done.append(name)
        data = BYTE_CHANGES[name](data, draw)
    return data


def _packed(data: bytes, draw: random.Random, done: list[str]) -> bytes:
    how = draw.choice(("zip", "zip", "two members", "zip in zip", "gzip", "odd member", "empty zip", "repacked"))
    done.append(how)
    if how == "repacked" and data[:2] == b"PK":
        return _member_changed(data, draw)
    members = [("数据.csv", data)]
    if how == "two members":
        members = [("一.csv", data), ("一.csv" if draw.random() < 0.3 else "二.csv", data[: len(data) // 2])]
    if how == "odd member":
        members = [(draw.choice(_MEMBERS), data), ("readme.md", b"x")]
    packed = gzipped(data) if how == "gzip" else zipped(members if how != "empty zip" else [], draw)
    return zipped([("内.zip", packed)], draw) if how == "zip in zip" else packed


def _member_changed(data: bytes, draw: random.Random) -> bytes:
    """The archive (a workbook is one too) with one of its members damaged, and sound around it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(m.filename, archive.read(m)) for m in archive.infolist()]
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError):
        return data
    if members:
        at = draw.randrange(len(members))
        members[at] = (members[at][0], BYTE_CHANGES[draw.choice(list(BYTE_CHANGES))](members[at][1], draw))
    return zipped(members, draw)


def _renamed(name: str, draw: random.Random, done: list[str]) -> str:
    path = PurePosixPath(name)
    how = draw.choice(("suffix", "suffix", "suffix", "quote", "line break", "semicolon", "upper"))
    done.append(f"renamed: {how}")
    match how:
        case "suffix":
            return path.stem + draw.choice(_SUFFIXES)
        case "quote":
            return f"{path.stem}'\"{path.suffix}"
        case "line break":
            return f"{path.stem}\n{path.suffix}"
        case "semicolon":
            return f"{path.stem}; DROP TABLE x; --{path.suffix}"
    return name.upper()


def _place(data: bytes, draw: random.Random) -> int:
    return draw.randrange(len(data) + 1)


def _flip(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 5, 50))):
        if changed:
            changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _cut_out(data: bytes, draw: random.Random) -> bytes:
    a, b = sorted((_place(data, draw), _place(data, draw)))
    return data[:a] + data[b:]


def _insert(data: bytes, draw: random.Random) -> bytes:
    at = _place(data, draw)
    return data[:at] + draw.randbytes(draw.choice((1, 3, 300))) + data[at:]


def _repeat(data: bytes, draw: random.Random) -> bytes:
    a, b = sorted((_place(data, draw), _place(data, draw)))
    return data[:b] + data[a:b] + data[b:]


def _zeros(data: bytes, draw: random.Random) -> bytes:
    at = _place(data, draw)
    return data[:at] + bytes(draw.choice((1, 64, 5000))) + data[at:]


def _swap(data: bytes, draw: random.Random) -> bytes:
    at = _place(data, draw)
    return data[at:] + data[:at]


def _quotes(data: bytes, draw: random.Random) -> bytes:
    at = _place(data, draw)
    return data[:at] + draw.choice((b'"', b'""', b"\\", b"<", b"{", b"]", b"\x00", b"\r", b"\xff\xfe")) + data[at:]


BYTE_CHANGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "bits flipped": _flip,
    "bytes cut out": _cut_out,
    "bytes put in": _insert,
    "bytes repeated": _repeat,
    "zeros put in": _zeros,
    "ends swapped": _swap,
    "a sign put in": _quotes,
    "truncated": lambda data, draw: data[: _place(data, draw)],
    "beginning lost": lambda data, draw: data[_place(data, draw) :],
    "byte order mark": lambda data, draw: draw.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) + data,
    "line ends": lambda data, draw: data.replace(b"\n", draw.choice((b"\r", b"\r\n", b"\n\n", b""))),
    "rubbish after": lambda data, draw: data + draw.randbytes(200),
}


def _cell(grid: Grid, draw: random.Random) -> tuple[int, int] | None:
    rows = [r for r, row in enumerate(grid) if row]
    if not rows:
        return None
    r = draw.choice(rows)
    return r, draw.randrange(len(grid[r]))


def _odd_cells(grid: Grid, draw: random.Random) -> None:
    for _ in range(draw.choice((1, 1, 5, 40))):
        if at := _cell(grid, draw):
            grid[at[0]][at[1]] = draw.choice(_CELLS)


def _odd_header(grid: Grid, draw: random.Random) -> None:
    if grid and grid[0]:
        grid[0][draw.randrange(len(grid[0]))] = draw.choice(_CELLS)


def _swap_cells(grid: Grid, draw: random.Random) -> None:
    for _ in range(draw.choice((1, 5, 40))):
        one, other = _cell(grid, draw), _cell(grid, draw)
        if one and other:
            (a, b), (c, d) = one, other
            grid[a][b], grid[c][d] = grid[c][d], grid[a][b]


def _column(grid: Grid, draw: random.Random, change: Callable[[list[str], int], None]) -> None:
    at = draw.randrange(max(1, max(map(len, grid), default=1)))
    for row in grid:
        if at < len(row):
            change(row, at)


def _column_lost(grid: Grid, draw: random.Random) -> None:
    _column(grid, draw, lambda row, at: row.pop(at) and None)


def _column_twice(grid: Grid, draw: random.Random) -> None:
    _column(grid, draw, lambda row, at: row.insert(at, row[at]))


def _column_filled(grid: Grid, draw: random.Random) -> None:
    value = draw.choice(_CELLS[:30])
    for row in grid[1:]:
        if row:
            row[-1] = value


def _columns_moved(grid: Grid, draw: random.Random) -> None:
    _column(grid, draw, lambda row, at: row.insert(0, row.pop(at)))


def _many_columns(grid: Grid, draw: random.Random) -> None:
    more = draw.choice((3, 100, 2000))
    for row in grid[:20]:
        row += [f"列{i}" for i in range(more)]


def _header_lost(grid: Grid, draw: random.Random) -> None:
    del grid[: draw.choice((1, 1, 2))]


def _header_again(grid: Grid, draw: random.Random) -> None:
    if grid:
        grid.insert(draw.randrange(len(grid) + 1), list(grid[0]))


def _titles(grid: Grid, draw: random.Random) -> None:
    for _ in range(draw.choice((1, 3, 30))):
        grid.insert(0, draw.choice((["住户信息登记表"], [], ["制表日期：2026-11-20", "", ""], ["", ""])))


def _rows_lost(grid: Grid, draw: random.Random) -> None:
    del grid[draw.randrange(1, 4) :: draw.choice((1, 2, 3))]


def _rows_again(grid: Grid, draw: random.Random) -> None:
    grid += [list(row) for row in grid[1 : draw.randrange(2, 60)]]


def _rows_mixed(grid: Grid, draw: random.Random) -> None:
    draw.shuffle(grid)


def _rows_uneven(grid: Grid, draw: random.Random) -> None:
    for row in grid[1:]:
        if draw.random() < 0.3:
            if draw.random() < 0.5:
                row.append(draw.choice(_CELLS))
            elif row:
                row.pop()


def _footer(grid: Grid, draw: random.Random) -> None:
    grid += [[], ["合计", "1,322"], ["制表人：", "", "审核："]]


GRID_CHANGES: dict[str, Callable[[Grid, random.Random], None]] = {
    "odd cells": _odd_cells,
    "odd header": _odd_header,
    "cells swapped": _swap_cells,
    "column lost": _column_lost,
    "column twice": _column_twice,
    "column filled": _column_filled,
    "columns moved": _columns_moved,
    "many columns": _many_columns,
    "header lost": _header_lost,
    "header again": _header_again,
    "titles above": _titles,
    "rows lost": _rows_lost,
    "rows again": _rows_again,
    "rows mixed": _rows_mixed,
    "rows uneven": _rows_uneven,
    "footer below": _footer,
}
