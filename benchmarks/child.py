"""One measured run, in a process of its own so that its peak memory is its own: prints a line of JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from assets.nightly import load_all, run_merge
from benchmarks.floor import copy_floor
from expectations.feeds import load_companies
from resources.duck import connect
from resources.settings import Settings


def night(settings: Settings) -> dict[str, object]:
    """Load every company and merge; seconds by stage."""
    stages: dict[str, float] = {}
    start = time.monotonic()
    companies, _ = load_companies(settings.feeds)
    failed = 0
    for _, report in load_all(settings, companies.values()):
        if isinstance(report, Exception):
            raise report
        failed += len(report.failed)
    stages["load"] = round(time.monotonic() - start, 2)
    merged = run_merge(settings)
    return {"stages": {**stages, **merged.stages}, "published": merged.published, "failed": failed}


def floor(settings: Settings, files: list[Path], out: Path) -> dict[str, object]:
    """Copy the files with the same engine and limits."""
    out.mkdir(parents=True)
    with connect(settings) as con:
        copied = copy_floor(con, files, out)
    return {"rows": copied.rows, "files": copied.files, "unreadable": copied.unreadable}


def peak_gib() -> float:
    """Peak resident memory of this process since it started. (What the parent can ask for, ``ru_maxrss``, counts the
    parent's own memory at the moment of the fork.)"""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(kib / 2**20, 2)


def main() -> None:
    """``night DATA CONFIG`` or ``floor DATA CONFIG LIST OUT`` (LIST: a file that names a dropped file a line)."""
    what, data, config, *rest = sys.argv[1:]
    settings = Settings.load(Path(data), Path(config))
    if what == "night":
        result = night(settings)
    else:
        files = [Path(line) for line in Path(rest[0]).read_text(encoding="utf-8").splitlines()]
        result = floor(settings, files, Path(rest[1]))
    print(json.dumps({**result, "peak_gib": peak_gib()}))


if __name__ == "__main__":
    main()
