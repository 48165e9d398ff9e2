"""Everything one company sends, night by night: the unit of work, independent of every other company."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from resources.sample_city import truth
from resources.sample_city.dialects import EXPORTS
from resources.sample_city.events import GATES, draw_passes
from resources.sample_city.export import Task, render
from resources.sample_city.feed_files import write_feed_file
from resources.sample_city.messes import RATES
from resources.sample_city.people import draw_pool
from resources.sample_city.structure import add_structure, name_parts, send_again
from resources.sample_city.tiers import CityPlan, CompanyPlan
from resources.sample_city.world import World, build_world
from resources.sample_city.writers import write_files

_VIEWS = Path(__file__).with_name("views.sql")


def write_company(city: CityPlan, company: CompanyPlan, out: Path, truth_folder: Path, nights: int) -> dict[str, int]:
    """Write the company's feed file, its files of every night and its truth; returns rows written by dataset."""
    write_feed_file(company, out / "config" / "feeds")
    world = build_world(city, company, draw_pool(city))
    written: dict[str, int] = {}
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET VARIABLE gates = $1", [list(GATES)])
        con.execute("SET VARIABLE night = 1")
        for night in range(1, nights + 1):
            passes = draw_passes(city, company, world, night, RATES[company.dialect]["late"])
            _register(con, world, passes)
            con.execute(f"SET VARIABLE night = {night}")
            con.execute(_VIEWS.read_text(encoding="utf-8"))
            drop = (out if night == 1 else out / "nights" / str(night)) / "drop" / company.slug
            for dataset, rows in _write_night(con, city, company, night, drop, truth_folder).items():
                written[dataset] = written.get(dataset, 0) + rows
            truth.write_passes(con, company.slug, night, truth_folder)
        truth.write_entities(con, company.slug, truth_folder)
    return written


def _register(con: duckdb.DuckDBPyConnection, world: World, passes: pa.Table) -> None:
    tables = {**{name: getattr(world, name) for name in World.__dataclass_fields__}, "passes": passes}
    for name, table in tables.items():
        con.register("incoming", table)
        con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
        con.unregister("incoming")


def _write_night(
    con: duckdb.DuckDBPyConnection, city: CityPlan, company: CompanyPlan, night: int, drop: Path, truth_folder: Path
) -> dict[str, int]:
    written, files = {}, []
    for position, export in enumerate(EXPORTS[company.dialect]):
        seed = (city.seed, city.tier.number, 4, company.index, night, position)
        task = Task(company.slug, company.dialect, export, night, seed)
        render(con, task)
        add_structure(con, task)
        parts = name_parts(con, task)
        sent = write_files(con, export, drop, parts)
        copies = send_again(task, drop, sent)
        written[export.dataset] = truth.write_row_truth(con, task, parts, truth_folder)
        files += [(company.slug, export.dataset, f, "loaded", None) for f in sent]
        files += [(company.slug, export.dataset, f, "duplicate", None) for f in copies]
    target = truth_folder / "files" / ".parts" / f"night={night}"
    target.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist([dict(zip(truth.FILES.names, f, strict=True)) for f in files], truth.FILES)
    pq.write_table(table, target / f"{company.slug}.parquet")
    return written
