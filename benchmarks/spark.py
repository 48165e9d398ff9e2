"""Whether Spark makes the same register as DuckDB: two nights of a made-up city on both, every released table compared.

``python -m benchmarks.spark --tier hamlet`` starts a Spark master and two workers on 127.0.0.1 (Java 17 and the extra
``spark`` are needed), merges each night on DuckDB and on Spark (between two nights a reviewer parts one pair that
linking joined), and prints, for each:

- ``compared``: rows of all released tables, ids included; ``differ``: those that only one of the two has.
- ``duckdb s``, ``spark s``: the stages of the register that can run on Spark, and ``ratio``, what Spark costs here;
  then the same stage by stage.

Exits 1 when anything differs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from assets.explain import open_evidence
from assets.nightly import MergeReport, run_merge
from assets.register.engines import ON_SPARK
from assets.review.decide import decide
from benchmarks.cities import City, sample
from benchmarks.nights import lay_down
from benchmarks.results import Line, console, keep, show, tell
from benchmarks.same import differences
from resources.settings import Settings

COLUMNS = ("night", "compared", "differ", "duckdb s", "spark s", "ratio")
STAGE_COLUMNS = ("night", "stage", "duckdb s", "spark s", "ratio")
PLACES = 9
"""Probabilities of linking agree to so many decimal places; engines differ in how they take powers and logarithms."""
_STARTS_WITHIN = 60.0

DEFAULTS = """spark.driver.memory 2g
spark.executor.memory 1g
spark.executor.cores 1
"""
"""What the small cluster gives to each of its processes; an installation has a ``spark-defaults.conf`` of its own."""


@contextmanager
def cluster(work: Path) -> Iterator[str]:
    """A master and two workers on 127.0.0.1 while the context lasts; yields the master's URL. Nothing listens to
    other machines, and the master's REST server is off."""
    import pyspark

    home, conf = Path(pyspark.__file__).parent, work / "conf"
    conf.mkdir(parents=True)
    (conf / "spark-defaults.conf").write_text(DEFAULTS, encoding="utf-8")
    os.environ |= {"SPARK_CONF_DIR": str(conf), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": str(home)}
    env = os.environ | {"SPARK_DAEMON_MEMORY": "256m", "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false"}
    started: list[subprocess.Popen[bytes]] = []

    def start(role: str, *more: str) -> None:
        log = (work / f"{role}_{len(started)}.log").open("wb")
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{role.lower()}.{role}"]
        started.append(subprocess.Popen([*command, *more], env=env, stdout=log, stderr=subprocess.STDOUT))

    port, page = _free_port(), _free_port()
    url = f"spark://127.0.0.1:{port}"
    try:
        start("Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page))
        _wait_for(port, started[0], work)
        for n in (1, 2):
            folder = str(work / f"worker_{n}")
            start("Worker", "--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", "1g",
                  "--work-dir", folder, url)  # fmt: skip
        yield url
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], work: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the Spark master did not start; its log is {work / 'Master_0.log'}")


def parity(city: City, nights: int, work: Path, master: str) -> Iterator[Line]:
    """A line a night: merged on both engines, and compared. ``differs`` names the tables."""
    roots = {engine: work / engine for engine in ("duckdb", "spark")}
    settings = {}
    for engine, root in roots.items():
        shutil.copytree(city.root / "config", root / "config")
        settings[engine] = replace(Settings.load(root, root / "config"), engine=engine, spark_master=master)
    for night in range(1, nights + 1):
        reports = {}
        for engine, mine in settings.items():
            tell(f"night {night} on {engine}")
            lay_down(mine, city.root, night)
            reports[engine] = run_merge(mine, progress=tell)
        ours, theirs = (reports[e].release for e in ("duckdb", "spark"))
        found = differences(settings["duckdb"], ours, settings["spark"], theirs, places=PLACES)
        tell(f"night {night}: {found.rows:,} rows compared, {sum(found.found.values()):,} differ")
        seconds = {engine: _register_seconds(report) for engine, report in reports.items()}
        if night < nights:
            for mine in settings.values():
                _part_a_pair(mine)
        yield {
            "city": city.name, "night": night, "compared": found.rows, "differ": sum(found.found.values()),
            "differs": found.found, "duckdb s": seconds["duckdb"], "spark s": seconds["spark"],
            "ratio": seconds["spark"] / seconds["duckdb"],
            "stages": {engine: report.stages for engine, report in reports.items()},
        }  # fmt: skip


def _part_a_pair(settings: Settings) -> None:
    """Decide, for the next night to follow, that the records of one pair that linking joined are two people's."""
    with open_evidence(settings) as con:
        joined = con.execute(
            "SELECT min(pair_id) FROM evidence WHERE rule = 'linked' AND verdict = 'accepted' AND other_id IS NULL"
        ).fetchone()
    if joined and joined[0]:
        tell(f"{joined[0]} was joined, and is to be parted")
        decide(settings, joined[0], "different", by="benchmark")


def _register_seconds(report: MergeReport) -> float:
    return sum(report.stages[f"register: {stage}"] for stage in ON_SPARK)


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tier", default="hamlet")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nights", type=int, default=2)
    parser.add_argument("--master", help="a running master instead of one of its own; the folder must be shared")
    parser.add_argument("--work", type=Path, help="where both installations go; a temporary folder by default")
    parser.add_argument("--keep", action="store_true", help="put the figures into benchmarks/results/spark.json")
    args = parser.parse_args()
    if args.master is None and shutil.which("java") is None:
        print("Java 17 is needed; none was found on the PATH", file=sys.stderr)
        return 2
    # one key, so that the two registers can be read side by side
    os.environ.setdefault("REGISTER_KEY", "one key for the registers of this benchmark")
    city = City(args.tier, args.seed, args.nights)
    sample(city, tell)
    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        work = Path(folder)
        if args.master:
            lines = list(parity(city, args.nights, work, args.master))
        else:
            with cluster(work / "cluster") as master:
                lines = list(parity(city, args.nights, work, master))
                _end_session()
    show(f"{city.name}: DuckDB and Spark", lines, COLUMNS)
    show(f"{city.name}: stage by stage", [*_by_stage(lines)], STAGE_COLUMNS)
    if args.keep:
        keep("spark", lines, city=city.name)
    for line in lines:
        for table, rows in line["differs"].items():
            console.print(f"night {line['night']}: {rows} rows of {table} differ")
    return 1 if any(line["differ"] for line in lines) else 0


def _by_stage(lines: list[Line]) -> Iterator[Line]:
    """A line a night and stage that can run on either."""
    for line in lines:
        for stage in sorted(ON_SPARK, key=lambda s: -line["stages"]["spark"][f"register: {s}"]):
            duckdb, spark = (line["stages"][engine][f"register: {stage}"] for engine in ("duckdb", "spark"))
            yield {
                "night": line["night"], "stage": stage, "duckdb s": duckdb, "spark s": spark,
                "ratio": spark / duckdb if duckdb else None,
            }  # fmt: skip


def _end_session() -> None:
    """Before the master goes, so that the driver does not miss it."""
    from pyspark.sql import SparkSession

    SparkSession.builder.getOrCreate().stop()


if __name__ == "__main__":
    sys.exit(main())
