"""Records put together against the truth: pairwise and B-cubed precision and recall of each kind of entity, and of
residents also by other systems over the same records.

``python -m benchmarks.accuracy --seeds 1 2 3`` makes and merges the cities where that is still to do, prints a table
and writes ``results/accuracy.json``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from assets.landing import Delivery, current_deliveries
from assets.register.events.build import EVENTS_FOLDED
from assets.register.linking import CANDIDATES, HOT_KEYS, UNITS
from assets.standard import ACCEPTED, standard_folder
from benchmarks import peers
from benchmarks.cities import City, run_night, sample
from benchmarks.results import Line, console, keep, show, tell
from expectations.feeds import load_companies
from resources.duck import quote
from resources.keys import open_restricted
from resources.models import render, run_model
from resources.settings import Settings

SQL = Path(__file__).parent / "sql"
STRATA = (
    ("residents", "all"),
    ("residents", "weak"),
    ("residents", "valid_id"),
    ("houses", "all"),
    ("vehicles", "all"),
    ("access_events", "all"),
)
SYSTEM = "this register"
"""What the released register is called beside its peers."""
STOCK = "Splink, stock comparisons"
ASKED = {
    ("residents", "all", "precision"): 0.9995,
    ("residents", "all", "recall"): 0.985,
    ("residents", "all", "blocking_recall"): 0.995,
    ("residents", "weak", "f1"): 0.97,
    ("houses", "all", "f1"): 0.999,
    ("vehicles", "all", "f1"): 0.999,
    ("access_events", "all", "f1"): 0.999,
}
"""What the register is held to. In the weak stratum it must also make at most half the errors of :data:`STOCK`."""


def measure(settings: Settings, truth: Path, nights: int = 1, *, beside: bool = False) -> list[Line]:
    """Scores of the current release by entity and stratum: records, true_pairs, wrong_pairs, missed_pairs, precision,
    recall, f1, bcubed_f1, blocking_recall (None where exact keys alone are used). A stratum without records has no
    line. With ``beside`` the same for residents as other systems put them together.

    ``valid_id``: residents' records with an ID number of 18 characters and a right check character; ``weak``: pairs
    with a record of a resident of whom some record has none.
    """
    with open_restricted(settings) as con:
        _load(con, settings, truth, nights)
        lines = _scores(con, SYSTEM, STRATA)
        _blocked(con, settings, lines)
        if beside:
            lines += _peers(con)
            _explain(con, settings, lines)
        return lines


def _explain(con: duckdb.DuckDBPyConnection, settings: Settings, lines: list[Line]) -> None:
    """Print what was asked, the errors by class where something was missed, and what blocking cost."""
    missed = _judge(lines)
    stage = _stage(settings)
    if missed:
        run_model(con, SQL / "errors.sql")
        query = "FROM errors ORDER BY pairs DESC, error, class, reason"
        show("residents: errors by class", con.sql(query).to_arrow_table().to_pylist(),
             ("error", "class", "reason", "pairs"))  # fmt: skip
    if (stage / f"{HOT_KEYS}.parquet").exists():
        keys = con.sql(f"FROM read_parquet({quote(stage / f'{HOT_KEYS}.parquet')})").to_arrow_table().to_pylist()
        show("residents: keys that propose pairs, and those too hot to", keys,
             ("kind", "blocks", "hot", "largest", "pairs", "pairs_left_out"))  # fmt: skip
        paths = ", ".join(quote(stage / f"{name}.parquet") for name in (CANDIDATES, UNITS))
        compared, units = (
            con.execute(f"SELECT {what} FROM read_parquet({path})").fetchall()[0][0]
            for what, path in zip(("count(*)", "count(DISTINCT unit)"), paths.split(", "), strict=True)
        )
        console.print(f"{compared:,} pairs compared for {units:,} units: {compared / max(units, 1):.2f} a unit")


def _judge(lines: list[Line]) -> list[str]:
    """Say of each figure that is asked for whether it is met; the ones missed."""
    of = {(line["entity"], line["stratum"], line["system"]): line for line in lines}
    missed = []
    for (entity, stratum, figure), asked in ASKED.items():
        value = of.get((entity, stratum, SYSTEM), {}).get(figure)
        if value is not None:
            missed += _tell(f"{entity}, {stratum}: {figure} {value:.4f}, asked {asked}", value >= asked)
    ours, stock = (of.get(("residents", "weak", system)) for system in (SYSTEM, STOCK))
    if ours and stock:
        errors, theirs = (line["wrong_pairs"] + line["missed_pairs"] for line in (ours, stock))
        missed += _tell(
            f"residents, weak: {errors} errors, asked at most half of stock Splink's {theirs}", 2 * errors <= theirs
        )
    return missed


def _tell(what: str, met: bool) -> list[str]:
    console.print(f"{'✓' if met else '✗'} {what}")
    return [] if met else [what]


def _scores(con: duckdb.DuckDBPyConnection, system: str, strata: Iterable[tuple[str, str]]) -> list[Line]:
    lines: list[Line] = []
    for entity, stratum in strata:
        query = render(SQL / "pairs.sql", entity=entity, stratum=stratum)
        for scores in con.sql(query).to_arrow_table().to_pylist():
            lines.append({"entity": entity, "stratum": stratum, "system": system, **scores, "blocking_recall": None})
    return lines


def _blocked(con: duckdb.DuckDBPyConnection, settings: Settings, lines: list[Line]) -> None:
    """Put the register's own recall of blocking into the residents' lines: the share of true pairs that exact evidence
    joined or that were compared."""
    stage = _stage(settings)
    run_model(con, SQL / "blocked.sql", files=stage / "files.parquet", units=stage / f"{UNITS}.parquet",
              candidates=stage / f"{CANDIDATES}.parquet")  # fmt: skip
    _put_blocking(con, lines)


def _stage(settings: Settings) -> Path:
    """What the stages of the newest merge left."""
    return max(settings.register.glob(f"*/stage/{CANDIDATES}.parquet"), key=lambda p: p.stat().st_mtime).parent


def _put_blocking(con: duckdb.DuckDBPyConnection, lines: list[Line]) -> None:
    found = con.execute("SELECT avg(reached::INT), avg(reached::INT) FILTER (WHERE weak) FROM blocked").fetchone()
    assert found is not None
    for line in lines:
        if line["entity"] == "residents" and line["stratum"] in ("all", "weak"):
            line["blocking_recall"] = found[line["stratum"] == "weak"]


def _peers(con: duckdb.DuckDBPyConnection) -> list[Line]:
    """The residents' lines of every peer, over the records that the register used."""
    paths = [Path(p) for (p,) in con.execute("SELECT path FROM resident_files").fetchall()]
    peers.records(con, paths)
    lines: list[Line] = []
    records = con.sql("SELECT count(*) FROM peer_records").fetchall()[0][0]
    for name, run in peers.PEERS.items():
        most = peers.MOST_RECORDS.get(name, records)
        if records > most:
            console.print(f"{name}: not run, {records:,} records are more than the {most:,} it can hold")
            continue
        tell(f"residents by {name}")
        started = time.perf_counter()
        found = run(con)
        seconds = round(time.perf_counter() - started, 1)
        pairs = pa.table(
            {"id": pa.array(found.cluster_of.keys(), pa.int64()), "c": pa.array(found.cluster_of.values(), pa.int64())}
        )
        compared = pa.table(
            {side: pa.array([p[n] for p in found.compared or ()], pa.int64()) for n, side in enumerate(("l", "r"))}
        )
        con.register("peer_clusters", pairs)
        con.register("peer_compared", compared)
        run_model(con, SQL / "peers.sql")
        own = _scores(con, name, STRATA[:3])
        if found.compared is not None:
            _put_blocking(con, own)
        con.unregister("peer_clusters")
        con.unregister("peer_compared")
        lines += [{**line, "seconds": seconds, "training_seconds": round(found.training, 1)} for line in own]
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
    con.execute("CREATE TEMP TABLE resident_files (path VARCHAR)")
    events: list[Path] = []
    companies, _ = load_companies(settings.feeds)
    for company in companies.values():
        for name, feed in company.feeds.items():
            for delivery in current_deliveries(settings, company, name):
                path = standard_folder(settings, company.company, delivery.delivery_id) / ACCEPTED
                if feed.dataset == "residents":
                    con.execute("INSERT INTO resident_files VALUES (?)", [str(path)])
                if feed.dataset == "access_events":
                    events.append(path)
                else:
                    _add_records(con, delivery, path, is_snapshot=feed.mode == "snapshot")
    _add_events(con, settings, events)
    stage = _stage(settings)
    con.execute(
        "CREATE TEMP VIEW mentions AS SELECT f.company, f.file, h.rid % 4294967296 AS row_number, h.house_no "
        f"FROM read_parquet({quote(stage / 'house_of.parquet')}) h "
        f"JOIN read_parquet({quote(stage / 'files.parquet')}) f ON f.file_no = h.rid // 4294967296"
    )
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
    columns = ("entity", "stratum", "system", "true_pairs", "wrong_pairs", "missed_pairs", "precision", "recall", "f1",
               "bcubed_f1", "blocking_recall")  # fmt: skip
    show(f"{city.name}: records put together", told, columns)
    for system in dict.fromkeys(line["system"] for line in told):
        keep("accuracy", [line for line in told if line["system"] == system], city=city.name, system=system)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="seeds of the cities")
    parser.add_argument("--tier", default="community", help="community, pilot or city")
    given = parser.parse_args()
    for city in (City(given.tier, seed) for seed in given.seeds):
        sample(city, tell)
        run_night(city.settings, tell)  # nothing to do where inputs and code are as they were
        report(city, measure(city.settings, city.truth, beside=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
