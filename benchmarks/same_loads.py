"""Whether two installations have judged the same deliveries alike: every row of every part, the ledgers, the checks."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import duckdb

from assets.standard import ACCEPTED, CHECKS, DUPLICATE, QUARANTINED, SKIPPED, read_ledger
from assets.standard.ledger import LEDGER
from benchmarks.same import Differences
from resources.duck import connect, quote
from resources.settings import Settings

PARTS = (ACCEPTED, QUARANTINED, DUPLICATE, SKIPPED)
TOLD = (LEDGER, CHECKS)


def differences_of_loads(settings: Settings, other: Settings) -> Differences:
    """What only one of two installations has in its standard deliveries, both landed from the same files. A part whose
    columns or types are others differs in every row; of ledgers and checks each file counts as a row."""
    folders = [{p.parent.relative_to(s.standard): p.parent for p in s.standard.glob(f"*/*/{LEDGER}")}
               for s in (settings, other)]  # fmt: skip
    mine, theirs = folders
    both = sorted(mine.keys() & theirs.keys())
    found = {"deliveries": len(mine.keys() ^ theirs.keys())}
    for name in TOLD:
        found[name] = sum((mine[d] / name).read_bytes() != (theirs[d] / name).read_bytes() for d in both)
    rows, groups = len(TOLD) * len(both), defaultdict(list)
    for delivery in both:
        groups[read_ledger(mine[delivery]).dataset].append(delivery)
    with connect(settings) as con:
        for dataset, deliveries in groups.items():
            for part in PARTS:
                sides = [[side[d] / part for d in deliveries] for side in folders]
                compared, apart = _compare(con, *sides)
                rows += compared
                found[f"{Path(part).stem} {dataset}"] = apart
    return Differences(len(groups) * len(PARTS), rows, {what: n for what, n in found.items() if n})


def _compare(con: duckdb.DuckDBPyConnection, mine: list[Path], theirs: list[Path]) -> tuple[int, int]:
    """How many rows were compared, and how many only one side has."""
    one, other = (f"read_parquet([{', '.join(map(quote, files))}])" for files in (mine, theirs))
    (rows,) = con.execute(f"SELECT count(*) FROM {one}").fetchall()[0]
    if con.execute(f"DESCRIBE FROM {one}").fetchall() != con.execute(f"DESCRIBE FROM {other}").fetchall():
        return rows, max(rows, 1)
    (apart,) = con.execute(
        f"""SELECT (SELECT count(*) FROM (FROM {one} EXCEPT ALL FROM {other}))
            + (SELECT count(*) FROM (FROM {other} EXCEPT ALL FROM {one}))"""
    ).fetchall()[0]
    return rows, apart
