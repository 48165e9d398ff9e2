"""``python -m benchmarks.faults``: kill nights and erasures and damage deliveries on purpose, and say what came of it.

``--kills N`` kills N nights of a small installation with SIGKILL at random moments, readers at work throughout;
``--mutations N`` loads N deliveries damaged at random; ``--erasures N`` kills N erasures before operations on files,
spread over all of them. All are drawn from ``--seed``; a damaged delivery that came out
wrong is loaded again with ``--only`` and the number printed with it, the nights of a wrong merge are lived again with
the same ``--seed``. Exit code 1 when anything was wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from benchmarks.bench import commit, machine
from benchmarks.faults import deliveries, erasures, kills
from benchmarks.faults.progress import bar
from benchmarks.results import Line, console, keep, show

_SHOWN = 40


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="nights to kill (200)")
    parser.add_argument("--mutations", type=int, default=5000, help="deliveries to damage (5000)")
    parser.add_argument("--erasures", type=int, default=40, help="erasures to kill; 1000: before each operation (40)")
    parser.add_argument("--seed", type=int, default=1, help="what the draws begin with (1)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long, for each of the three")
    parser.add_argument("--only", type=int, metavar="N", help="load one damaged delivery, and say what was done to it")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="with --only: keep the damaged file there")
    given = parser.parse_args()
    if given.only is not None:
        return _only(given.only, given.save)
    lines, wrong = [], []
    for what, number, of in (
        ("kills", given.kills, _kills),
        ("mutations", given.mutations, _mutations),
        ("erasures", given.erasures, _erasures),
    ):
        if number:
            line, found = of(number, given.seed, given.minutes * 60)
            lines.append(line)
            wrong += found
            keep("faults", [line], fault=what)
    for message in wrong[:_SHOWN]:
        console.print(f"✗ {message}", markup=False)
    if len(wrong) > _SHOWN:
        console.print(f"… and {len(wrong) - _SHOWN} more")
    console.print(f"{len(wrong)} wrong" if wrong else "nothing wrong")
    return 1 if wrong else 0


def _kills(number: int, seed: int, seconds: float) -> tuple[Line, list[str]]:
    with bar("kills", number) as progress:
        tally = kills.run_kills(number, seed, progress, seconds=seconds)
    return _counted("kills", "nights killed while readers read", tally), tally.wrong


def _erasures(number: int, seed: int, seconds: float) -> tuple[Line, list[str]]:
    with bar("erasures", number) as progress:
        tally = erasures.run_erasures(number, seed, progress, seconds=seconds)
    return _counted("erasures", "erasures killed while a reader reads", tally), tally.wrong


def _counted(fault: str, title: str, tally: kills.Tally | erasures.Tally) -> Line:
    line = {"fault": fault, **vars(tally), "wrong": len(tally.wrong), "machine": machine(), "commit": commit()}
    rows = [{"what": key, "count": value} for key, value in line.items() if isinstance(value, int | float)]
    show(title, rows, ("what", "count"))
    return line


def _mutations(number: int, seed: int, seconds: float) -> tuple[Line, list[str]]:
    first = (seed - 1) * 1_000_000
    with bar("mutations", number) as progress:
        tally = deliveries.run_mutations(range(first, first + number), progress, seconds=seconds)
    outcomes = [{"outcome": name, "deliveries": count} for name, count in tally.outcomes.most_common()]
    show(f"{tally.mutations:,} damaged deliveries by what became of them", outcomes, ("outcome", "deliveries"))
    counts = {k: _sorted(v) if isinstance(v, Counter) else v for k, v in vars(tally).items()}
    line = {
        "fault": "mutations", "seed": seed, **counts, "wrong": len(tally.wrong), "machine": machine(),
        "commit": commit(),
    }  # fmt: skip
    return line, tally.wrong


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(counts.most_common())


def _only(seed: int, save: Path | None) -> int:
    with bar("mutations", 1) as progress:
        tally = deliveries.run_mutations([seed], progress, save=save)
    console.print(f"{seed}: {', '.join(tally.damages)} → {', '.join(tally.outcomes)}")
    for message in tally.wrong:
        console.print(f"✗ {message}", markup=False)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
