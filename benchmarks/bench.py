"""Wall time and peak memory of the whole night, beside the copy floor of the same files in the same run.

``python -m benchmarks.bench --tier pilot`` generates the city if it is missing, runs each scenario in a process of its
own on a fresh data folder, prints tables and appends to ``results/bench.json``; ``--only rebuild`` stops after that
scenario. With another ``REGISTER_MEMORY`` the figures are kept as that limit's. Scenarios: ``rebuild`` (everything
from the dropped files), ``unchanged`` (the same again), ``night`` (the files of the second night on top: every company
sends its lists again, few rows changed, and the day's passes), ``queries`` (an analyst's questions to the
release), and of the pilot ``pandas`` and ``splink`` (the same files by a script, the same residents by stock Splink).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assets.landing import deliveries
from assets.standard import read_ledger, standard_folder
from benchmarks.cities import ROOT, SAMPLES, City, sample
from benchmarks.results import Line, append, show, tell
from resources.sample_city import TIERS
from resources.settings import Settings

ENGINE = "duckdb"
PEERS = ("pandas", "splink")
"""Scenarios of other engines over the same files; see :mod:`benchmarks.child`."""
QUESTIONS = {
    "residents by district and age": """
        SELECT district, (birth_year // 10) * 10 AS born, count(*)
        FROM inhabitants WHERE first_in_district GROUP BY ALL ORDER BY ALL""",
    "the same from community_profile": """
        SELECT c.district, p.age_band, sum(p.residents) FROM community_profile p JOIN communities c USING (community_id)
        WHERE p.measure = 'residents' GROUP BY ALL ORDER BY ALL""",
    "vacant houses by community": """
        SELECT c.name, count(*) FILTER (WHERE h.status = 'vacant'), count(*) FROM houses h
        JOIN communities c USING (community_id) GROUP BY c.name ORDER BY 2 DESC LIMIT 20""",
    "passes by hour of the day": """
        SELECT hour(hour), direction, subject_kind, sum(events) FROM access_hourly GROUP BY ALL ORDER BY ALL""",
}
"""What an analyst asks of a release: once of the rows themselves, and of the tables made for it."""


@dataclass(frozen=True)
class Run:
    """One child process: wall seconds, peak resident memory in GiB, and what it printed."""

    seconds: float
    peak_gib: float
    said: dict[str, Any]


def run_child(*arguments: str | Path) -> Run:
    """Run ``benchmarks.child``. Raises CalledProcessError if it fails (its error is on the terminal)."""
    command = [sys.executable, "-m", "benchmarks.child", *map(str, arguments)]
    start = time.monotonic()
    said = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    seconds = time.monotonic() - start
    result = json.loads(said.splitlines()[-1])
    return Run(round(seconds, 2), result["peak_gib"], result)


def fresh_root(city: City) -> Path:
    """A data folder with the city's drop and configuration and nothing else; files are linked, not copied."""
    root = SAMPLES / "bench" / city.name
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(city.root / "drop", root / "drop", copy_function=os.link)
    shutil.copytree(city.root / "config", root / "config")
    return root


def add_night(city: City, root: Path, night: int) -> list[Path]:
    """Drop what arrives on a later night; returns the files dropped."""
    source = city.root / "nights" / str(night) / "drop"
    dropped = []
    for file in sorted(p for p in source.rglob("*") if p.is_file()):
        target = root / "drop" / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        os.link(file, target)
        dropped.append(target)
    return dropped


def rows_by_delivery(settings: Settings) -> dict[str, int]:
    """Rows read of every delivery judged so far."""
    ledgers = (standard_folder(settings, d.company, d.delivery_id) for d in deliveries(settings))
    return {
        ledger.delivery_id: sum(f.rows_read for f in ledger.files)
        for ledger in (read_ledger(folder) for folder in ledgers if (folder / "ledger.json").exists())
    }


def floor_of(root: Path, files: list[Path]) -> Run:
    """The copy floor of some dropped files."""
    listed, out = root / "floor.txt", root / "floor"
    listed.write_text("\n".join(map(str, files)), encoding="utf-8")
    run = run_child("floor", root, root / "config", listed, out)
    shutil.rmtree(out)
    return run


def measure(city: City, root: Path, last: str = "") -> Iterator[Line]:
    """Every scenario of a city, in order and up to ``last``, each with the floor of the files that it must read. A
    night in which nothing came is held against the floor of all files."""
    settings = Settings.load(root, root / "config")
    files = sorted(p for p in (root / "drop").rglob("*") if p.is_file())
    tell(f"copying {len(files)} files (the floor)")
    whole = floor_of(root, files)
    for scenario in ("rebuild", "unchanged", *(["night"] if city.nights > 1 else [])):
        known = rows_by_delivery(settings)
        floor = whole
        if scenario == "night":
            dropped = add_night(city, root, 2)
            tell(f"copying {len(dropped)} files (the floor)")
            floor = floor_of(root, dropped)
        tell(f"{city.name}: {scenario}")
        run = run_child("night", root, root / "config")
        rows = sum(n for d, n in rows_by_delivery(settings).items() if scenario == "unchanged" or d not in known)
        yield _line(city, scenario, run, floor, rows) | {"published": run.said["published"]}
        if scenario == last:
            return


def measure_queries(city: City, root: Path) -> Line:
    """An analyst's questions to the release, each with a cold page cache."""
    asked = root / "questions.json"
    asked.write_text(json.dumps(QUESTIONS), encoding="utf-8")
    run = run_child("queries", root, root / "config", asked)
    line = _line(city, "queries", run, None, len(QUESTIONS))
    return line | {"query_seconds": run.said["seconds"], "seconds": max(run.said["seconds"].values())}


def measure_peers(city: City, root: Path) -> Iterator[Line]:
    """The same files by a pandas script, and the same residents by stock Splink."""
    for scenario in PEERS:
        tell(f"{city.name}: {scenario}")
        run = run_child(scenario, root, root / "config", root / scenario)
        yield _line(city, scenario, run, None, run.said["rows"])


def _line(city: City, scenario: str, run: Run, floor: Run | None, rows: int) -> Line:
    return {
        "tier": city.tier,
        "seed": city.seed,
        "scenario": scenario,
        "engine": scenario if scenario in PEERS else ENGINE,
        "seconds": run.seconds,
        "floor_seconds": floor.seconds if floor else None,
        "ratio": round(run.seconds / floor.seconds, 2) if floor else None,
        "peak_gib": run.peak_gib,
        "floor_peak_gib": floor.peak_gib if floor else None,
        "rows": rows,
        "rows_per_second": round(rows / run.seconds) if run.seconds else None,
        "stage_seconds": {name: stage["seconds"] for name, stage in run.said["stages"].items()},
        "stages": run.said["stages"],
        "memory_limit": os.environ.get("REGISTER_MEMORY", Settings.memory_limit),
        "machine": machine(),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("duckdb", "pyarrow", "pandas", "splink")},
        },
        "commit": commit(),
    }


def machine() -> dict[str, Any]:
    """Processors and memory this process may use."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


@cache  # as it was when the measuring began: what is kept of it changes files too
def commit() -> str | None:
    """The commit measured, with ``+`` if files were changed since; None outside a repository."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or None


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tier", default="pilot", choices=TIERS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nights", type=int, default=2, choices=(1, 2), help="2 measures a later night too")
    parser.add_argument("--only", choices=("rebuild",), help="measure nothing after it")
    given = parser.parse_args()
    city = City(given.tier, given.seed, given.nights)
    sample(city, tell)
    root = fresh_root(city)
    lines = []
    for line in measure(city, root, given.only) if given.only else _everything(city, root):
        append("bench", [line])  # at once: a city takes an hour, and what was measured must outlive what fails
        lines.append(line)
    show_lines(lines)
    shutil.rmtree(root)
    return 0


def _everything(city: City, root: Path) -> Iterator[Line]:
    yield from measure(city, root)
    yield measure_queries(city, root)
    if city.tier == "pilot":
        yield from measure_peers(city, root)


def show_lines(lines: Sequence[Line]) -> None:
    """The figures, then those of every scenario's stages."""
    columns = ("tier", "scenario", "engine", "seconds", "floor_seconds", "ratio", "peak_gib", "rows", "rows_per_second")
    show("the whole night beside the copy floor", lines, columns)
    for line in lines:
        if len(line["stages"]) > 1:
            stages = [
                {"stage": name, **stage, "rows_per_second": round(line["rows"] / max(stage["seconds"], 0.01))}
                for name, stage in line["stages"].items()
            ]
            columns = ("stage", "seconds", "cpu_seconds", "rows_per_second", "peak_gib", "written_mib")
            show(f"{line['tier']}, {line['scenario']}: by stage", stages, columns)
        for question, seconds in line.get("query_seconds", {}).items():
            tell(f"{question}: {seconds} s")


if __name__ == "__main__":
    sys.exit(main())
