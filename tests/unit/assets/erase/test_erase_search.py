"""The search that proves an erasure: what is there is found, what chance makes look like it is not."""

from __future__ import annotations

import zipfile
from pathlib import Path

import duckdb
import pytest

from assets.erase.search import holds
from resources.settings import Settings

NAME = "张三"
IN_GB18030 = NAME.encode("gb18030")


def _parquet(path: Path, column: str) -> Path:
    duckdb.execute(f"COPY (SELECT {column}) TO '{path}' (FORMAT parquet, COMPRESSION uncompressed)")
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_short_name_is_found_in_text(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(f"姓名\n{NAME}\n".encode(encoding))
    assert holds(duckdb.connect(), Settings(tmp_path, tmp_path), path, [NAME])


def test_a_short_name_is_found_in_rows(tmp_path: Path) -> None:
    path = _parquet(tmp_path / "rows.parquet", f"'x{NAME}' AS name")
    assert holds(duckdb.connect(), Settings(tmp_path, tmp_path), path, [NAME])


def test_four_bytes_met_by_chance_in_packed_pages_are_nobody(tmp_path: Path) -> None:
    """Ciphertext and compressed pages hold any four bytes, once they are a few gigabytes."""
    blob = "".join(f"\\x{byte:02x}" for byte in IN_GB18030)
    path = _parquet(tmp_path / "pages.parquet", f"'{blob}'::BLOB AS pages")
    assert len(IN_GB18030) == 4 and IN_GB18030 in path.read_bytes()
    assert not holds(duckdb.connect(), Settings(tmp_path, tmp_path), path, [NAME])


def test_a_short_name_is_found_in_an_archive(tmp_path: Path) -> None:
    """In a member, and in a member's name as a Chinese system writes it."""
    con, settings, within, named = (
        duckdb.connect(),
        Settings(tmp_path, tmp_path),
        tmp_path / "a.zip",
        tmp_path / "b.zip",
    )
    with zipfile.ZipFile(within, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", IN_GB18030 * 2)
    with zipfile.ZipFile(named, "w") as archive:
        archive.writestr("xxxx.csv", "nothing")
    named.write_bytes(named.read_bytes().replace(b"xxxx", IN_GB18030))
    assert holds(con, settings, within, [NAME]) and holds(con, settings, named, [NAME])
    assert not holds(con, settings, within, ["李四"])


def test_a_short_name_is_found_in_a_damaged_archive(tmp_path: Path) -> None:
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("list.csv", IN_GB18030 * 2)
    path.write_bytes(path.read_bytes().replace(IN_GB18030 * 2, IN_GB18030 + b"...."))  # its checksum no longer holds
    assert holds(duckdb.connect(), Settings(tmp_path, tmp_path), path, [NAME])


def test_a_long_value_left_in_a_free_page_is_found(tmp_path: Path) -> None:
    number = "34019919900101001X"
    path = _parquet(tmp_path / "left.parquet", "1 AS n")
    path.write_bytes(path.read_bytes()[:-4] + number.encode() + b"PAR1")
    assert holds(duckdb.connect(), Settings(tmp_path, tmp_path), path, [number])
