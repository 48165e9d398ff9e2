"""One measured run, in a process of its own so that its peak memory is its own: prints a line of JSON."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from unittest.mock import patch

import duckdb

from assets.merge import in_effect, open_merge
from assets.nightly import load_all, run_merge
from assets.register.houses import build_houses
from assets.register.inputs import read_inputs
from assets.register.linking import link_residents
from assets.register.residents import exact_clusters
from assets.standard import ACCEPTED, DeliveryChecks, standard_folder
from benchmarks import pandas_night, peers
from benchmarks.floor import copy_floor
from benchmarks.meter import Meter
from expectations.feeds import load_companies
from resources.duck import connect
from resources.settings import Settings

LOAD = "load"


def night(settings: Settings, meter: Meter) -> dict[str, object]:
    """Load every company and merge."""
    meter.begin(LOAD)
    companies, _ = load_companies(settings.feeds)
    failed = 0
    for _, report in load_all(settings, companies.values()):
        if isinstance(report, Exception):
            raise report
        failed += len(report.failed)
    merged = run_merge(settings, progress=meter.begin)
    return {"published": merged.published, "failed": failed}


def unvalidated(settings: Settings, meter: Meter) -> dict[str, object]:
    """The night without any check of a record or of a table, to see what the checks cost."""
    nothing = DeliveryChecks(rows=0, results=[], distributions={})
    with (
        patch("assets.standard.standardise.validate", lambda *_: nothing),
        patch("assets.release.audit._sql_audits", lambda *_: iter(())),
        patch("assets.release.audit.run_suites", lambda *_: []),
        patch("assets.nightly.import_ahead", lambda: None),
    ):
        return night(settings, meter)


def floor(settings: Settings, meter: Meter, files: Path, out: str) -> dict[str, object]:
    """Copy the files named in ``files``, one a line, with the same engine and limits."""
    meter.begin("copy")
    Path(out).mkdir(parents=True)
    with connect(settings) as con:
        copied = copy_floor(con, [Path(line) for line in files.read_text(encoding="utf-8").splitlines()], Path(out))
    return {"rows": copied.rows, "files": copied.files, "unreadable": copied.unreadable}


def pandas(settings: Settings, meter: Meter, out: str) -> dict[str, object]:
    """The night in pandas."""
    meter.begin("pandas")
    return {"rows": sum(pandas_night.run(settings, Path(out)).values())}


def splink(settings: Settings, meter: Meter) -> dict[str, object]:
    """Stock Splink over the accepted residents: training, scoring, connected components."""
    meter.begin("splink")
    companies, _ = load_companies(settings.feeds)
    paths = [
        standard_folder(settings, d.company, d.delivery_id) / ACCEPTED
        for company in companies.values()
        for feed in company.feeds
        for d in in_effect(settings, company, feed)
        if d.dataset == "residents"
    ]
    with duckdb.connect() as con:
        peers.records(con, paths)
        found = peers.stock_splink(con)
    return {"rows": len(found.cluster_of), "pairs": len(found.compared or ()), "training": round(found.training, 1)}


def linking(settings: Settings, meter: Meter) -> dict[str, object]:
    """The register's linking of residents, after the exact evidence that comes before it."""
    merge = open_merge(settings)
    try:
        with connect(settings) as con:
            meter.begin("before")
            read_inputs(merge, con)
            build_houses(merge, con)
            exact_clusters(con, merge)
            meter.begin("linking")
            counts = link_residents(con, merge)
    finally:
        shutil.rmtree(merge.work, ignore_errors=True)
    return {"pairs": counts["resident_pairs_compared"]}


def queries(settings: Settings, questions: Path) -> dict[str, object]:
    """Seconds of each query, on a connection of its own and with nothing of the release in the page cache."""
    seconds = {}
    for name, query in json.loads(questions.read_text(encoding="utf-8")).items():
        _forget_pages(settings.current)
        start = time.monotonic()
        with duckdb.connect(str(settings.current / "curated.duckdb"), read_only=True) as con:
            con.execute(query).fetchall()
        seconds[name] = round(time.monotonic() - start, 3)
    return {"seconds": seconds}


def _forget_pages(folder: Path) -> None:
    for path in (p for p in folder.resolve().rglob("*") if p.is_file()):
        with path.open("rb") as f:
            os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def main() -> None:
    """``WHAT DATA CONFIG …``, what being one of the functions here."""
    what, data, config, *rest = sys.argv[1:]
    settings = Settings.load(Path(data), Path(config))
    meter = Meter(settings.data)
    match what:
        case "night":
            result = night(settings, meter)
        case "unvalidated":
            result = unvalidated(settings, meter)
        case "floor":
            result = floor(settings, meter, Path(rest[0]), rest[1])
        case "pandas":
            result = pandas(settings, meter, rest[0])
        case "linking":
            result = linking(settings, meter)
        case "queries":
            result = queries(settings, Path(rest[0]))
        case _:
            result = splink(settings, meter)
    meter.end()
    print(json.dumps({**result, "stages": meter.stages, "peak_gib": meter.peak_gib}))


if __name__ == "__main__":
    main()
