"""Time and peak memory of the residents' linking beside stock Splink over the same records, each in its own process.

``python -m benchmarks.linking --tier pilot --seed 1`` loads the city where that is still to do, prints a table and
writes ``results/linking.json``. Training is told apart: the register's model is trained once and stored, stock Splink
trains on the records themselves.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from assets.nightly import load_all
from assets.register.linking import read_model
from benchmarks.accuracy import STOCK, SYSTEM
from benchmarks.bench import run_child
from benchmarks.cities import City, sample
from benchmarks.results import Line, keep, show, tell
from expectations.feeds import load_companies
from resources.settings import Settings


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tier", default="pilot", help="community, pilot or city")
    parser.add_argument("--seed", type=int, default=1, help="seed of the city")
    parser.add_argument("--data", type=Path, help="a data root that is loaded already, instead of the made-up city's")
    given = parser.parse_args()
    city = City(given.tier, given.seed)
    root = given.data or city.root
    settings = Settings.load(root, root / "config")
    if not given.data:
        sample(city, tell)
        for _, report in load_all(settings, load_companies(settings.feeds)[0].values()):
            if isinstance(report, Exception):
                raise report
    lines: list[Line] = []
    trained = read_model().about["seconds"]
    for system, what in ((SYSTEM, "linking"), (STOCK, "splink")):
        tell(f"residents by {system}")
        run = run_child(what, root, root / "config")
        found, learned = run.said["stages"][what], run.said.get("training", 0.0)
        lines.append({"city": city.name, "tier": city.tier, "seed": city.seed, "system": system,
                      "seconds": round(found["seconds"] - learned, 1), "cpu_seconds": found["cpu_seconds"],
                      "peak_gib": found["peak_gib"], "pairs": run.said["pairs"],
                      "training_seconds": learned or trained})  # fmt: skip
    show(f"{city.name}: linking residents", lines, 
         ("system", "seconds", "cpu_seconds", "peak_gib", "pairs", "training_seconds"))  # fmt: skip
    keep("linking", lines, city=city.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
