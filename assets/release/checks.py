"""Check results as rows: how the ``checks`` table of a release is filled and read again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from expectations.checks import CheckResult
from resources.duck import identifier

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("check", "table")),
        ("passed", pa.bool_()),
        *((name, pa.string()) for name in ("observed", "expected", "severity", "company", "remedy", "message_zh")),
        *((name, pa.list_(pa.string())) for name in ("columns", "examples")),
    ]
)


def checks_table(results: Iterable[CheckResult]) -> pa.Table:
    """The results as rows of ``checks``, without the release they are of."""
    return pa.Table.from_pylist([asdict(r) for r in results], schema=_SCHEMA)


def read_checks(folder: Path) -> list[CheckResult]:
    """The results in a release or candidate folder, in the order of the table. Those of releases made before a column
    of ``checks`` was added are without it."""
    path = str(folder / "parquet" / "checks.parquet")
    with duckdb.connect() as con:
        held = {row[0] for row in con.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()}
        names = [f.name for f in fields(CheckResult) if f.name in held]
        query = f"SELECT {', '.join(map(identifier, names))} FROM read_parquet(?)"
        rows = con.execute(query, [path]).fetchall()
    return [_result(dict(zip(names, row, strict=True))) for row in rows]


def _result(row: dict[str, Any]) -> CheckResult:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}
    return CheckResult(**values)
