"""What a province would take, extrapolated from the nights that were measured: no measurement itself.

``python -m benchmarks.province`` takes the largest rebuild on DuckDB in ``benchmarks/results/bench.json``, and with the
exponent by which cost grows between tiers (``make bench`` at several of them; else the target, 1.05) says what 60 M
residents with 180 M passes a day would take on the same processors. Passes per resident are those of the made-up city,
so rows grow with residents.
"""

from __future__ import annotations

import argparse
import json

from benchmarks.report import exponent, newest
from benchmarks.results import FOLDER, Line, console, show
from resources.sample_city.tiers import TIERS

RESIDENTS = 60_000_000
TARGET = 1.05
"""The most that cost is meant to grow by; taken where fewer than two tiers of a size that tells were measured."""
NIGHT_HOURS = 4.0
"""How long a nightly run may take."""


def province(lines: list[Line], growth: float | None) -> Line:
    """The largest rebuild on DuckDB, carried over to :data:`RESIDENTS`."""
    rebuilds = [v for v in newest(lines).values() if v["scenario"] == "rebuild" and v["engine"] == "duckdb"]
    largest = max(rebuilds, key=lambda v: v["rows"])
    found = exponent(newest(lines))
    power, said = (max(found[2], 1.0), "measured") if found else (TARGET, "the target")
    if growth:
        power, said = growth, "given"
    times = RESIDENTS / TIERS[largest["tier"]].residents
    hours = largest["seconds"] * times**power / 3600
    processors = largest["machine"]["cpus"]
    return {
        "from": f"{largest['tier']} ({largest['commit']})", "measured s": largest["seconds"],
        "rows": round(largest["rows"] * times), "exponent": power, "exponent is": said,
        "processors": processors, "hours": hours,
        f"processors for {NIGHT_HOURS:.0f} h": processors * hours / NIGHT_HOURS,
    }  # fmt: skip


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exponent", type=float, help="another growth than the measured one")
    args = parser.parse_args()
    line = province(json.loads((FOLDER / "bench.json").read_text(encoding="utf-8")), args.exponent)
    show("A province, extrapolated: a full rebuild with DuckDB, if work divided over processors without loss", [line],
         tuple(line))  # fmt: skip
    console.print("Nothing of this size was ever run.")


if __name__ == "__main__":
    main()
