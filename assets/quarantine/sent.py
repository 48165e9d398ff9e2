"""The rows set aside, as they were sent: in the company's own columns.

The file is read once more where it still lies in the drop folder unchanged; then every cell is the company's. Where it
is gone, the row is put together from what landing kept under the file's own headers: columns that nobody declared stay
empty. Columns that are never taken in do not come back either way.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.landing import Delivery, FileReport, find_deliveries
from assets.landing.errors import LandingError
from assets.landing.layout import Mapper
from assets.landing.load import layout_of
from assets.landing.plan import PlannedDelivery, fingerprinted
from assets.landing.readers.open import open_parts
from assets.landing.write import every_cell
from assets.standard import QUARANTINED, standard_folder
from expectations.contracts.returned import is_return_header
from expectations.feeds import Company
from resources.duck import identifier, quote
from resources.settings import Settings

_SET_ASIDE = "quarantine_rows"
_BATCH = 5_000


@dataclass(frozen=True)
class Text:
    """How a delimited text file was written."""

    encoding: str
    delimiter: str


@dataclass(frozen=True)
class Row:
    """One row set aside: its place, its reasons, and its cells in the order of the table's names."""

    file: str
    number: int
    reasons: list[str]
    warnings: list[str]
    line: str | None
    """The text of a row that could not be cut into cells; its cells are empty."""
    cells: Sequence[str | None]


@dataclass(frozen=True)
class Table:
    """The rows of all parts with the same columns. ``fields``: field -> place in ``names``; ``text`` is None for what
    was no delimited text; ``exact``: the cells are those of the file, not of what landing kept of them."""

    names: tuple[str, ...]
    fields: Mapping[str, int]
    text: Text | None
    sheet: str | None
    source: str
    exact: bool
    has_lines: bool
    widths: tuple[int, ...]
    relation: str
    con: duckdb.DuckDBPyConnection

    @property
    def headers(self) -> dict[str, str]:
        """Field -> the company's own header."""
        return {field: self.names[i] for field, i in self.fields.items()}

    def rows(self) -> Iterator[Row]:
        """The rows by file and number."""
        found = self.con.execute(f"SELECT * FROM {self.relation} ORDER BY file, row_number")
        while batch := found.fetchmany(_BATCH):
            for file, number, reasons, warnings, line, *cells in batch:
                yield Row(file, number, reasons, warnings, line, cells)


@dataclass(frozen=True)
class _Kind:
    """What parts must have in common to stand in one table."""

    names: tuple[str, ...]
    fields: tuple[tuple[str, int], ...]
    text: Text | None
    sheet: str | None
    exact: bool


@contextmanager
def tables_sent(
    con: duckdb.DuckDBPyConnection, settings: Settings, company: Company, delivery: Delivery
) -> Iterator[list[Table]]:
    """The rows set aside of a delivery, a table for each kind of columns. The tables are temporary."""
    source = standard_folder(settings, delivery.company, delivery.delivery_id) / QUARANTINED
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_SET_ASIDE} AS
        SELECT file, row_number, reasons, warnings, json_extract_string(raw, '$.raw_line') AS line, raw
        FROM read_parquet({quote(source)})"""
    )
    collector = _Collector(con, company, delivery)
    try:
        with tempfile.TemporaryDirectory(prefix=".unpack_", dir=settings.landing) as spool:
            collector.collect(settings, Path(spool))
        yield collector.tables()
    finally:
        collector.drop()


class _Collector:
    """Gathers the rows of one delivery, file by file."""

    def __init__(self, con: duckdb.DuckDBPyConnection, company: Company, delivery: Delivery) -> None:
        self._con = con
        self._company = company
        self._delivery = delivery
        self._made: dict[_Kind, tuple[str, str]] = {}
        files = con.execute(f"SELECT DISTINCT file FROM {_SET_ASIDE}").fetchall()
        wanted = {f for (f,) in files}
        self._reports = [f for f in delivery.files if f.file in wanted]

    def collect(self, settings: Settings, spool: Path) -> None:
        """Take the rows of every file from the file itself, else from what was kept."""
        lying = _lying(settings, self._company, self._reports)
        for path, reports in _by_path(self._reports).items():
            place = lying.get(path)
            taken = self._from_file(place, path, spool) if place is not None else set()
            for report in reports:
                if report.file not in taken:
                    self._from_store(report)

    def tables(self) -> list[Table]:
        """What was gathered, in the order of the files."""
        return [self._table(kind, relation, path) for kind, (relation, path) in self._made.items()]

    def drop(self) -> None:
        """Remove the temporary tables."""
        for relation in (_SET_ASIDE, *(r for r, _ in self._made.values())):
            self._con.execute(f"DROP TABLE IF EXISTS {relation}")

    def _from_file(self, place: Path, path: str, spool: Path) -> set[str]:
        """The parts of the file whose rows were found in it again."""
        wanted = {f.file for f in self._reports}
        taken: set[str] = set()
        folder = Path(tempfile.mkdtemp(dir=spool))
        mapper = Mapper(self._company, self._delivery.feed)
        try:
            for part in open_parts(place, path, mapper, folder):
                layout = layout_of(self._con, mapper, part) if part.file in wanted else None
                if layout is None:
                    continue
                kept = [
                    i for i, name in enumerate(layout.names)
                    if name and i not in layout.withheld and i not in layout.returned
                ]  # fmt: skip
                at = {column: n for n, column in enumerate(kept)}
                text = Text(part.encoding or "utf-8", part.delimiter) if part.delimiter else None
                kind = _Kind(
                    tuple(layout.names[i] for i in kept),
                    tuple(sorted((f, at[i]) for f, i in layout.fields.items())),
                    text,
                    self._sheet(part.file, part.format),
                    exact=True,
                )
                with every_cell(self._con, part, layout, kept) as query:
                    cells = "".join(f", c.f{i} AS s{n}" for i, n in at.items())
                    self._add(kind, part.file, path, f"LEFT JOIN ({query}) c USING (file, row_number)", cells)
                taken.add(part.file)
        except LandingError:
            # the feed was changed so that the file can no longer be read: what landing kept still stands
            return taken
        return taken

    def _from_store(self, report: FileReport) -> None:
        never = {d.header for d in self._delivery.dropped_sensitive}
        header = report.header or list(self._delivery.columns)
        names = tuple(h for h in header if h and h not in never and not is_return_header(h))
        fields: dict[str, int] = {}
        for i, name in enumerate(names):
            if (field := self._delivery.columns.get(name)) is not None:
                fields.setdefault(field, i)
        of = {i: field for field, i in fields.items()}
        text = Text(report.encoding or "utf-8", report.delimiter) if report.delimiter else None
        sheet = self._sheet(report.file, report.format)
        kind = _Kind(names, tuple(sorted(fields.items())), text, sheet, exact=False)
        cells = "".join(
            f", json_extract_string(q.raw, {quote('$.' + identifier(of[i]))}) AS s{i}" if i in of
            else f", CAST(NULL AS VARCHAR) AS s{i}"
            for i in range(len(names))
        )  # fmt: skip
        self._add(kind, report.file, report.path, "", cells)

    def _add(self, kind: _Kind, file: str, path: str, joined: str, cells: str) -> None:
        query = f"""SELECT q.file, q.row_number, q.reasons, q.warnings, q.line{cells}
            FROM {_SET_ASIDE} q {joined} WHERE q.file = ?"""
        if kind in self._made:
            self._con.execute(f"INSERT INTO {self._made[kind][0]} {query}", [file])
        else:
            relation = f"quarantine_sent_{len(self._made)}"
            self._con.execute(f"CREATE OR REPLACE TEMP TABLE {relation} AS {query}", [file])
            self._made[kind] = (relation, path)

    def _sheet(self, file: str, format_: str | None) -> str | None:
        """The sheet's name: as the feed demands it, else as it was in a workbook of several."""
        if format_ not in ("xlsx", "xls"):
            return None
        return self._company.feeds[self._delivery.feed].sheet or (file.rsplit("!", 1)[1] if "!" in file else None)

    def _table(self, kind: _Kind, relation: str, path: str) -> Table:
        # a Han character takes two places and three bytes, a letter one of each
        width = "max((strlen(s{0}) + length(s{0})) // 2)"
        columns = ", ".join(["count(line)", *(width.format(i) for i in range(len(kind.names)))])
        lines, *widths = self._con.execute(f"SELECT {columns} FROM {relation}").fetchall()[0]
        return Table(
            kind.names,
            dict(kind.fields),
            kind.text,
            kind.sheet,
            path,
            kind.exact,
            has_lines=bool(lines),
            widths=tuple(w or 0 for w in widths),
            relation=relation,
            con=self._con,
        )


def _by_path(reports: Sequence[FileReport]) -> dict[str, list[FileReport]]:
    found: dict[str, list[FileReport]] = {}
    for report in reports:
        found.setdefault(report.path, []).append(report)
    return found


def _lying(settings: Settings, company: Company, reports: Sequence[FileReport]) -> dict[str, Path]:
    """The files that lie in the drop folder with the bytes that were landed: path below it -> where it is."""
    digests = {r.path: (r.size, r.sha256) for r in reports}
    found: dict[str, Path] = {}
    for planned in find_deliveries(settings, company):
        for file in planned.files:
            if file.file in digests and file.file not in found and digests[file.file][0] == file.size:
                one = PlannedDelivery(planned.company, planned.feed, planned.delivered_on, (file,))
                if fingerprinted(one, {}).files[0].sha256 == digests[file.file][1]:
                    found[file.file] = file.path
    return found
