"""What validation adds to a night: the same city loaded and merged without it and with it, in one run.

``python -m benchmarks.validation --tier pilot`` runs both on fresh data folders, each in a process of its own, and
prints wall seconds, processor seconds (which other work on the machine does not stretch), peak memory, and the ratios.
Without validation no check runs, neither over accepted records nor over released tables, and no suite;
everything else is as it is in a night.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.bench import Run, commit, fresh_root, machine, run_child
from benchmarks.child import LOAD
from benchmarks.cities import City, sample
from benchmarks.results import Line, append, show, tell

WITHOUT, WITH = "without validation", "with validation"


def measure(city: City) -> list[Line]:
    """Both nights, then what each adds: the whole night, and the merge alone."""
    lines = []
    for scenario, what in ((WITHOUT, "unvalidated"), (WITH, "night")):
        tell(f"{city.name}: {scenario}")
        root = fresh_root(city)
        lines.append(_line(city, scenario, run_child(what, root, root / "config")))
    return lines


def _line(city: City, scenario: str, run: Run) -> Line:
    stages = run.said["stages"]
    cpu = {name: stage["cpu_seconds"] for name, stage in stages.items()}
    return {
        "tier": city.tier,
        "seed": city.seed,
        "scenario": scenario,
        "seconds": run.seconds,
        "cpu_seconds": round(sum(cpu.values()), 2),
        "merge_seconds": round(sum(s["seconds"] for name, s in stages.items() if name != LOAD), 2),
        "merge_cpu_seconds": round(sum(n for name, n in cpu.items() if name != LOAD), 2),
        "peak_gib": run.peak_gib,
        "stages": stages,
        "machine": machine(),
        "commit": commit(),
    }


MEASURED = ("seconds", "cpu_seconds", "merge_seconds", "merge_cpu_seconds", "peak_gib")


def ratios(lines: list[Line]) -> Line:
    """What was measured with validation, over what was measured without."""
    without, validated = lines
    return {"scenario": "ratio", **{m: round(validated[m] / without[m], 2) if without[m] else None for m in MEASURED}}


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tier", default="pilot")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    city = City(given.tier, given.seed)
    sample(city, tell)
    lines = measure(city)
    found = ratios(lines)
    show(f"{city.name}: a night without and with validation", [*lines, found], ("scenario", *MEASURED))
    append("validation", [*lines, {"tier": city.tier, "seed": city.seed, **found}])
    return 0


if __name__ == "__main__":
    sys.exit(main())
