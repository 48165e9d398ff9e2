"""Everything one company sends, night by night: the unit of work, independent of every other company."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from resources.sample_city import truth
from resources.sample_city.again import draw_movers
from resources.sample_city.dialects import EXPORTS, Export
from resources.sample_city.events import GATES, draw_passes
from resources.sample_city.export import Task, render
from resources.sample_city.feed_files import write_feed_file
from resources.sample_city.nights import advance, fate
from resources.sample_city.people import draw_pool
from resources.sample_city.rates import RATES
from resources.sample_city.structure import FileTruth, add_structure, name_parts, send_again, send_former, spoil_file
from resources.sample_city.tiers import CityPlan, CompanyPlan
from resources.sample_city.world import build_world, load_world, read_world
from resources.sample_city.writers import write_files

_VIEWS = Path(__file__).with_name("views.sql")


def write_company(city: CityPlan, company: CompanyPlan, out: Path, truth_folder: Path, nights: int) -> dict[str, int]:
    """Write the company's feed file, its files of every night and its truth; returns rows written by feed."""
    write_feed_file(company, out / "config" / "feeds")
    written: dict[str, int] = {}
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET enable_progress_bar = false")
        con.execute("SET VARIABLE gates = $1", [list(GATES)])
        load_world(con, build_world(city, company, draw_pool(city), draw_movers(city)))
        for night in range(1, nights + 1):
            if night > 1:
                advance(con, city, company, night)
            passes = draw_passes(city, company, read_world(con), night, RATES[company.dialect]["late"])
            con.register("drawn", passes)
            con.execute("CREATE OR REPLACE TABLE passes AS SELECT * FROM drawn")
            con.unregister("drawn")
            for feed, rows in _Night(con, city, company, night, (out, truth_folder)).write().items():
                written[feed] = written.get(feed, 0) + rows
            truth.write_passes(con, company.slug, night, truth_folder)
        truth.write_entities(con, company.slug, truth_folder)
    return written


class _Night:
    """One company's delivery of one night."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        city: CityPlan,
        company: CompanyPlan,
        night: int,
        folders: tuple[Path, Path],
    ) -> None:
        self._con, self._city, self._company, self._night = con, city, company, night
        out, self._truth = folders
        self._drop, self._former = (_night_folder(out, n) / "drop" / company.slug for n in (night, max(1, night - 1)))
        self._fate = fate(city, company, night)

    def write(self) -> dict[str, int]:
        """Write all exports and their truth; returns rows by feed."""
        files: list[tuple[str, FileTruth]] = []
        rows: dict[str, int] = {}
        if self._fate != "silent":
            for position, export in enumerate(EXPORTS[self._company.dialect]):
                sent, rows[export.name] = self._write_export(position, export)
                files += [(export.name, f) for f in sent]
        self._write_file_truth(files)
        return rows

    def _write_export(self, position: int, export: Export) -> tuple[list[FileTruth], int]:
        if self._fate == "resending" and export.dataset == "residents":
            return send_former(export, self._former, self._drop, self._night), 0
        city, company = self._city, self._company
        seed = (city.seed, city.tier.number, 4, company.index, self._night, position)
        task = Task(company.slug, company.dialect, export, self._night, seed)
        self._con.execute(f"SET VARIABLE delta = {export.mode == 'delta'}")
        self._con.execute(f"SET VARIABLE night = {self._night}")
        self._con.execute(_VIEWS.read_text(encoding="utf-8"))
        if render(self._con, task) == 0:
            return [], 0
        add_structure(self._con, task)
        parts = name_parts(self._con, task)
        sent = write_files(self._con, export, self._drop, parts)
        if self._fate == "failing" and export.dataset == "residents":
            return [(f, "failed", spoil_file(self._drop / f)) for f in sent], 0
        copies = send_again(task, self._drop, sent)
        if self._fate == "resending" and export.daily:
            copies += [f for f, _, _ in send_former(export, self._former, self._drop, self._night)]
        count = truth.write_row_truth(self._con, task, parts, self._truth)
        return [*((f, "loaded", None) for f in sent), *((f, "duplicate", None) for f in copies)], count

    def _write_file_truth(self, files: list[tuple[str, FileTruth]]) -> None:
        rows = [(self._company.slug, feed, *file) for feed, file in files]
        target = self._truth / "files" / ".parts" / f"night={self._night}"
        target.mkdir(parents=True, exist_ok=True)
        table = pa.Table.from_pylist([dict(zip(truth.FILES.names, r, strict=True)) for r in rows], truth.FILES)
        pq.write_table(table, target / f"{self._company.slug}.parquet")


def _night_folder(out: Path, night: int) -> Path:
    return out if night == 1 else out / "nights" / str(night)
