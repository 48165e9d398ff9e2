"""Records put together against the truth: pairwise and B-cubed precision and recall of each kind of entity.

``python -m benchmarks.accuracy --seeds 1 2 3`` needs the cities merged (``benchmarks.truth`` does that), prints a table
and writes ``results/accuracy.json``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb

from assets.landing import Delivery, current_deliveries
from assets.register.events.build import EVENTS_FOLDED
from assets.standard import ACCEPTED, standard_folder
from benchmarks.cities import City
from benchmarks.results import Line, keep, show
from expectations.feeds import load_companies
from resources.duck import quote
from resources.keys import open_restricted
from resources.models import render, run_model
from resources.settings import Settings

SQL = Path(__file__).parent / "sql"
STRATA = (
    ("residents", "all"),
    ("residents", "valid_id"),
    ("houses", "all"),
    ("vehicles", "all"),
    ("access_events", "all"),
)
SYSTEM = "exact evidence"
"""Which matching was measured."""


def measure(settings: Settings, truth: Path, nights: int = 1) -> list[Line]:
    """Scores of the current release by entity and stratum: records, true_pairs, precision, recall, f1, bcubed_f1,
    blocking_recall (None: exact evidence has no blocking). A stratum without records has no line.

    ``valid_id``: residents' records with an ID number of 18 characters and a right check character.
    """
    with open_restricted(settings) as con:
        _load(con, settings, truth, nights)
        lines = []
        for entity, stratum in STRATA:
            query = render(SQL / "pairs.sql", entity=entity, stratum=stratum)
            for scores in con.sql(query).to_arrow_table().to_pylist():
                lines.append(
                    {"entity": entity, "stratum": stratum, "system": SYSTEM, **scores, "blocking_recall": None}
                )
    return lines


def _load(con: duckdb.DuckDBPyConnection, settings: Settings, truth: Path, nights: int) -> None:
    con.execute(
        f"CREATE TEMP VIEW true_rows AS SELECT * FROM "
        f"read_parquet({quote(truth / 'rows/night=*/*.parquet')}, hive_partitioning = true) WHERE night <= {nights}"
    )
    con.execute(
        "CREATE TEMP TABLE base_records (company VARCHAR, dataset VARCHAR, file VARCHAR, row_number BIGINT, "
        "valid_id BOOLEAN, is_snapshot BOOLEAN)"
    )
    events: list[Path] = []
    companies, _ = load_companies(settings.feeds)
    for company in companies.values():
        for name, feed in company.feeds.items():
            for delivery in current_deliveries(settings, company, name):
                path = standard_folder(settings, company.company, delivery.delivery_id) / ACCEPTED
                if feed.dataset == "access_events":
                    events.append(path)
                else:
                    _add_records(con, delivery, path, is_snapshot=feed.mode == "snapshot")
    _add_events(con, settings, events)
    run_model(con, SQL / "clusters.sql")


def _add_records(con: duckdb.DuckDBPyConnection, delivery: Delivery, path: Path, *, is_snapshot: bool) -> None:
    valid = "id_verified" if delivery.dataset == "residents" else "false"
    con.execute(
        f"INSERT INTO base_records SELECT company, ?, file, row_number, {valid}, ? FROM read_parquet({quote(path)})",
        [delivery.dataset, is_snapshot],
    )


def _add_events(con: duckdb.DuckDBPyConnection, settings: Settings, accepted: list[Path]) -> None:
    if not accepted:
        con.execute(
            "CREATE TEMP TABLE kept_events (company VARCHAR, file VARCHAR, row_number BIGINT, cluster_id VARCHAR)"
        )
        return
    folded = max(settings.register.glob(f"*/{EVENTS_FOLDED}"), key=lambda p: p.stat().st_mtime)
    listed = ", ".join(map(quote, accepted))
    con.execute(
        f"""CREATE TEMP VIEW kept_events AS
        SELECT a.company, a.file, a.row_number,
            concat(coalesce(f.kept_delivery_id, a.delivery_id), '/', coalesce(f.kept_file, a.file), ':',
                   coalesce(f.kept_row_number, a.row_number)) AS cluster_id
        FROM read_parquet([{listed}], union_by_name = true) a
        LEFT JOIN read_parquet({quote(folded)}) f
            ON f.delivery_id = a.delivery_id AND f.file = a.file AND f.row_number = a.row_number"""
    )


def report(city: City, lines: list[Line]) -> None:
    """Print and keep one city's scores."""
    told = [{"city": city.name, "seed": city.seed, "tier": city.tier, **line} for line in lines]
    columns = ("entity", "stratum", "records", "true_pairs", "precision", "recall", "f1", "bcubed_f1")
    show(f"{city.name}: records put together ({SYSTEM})", told, columns)
    keep("accuracy", told, city=city.name, system=SYSTEM)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="seeds of the cities")
    parser.add_argument("--tier", default="community", help="community, pilot or city")
    given = parser.parse_args()
    for city in (City(given.tier, seed) for seed in given.seeds):
        report(city, measure(city.settings, city.truth))
    return 0


if __name__ == "__main__":
    sys.exit(main())
