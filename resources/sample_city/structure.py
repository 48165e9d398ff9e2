"""What befalls whole files: their names and parts, totals below the last row, a last line cut off, the same rows in a
renamed file, the same file sent again."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from resources.duck import quote
from resources.sample_city.dialects.model import Export
from resources.sample_city.export import Task
from resources.sample_city.nights import night_date

FileTruth = tuple[str, str, str | None]
"""file, outcome, failure code"""
_COMPOUND_FILE = bytes.fromhex("D0CF11E0A1B11AE1").ljust(512, b"\0")
COPY_MARK = "_副本"
"""In the name of a file sent a second time; it sorts after the original's name."""
_RESENT_ROWS = 60


def add_structure(con: duckdb.DuckDBPyConnection, task: Task) -> None:
    """Complete the table ``rows`` by what concerns whole files."""
    export = task.export
    con.execute("ALTER TABLE rows ADD COLUMN footer VARCHAR")
    if task.rate("cut") and export.dataset == "vehicles":
        con.execute("""
            UPDATE rows SET kind = 'cut', mess = []::VARCHAR[]
            WHERE seq = (SELECT max(seq) FROM rows) AND kind = 'record'""")
    if export.footer:
        _add_footers(con, export)
    if task.rate("renamed_rows") and export.dataset == "residents":
        con.execute(f"""
            INSERT INTO rows BY NAME
            SELECT * REPLACE (part + 1 AS part, list_append(mess, 'renamed_rows') AS mess,
                1 + row_number() OVER (ORDER BY seq) AS row_number)
            FROM (SELECT * FROM rows WHERE kind = 'record' ORDER BY seq LIMIT {_RESENT_ROWS})""")


def _add_footers(con: duckdb.DuckDBPyConnection, export: Export) -> None:
    counted = con.sql("SELECT count(*) FROM rows WHERE kind = 'record'").fetchall()[0][0]
    width = len(export.columns)
    rows = [
        ["合计", "", str(counted), *[""] * (width - 3)],
        ["制表人：王主任", "", "制表日期：2026年11月20日", *[""] * (width - 3)],
    ]
    for cells in rows:
        text = "\x1f".join(cells)
        if export.format == "html":
            text = "<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>"
        con.execute(f"""
            INSERT INTO rows BY NAME
            SELECT '' AS entity, 'footer' AS kind, ['footer'] AS mess, []::VARCHAR[] AS reasons,
                {quote(text)} AS footer, max(part) AS part, max_by(row_number, seq) + 1 AS row_number,
                max(seq) + 1 AS seq, 0.5 AS x
            FROM rows""")


def name_parts(con: duckdb.DuckDBPyConnection, task: Task) -> dict[int, str]:
    """Part -> file below the company's drop folder, members and sheets after ``!``."""
    export = task.export
    found = con.sql("SELECT part, min(day) FROM rows GROUP BY part ORDER BY part").fetchall()
    names = {}
    for part, day in found:
        date = day or night_date(task.night)
        path = export.file.format(date=f"{date:%Y%m%d}")
        if export.member and (len(found) > 1 or path.endswith(".zip")):
            path += "!" + export.member.format(part=part + 1)
        elif part > 0 and day is None:
            stem, _, suffix = path.rpartition(".")
            path = f"{stem}_重传.{suffix}"
        names[part] = path
    return names


def send_again(task: Task, folder: Path, files: list[str]) -> list[str]:
    """Copy the delivery's files under new names where the dialect does so; returns the copies."""
    if not task.rate("same_file_again") or task.export.dataset not in ("residents", "houses"):
        return []
    copies = []
    for name in files:
        stem, _, suffix = name.rpartition(".")
        shutil.copyfile(folder / name, folder / f"{stem}{COPY_MARK}.{suffix}")
        copies.append(f"{stem}{COPY_MARK}.{suffix}")
    return copies


def send_former(export: Export, former: Path, folder: Path, night: int) -> list[FileTruth]:
    """Send the former night's files of this export once more: a list under tonight's date, passes marked 补传."""
    folder.mkdir(parents=True, exist_ok=True)
    dates = [f"{night_date(n):%Y%m%d}" for n in (night - 1, night)]
    sent: list[FileTruth] = []
    for source in sorted(former.glob(export.file.format(date=dates[0]))):
        stem, _, suffix = source.name.rpartition(".")
        name = f"{stem}_补传.{suffix}" if export.daily else source.name.replace(dates[0], dates[1])
        shutil.copyfile(source, folder / name)
        sent.append((name, "duplicate", None))
    return sent


def spoil_file(path: Path) -> str:
    """Make a file unreadable the way its kind goes wrong; returns the code its failed load must have."""
    content = path.read_bytes()
    if path.suffix == ".xlsx":
        # what a spreadsheet program writes for a workbook with a password: a compound file with an encrypted package
        path.write_bytes(_COMPOUND_FILE + "EncryptedPackage".encode("utf-16-le").ljust(1024, b"\0") + content[::-1])
        return "password_protected"
    path.write_bytes(content[: len(content) * 6 // 10])
    return "zip_truncated" if path.suffix == ".zip" else "corrupt_file"
