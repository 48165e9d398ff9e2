"""Whether Spark judges the same and makes the same register as DuckDB: two nights of a made-up city on both, every part
of every delivery and every released table compared.

``python -m benchmarks.spark --tier hamlet`` starts a Spark master and two workers on 127.0.0.1 (Java 17 and the extra
``spark`` are needed), loads and merges each night on DuckDB and on Spark, where it judges the smallest deliveries too
(between two nights a reviewer parts one pair that linking joined), and prints, for each:

- ``judged``: rows of the parts of all standard deliveries, and their ledgers; ``compared``: rows of all released
  tables, ids included; ``differ``: those of either that only one of the two has.
- ``duckdb s``, ``spark s``: the stages of the register that can run on Spark, and ``ratio``, what Spark costs here;
  ``cpu``: the same in processor seconds of all processes that were started (not those of another's ``--master``), which
  a busy machine changes less. Then the same stage by stage, after the loads, whose reading is DuckDB's on both.

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
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from assets.explain import open_evidence
from assets.nightly import REGISTER, MergeReport, run_merge
from assets.register.engines import ON_SPARK
from assets.review.decide import decide
from benchmarks.cities import City, sample
from benchmarks.nights import lay_down
from benchmarks.results import Line, console, keep, show, tell
from benchmarks.same import differences
from benchmarks.same_loads import differences_of_loads
from resources.settings import Settings

COSTS = ("duckdb s", "spark s", "ratio", "duckdb cpu s", "spark cpu s", "cpu ratio")
COLUMNS = ("night", "judged", "compared", "differ", *COSTS)
STAGE_COLUMNS = ("night", "stage", *COSTS)
LOADS = "loads"
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
    """A line a night: loaded and merged on both engines, and compared. ``differs`` names the parts and tables."""
    roots = {engine: work / engine for engine in ("duckdb", "spark")}
    settings = {}
    for engine, root in roots.items():
        shutil.copytree(city.root / "config", root / "config")
        mine = replace(Settings.load(root, root / "config"), engine=engine, spark_master=master, spark_rows=0)
        settings[engine] = mine
    for night in range(1, nights + 1):
        reports: dict[str, MergeReport] = {}
        cpu: dict[str, dict[str, float]] = {}
        for engine, mine in settings.items():
            tell(f"night {night} on {engine}")
            load = _loaded(mine, city, night)
            reports[engine], cpu[engine] = _metered(mine)
            for taken, seconds in zip((reports[engine].stages, cpu[engine]), load, strict=True):
                taken[LOADS] = seconds
        judged = differences_of_loads(settings["duckdb"], settings["spark"])
        ours, theirs = (reports[e].release for e in ("duckdb", "spark"))
        found = differences(settings["duckdb"], ours, settings["spark"], theirs, places=PLACES)
        differs = judged.found | found.found
        tell(f"night {night}: {judged.rows:,} and {found.rows:,} rows compared, {sum(differs.values()):,} differ")
        if night < nights:
            for mine in settings.values():
                _part_a_pair(mine)
        stages = {engine: report.stages for engine, report in reports.items()}
        yield {
            "city": city.name, "night": night, "judged": judged.rows, "compared": found.rows,
            "differ": sum(differs.values()), "differs": differs, **_costs(stages, cpu, _keys(ON_SPARK)),
            "stages": stages, "cpu": cpu, "master": master.partition(":")[0],
        }  # fmt: skip


def _loaded(settings: Settings, city: City, night: int) -> tuple[float, float]:
    """Drop a night's files and load them; seconds, and processor seconds."""
    begun, used = time.monotonic(), cpu_seconds()
    lay_down(settings, city.root, night)
    return round(time.monotonic() - begun, 2), round(cpu_seconds() - used, 2)


def _metered(settings: Settings) -> tuple[MergeReport, dict[str, float]]:
    """A merge, and the processor seconds of each of its steps."""
    begun: list[tuple[str, float]] = []

    def step(name: str) -> None:
        begun.append((name, cpu_seconds()))
        tell(name)

    report = run_merge(settings, progress=step)
    ends = [at for _, at in begun[1:]] + [cpu_seconds()]
    return report, {name: round(end - at, 2) for (name, at), end in zip(begun, ends, strict=True)}


def cpu_seconds() -> float:
    """What this process, all that it started and all that these started have used of processors so far (Linux)."""
    used: dict[int, float] = {}
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile; its parent has its seconds
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
            used[int(stat.parent.name)] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    ours = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(used[process] for process in ours)


def _keys(stages: Iterable[str]) -> list[str]:
    return [f"register: {s}" for s in stages]


def _costs(seconds: dict[str, dict[str, float]], cpu: dict[str, dict[str, float]], steps: Collection[str]) -> Line:
    """What these steps took on each engine, and how many times as much on Spark."""
    line: Line = {}
    for unit, ratio, taken in (("s", "ratio", seconds), ("cpu s", "cpu ratio", cpu)):
        duckdb, spark = (sum(taken[engine][s] for s in steps) for engine in ("duckdb", "spark"))
        line |= {f"duckdb {unit}": duckdb, f"spark {unit}": spark, ratio: spark / duckdb if duckdb else None}
    return line


def _part_a_pair(settings: Settings) -> None:
    """Decide, for the next night to follow, that the records of one pair that linking joined are two people's."""
    with open_evidence(settings) as con:
        joined = con.execute(
            "SELECT min(pair_id) FROM evidence WHERE rule = 'linked' AND verdict = 'accepted' AND other_id IS NULL"
        ).fetchone()
    if joined and joined[0]:
        tell(f"{joined[0]} was joined, and is to be parted")
        decide(settings, joined[0], "different", by="benchmark")


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
    """A line a night for the loads, and for each stage that can run on either."""
    for line in lines:
        for step in (LOADS, *_keys(s for s in REGISTER if s in ON_SPARK)):
            stage = step.removeprefix("register: ")
            yield {"night": line["night"], "stage": stage, **_costs(line["stages"], line["cpu"], [step])}


def _end_session() -> None:
    """Before the master goes, so that the driver does not miss it."""
    from pyspark.sql import SparkSession

    SparkSession.builder.getOrCreate().stop()


if __name__ == "__main__":
    sys.exit(main())
