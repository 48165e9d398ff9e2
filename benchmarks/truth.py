"""Every row's outcome against the truth: how many are right, overall and for each kind of mess.

``python -m benchmarks.truth --seeds 1 2 3`` generates the cities that are missing, runs the night over them, prints
the table, lists the exceptions and writes ``results/outcomes.json`` and ``results/exceptions.json``.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.landing import deliveries
from assets.register.events.build import EVENTS_FOLDED
from assets.standard import ACCEPTED, DUPLICATE, QUARANTINED, SKIPPED, standard_folder
from benchmarks.accuracy import measure as measure_accuracy
from benchmarks.accuracy import report as report_accuracy
from benchmarks.cities import City, run_night, sample
from benchmarks.results import Line, console, keep, show, tell
from resources.duck import connect, quote
from resources.models import run_model
from resources.settings import Settings

SQL = Path(__file__).parent / "sql"
OVERALL, EACH = 0.995, 0.98
"""What is asked for: the share of all rows, and of each kind of mess, whose outcome is right."""


@dataclass(frozen=True)
class Outcomes:
    """``kinds``: mess, rows, right, share, most rows first. ``exceptions``: mess, dataset, expected, actual, rows,
    example (file:row), most rows first. ``files``: the files whose fate is not the true one."""

    rows: int
    right: int
    kinds: list[Line]
    exceptions: list[Line]
    files: list[Line]

    @property
    def share(self) -> float:
        """The share of all rows whose outcome is right."""
        return self.right / self.rows if self.rows else 1.0

    @property
    def failing(self) -> list[str]:
        """The kinds of mess below what is asked for."""
        return [k["mess"] for k in self.kinds if k["share"] < EACH]


def outcomes(con: duckdb.DuckDBPyConnection, settings: Settings, truth: Path, nights: int = 1) -> Outcomes:
    """Compare what was made of every row of the first ``nights`` nights with the truth.

    Needs the loads and a merge of exactly those nights.
    """
    load_actual(con, settings)
    load_truth(con, truth, nights)
    run_model(con, SQL / "compared.sql")
    rows, right = con.sql("SELECT count(*), count(*) FILTER (is_right) FROM compared").fetchall()[0]
    kinds = _lines(
        con,
        'SELECT mess, count(*) AS rows, count(*) FILTER (is_right) AS "right", avg(is_right::INT) AS share '
        "FROM (SELECT unnest(mess) AS mess, is_right FROM compared) GROUP BY mess ORDER BY rows DESC, mess",
    )
    exceptions = _lines(
        con,
        """SELECT array_to_string(mess, '+') AS mess, dataset,
            concat_ws(' ', expected, array_to_string(expected_reasons, ' ')) AS expected,
            concat_ws(' ', actual, array_to_string(actual_reasons, ' ')) AS actual,
            count(*) AS rows, min(company || '/' || file || ':' || row_number) AS example
        FROM compared WHERE NOT is_right GROUP BY ALL ORDER BY rows DESC, mess, dataset, expected, actual""",
    )
    return Outcomes(rows, right, kinds, exceptions, _files(con, settings))


def load_actual(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make ``actual`` from all standard deliveries and the newest merge's folded events."""
    folders = [
        standard_folder(settings, d.company, d.delivery_id) for d in deliveries(settings) if d.status == "loaded"
    ]
    folded = max(settings.register.glob(f"*/{EVENTS_FOLDED}"), key=lambda p: p.stat().st_mtime)
    parts = {"accepted": ACCEPTED, "quarantined": QUARANTINED, "duplicates": DUPLICATE, "skipped": SKIPPED}
    run_model(
        con,
        SQL / "actual.sql",
        folded=folded,
        **{name: [folder / file for folder in folders] for name, file in parts.items()},
    )


def load_truth(con: duckdb.DuckDBPyConnection, truth: Path, nights: int) -> None:
    """Make the views ``true_rows`` and ``true_files`` of the first nights."""
    for view, pattern in (("true_rows", "rows/night=*/*.parquet"), ("true_files", "files/night=*.parquet")):
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM "
            f"read_parquet({quote(truth / pattern)}, hive_partitioning = true) WHERE night <= {nights}"
        )


def _lines(con: duckdb.DuckDBPyConnection, query: str) -> list[Line]:
    return con.sql(query).to_arrow_table().to_pylist()


def _files(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[Line]:
    """The files whose status or failure is another than the truth says; a file's parts count as one."""
    found: dict[tuple[str, str], tuple[str, str | None]] = {}
    for d in deliveries(settings):
        for f in d.files:
            whole = f.file.split("!", 1)[0]
            status = "failed" if d.status == "failed" else f.status
            found[d.company, whole] = (status, d.code if status == "failed" else None)
    wrong = []
    for company, file, outcome, code in con.sql("SELECT company, file, outcome, code FROM true_files").fetchall():
        actual = found.get((company, file), ("missing", None))
        if actual != (outcome, code):
            wrong.append(
                {"company": company, "file": file, "expected": f"{outcome} {code or ''}".strip(),
                 "actual": f"{actual[0]} {actual[1] or ''}".strip()}
            )  # fmt: skip
    return wrong


def report(city: City, result: Outcomes) -> None:
    """Print and keep one city's comparison."""
    about = {"city": city.name, "seed": city.seed, "tier": city.tier}
    overall = {"mess": "all rows", "rows": result.rows, "right": result.right, "share": result.share}
    lines = [{**about, **k} for k in (overall, *result.kinds)]
    show(f"{city.name}: rows whose outcome is right", lines, ("mess", "rows", "right", "share"))
    if result.exceptions:
        columns = ("mess", "dataset", "expected", "actual", "rows", "example")
        show(f"{city.name}: exceptions by kind", result.exceptions[:40], columns)
    if result.files:
        show(f"{city.name}: files with another fate", result.files, ("company", "file", "expected", "actual"))
    keep("outcomes", lines, city=city.name)
    keep("exceptions", [{**about, **e} for e in result.exceptions], city=city.name)


def main() -> int:
    """Command line; 1 if a share is below what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="seeds of the cities")
    parser.add_argument("--tier", default="community", help="community, pilot or city")
    given = parser.parse_args()
    fine = True
    for city in (City(given.tier, seed) for seed in given.seeds):
        sample(city, tell)
        run_night(city.settings, tell)
        with connect(city.settings) as con:
            result = outcomes(con, city.settings, city.truth)
        report(city, result)
        report_accuracy(city, measure_accuracy(city.settings, city.truth))
        verdict = "as asked" if result.share >= OVERALL and not result.failing else "below what is asked"
        console.print(f"{city.name}: {result.share:.4%} of {result.rows:,} rows right, {verdict}")
        if result.failing:
            console.print(f"  below {EACH:.0%}: {', '.join(result.failing)}")
        fine &= verdict == "as asked" and not result.files
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
