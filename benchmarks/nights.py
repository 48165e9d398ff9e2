"""Seven nights of a made-up city: ids last, every change has a cause, and each night equals a rebuild.

``python -m benchmarks.nights --nights 7 --seed 1`` merges night after night and prints, for each:

- ``ids``: created, merged, split, retired, restored; ``no cause``: how many of them the id ledger does not explain.
- ``rebuilt``: rows that differ from a register made from nothing but the deliveries in effect that night.
- ``replayed``: rows that differ from the same nights loaded and merged elsewhere, the files laid down and the companies
  loaded in another order; ids included.

Then the last night again, unchanged (``changes`` must be none), and one more night in which a company has exchanged two
communities: it must be held back, and be let through once acknowledged.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from assets.nightly import load_company, run_merge
from assets.release import AuditFailed, acknowledge_churn
from benchmarks.cities import City, sample
from benchmarks.results import Line, console, keep, show, tell
from benchmarks.same import Differences, differences, differences_but_for_history
from expectations.feeds import load_companies
from resources.duck import connect
from resources.keys import attach_encrypted, restricted_key
from resources.settings import Settings

COLUMNS = ("night", "residents", "created", "merged", "split", "retired", "restored", "no cause", "rebuilt", "replayed")
EVENTS = ("created", "merged", "split", "retired", "restored")


def nights(city: Path, work: Path, count: int, *, replayed: int | None = None) -> Iterator[Line]:
    """Merge the first nights of a generated city below ``work`` and compare each; a line a night.

    ``replayed``: how many nights are merged a second time elsewhere (all by default). ``differs`` names the tables.
    """
    straight, other = (_root(city, work / name) for name in ("nights", "replayed"))
    for night in range(1, count + 1):
        release = run_night(straight, city, night)
        line = {"night": night, **_events(straight, release)}
        rebuilt_in = _rebuild_root(straight, work / "rebuilt")
        rebuilt = differences_but_for_history(straight, release, rebuilt_in, run_merge(rebuilt_in).release)
        shutil.rmtree(rebuilt_in.data)
        replay = None
        if night <= (count if replayed is None else replayed):
            replay = differences(straight, release, other, run_night(other, city, night, reverse=True))
        yield line | _told(rebuilt, replay)


def _told(rebuilt: Differences, replay: Differences | None) -> Line:
    return {
        "compared": rebuilt.rows,
        "rebuilt": sum(rebuilt.found.values()),
        "replayed": sum(replay.found.values()) if replay else None,
        "differs": {"rebuilt": rebuilt.found, "replayed": replay.found if replay else {}},
    }


def _root(city: Path, root: Path) -> Settings:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(city / "config", root / "config")
    return Settings.load(root, root / "config")


def _rebuild_root(settings: Settings, root: Path) -> Settings:
    """An installation with the same judged deliveries and nothing else: no release, no ledger, no day files."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for name in ("config", "drop", "landing", "standard"):
        (root / name).symlink_to(settings.data / name)
    return Settings.load(root, root / "config")


def run_night(settings: Settings, city: Path, night: int, *, reverse: bool = False) -> Path:
    """Drop the files of a night, load every company and merge; the release. ``reverse``: everything in the other
    order."""
    lay_down(settings, city, night, reverse=reverse)
    return run_merge(settings).release


def lay_down(settings: Settings, city: Path, night: int, *, reverse: bool = False) -> None:
    """Drop the files of a night and load every company."""
    source = city / "drop" if night == 1 else city / "nights" / str(night) / "drop"
    for path in sorted((p for p in source.rglob("*") if p.is_file()), reverse=reverse):
        target = settings.drop / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    companies, _ = load_companies(settings.feeds)
    for name in sorted(companies, reverse=reverse):
        load_company(settings, companies[name])


def _events(settings: Settings, release: Path) -> Line:
    """What became of ids tonight, and how much of it has no cause: an entry without one, or an id that came or went
    without an entry."""
    with connect(settings) as con:
        attach_encrypted(con, release / "restricted.duckdb", "release", restricted_key(settings))
        con.execute("USE release")
        told = dict(
            con.execute(
                "SELECT event, count(*) FROM id_ledger WHERE release_id = ? GROUP BY 1", [release.name]
            ).fetchall()
        )
        (unexplained,) = con.execute(
            """SELECT count(*) FROM changes c
            LEFT JOIN id_ledger l ON l.entity_id = c.entity_id AND l.release_id = c.release_id AND l.cause <> ''
                AND l.event IN (c.change, CASE c.change WHEN 'created' THEN 'restored' END)
            WHERE c.change <> 'updated' AND l.entity_id IS NULL"""
        ).fetchall()[0]
        (residents,) = con.execute("SELECT count(*) FROM residents").fetchall()[0]
    return {"residents": residents, **{e: told.get(e, 0) for e in EVENTS}, "no cause": unexplained}


def repeat(settings: Settings) -> int:
    """Merge the same inputs again; the number of changes, which must be none."""
    release = run_merge(settings, force=True).release
    with duckdb.connect(str(release / "curated.duckdb"), read_only=True) as con:
        return int(con.execute("SELECT count(*) FROM changes").fetchall()[0][0])


def exchange(settings: Settings, company: str = "gbk_csv_01") -> str:
    """Send the company's newest list of residents again, a day later, with its two largest communities exchanged, and
    merge: what the merge says when it holds the night back."""
    first, second = _largest(settings, company)
    newest = sorted((settings.drop / company).glob("住户信息_*.csv"))[-1]
    text = newest.read_bytes().decode("gb18030")
    text = text.replace(first, "\0").replace(second, first).replace("\0", second)
    day = newest.stem[-8:]
    target = newest.with_name(newest.name.replace(day, f"{int(day) + 1}"))
    target.write_bytes(text.encode("gb18030"))
    later = newest.stat().st_mtime + 60
    os.utime(target, (later, later))
    companies, _ = load_companies(settings.feeds)
    load_company(settings, companies[company])
    current = settings.current.resolve()
    try:
        run_merge(settings)
    except AuditFailed as e:
        assert settings.current.resolve() == current
        return str(e)
    raise AssertionError("a night with two communities exchanged was released")


def _largest(settings: Settings, company: str) -> list[str]:
    with duckdb.connect(str(settings.current.resolve() / "curated.duckdb"), read_only=True) as con:
        rows = con.execute(
            "SELECT name FROM communities WHERE company = ? ORDER BY resident_count DESC, name LIMIT 2", [company]
        ).fetchall()
    return [name for (name,) in rows]


def let_through(settings: Settings) -> str:
    """Acknowledge what was held back, and merge again: the release."""
    acknowledge_churn(settings, by="benchmark", why="two communities were exchanged on purpose")
    return run_merge(settings).release.name


def main() -> int:
    """Command line; 1 if a change has no cause, or rows differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replayed", type=int, help="nights that are also replayed elsewhere; default: all")
    parser.add_argument("--work", type=Path, help="where the registers are made [default: beside the city]")
    given = parser.parse_args()
    os.environ.setdefault("REGISTER_KEY", "one key for the registers of this benchmark")
    city = City("community", given.seed, given.nights)
    sample(city, tell)
    work = given.work or city.root.with_name(f"{city.name}-work")
    lines: list[Line] = []
    for line in nights(city.root, work, given.nights, replayed=given.replayed):
        lines.append({"city": city.name, **line})
        tell(", ".join(f"{c} {line[c]}" for c in COLUMNS))
    show(f"{city.name}: ids, and rows that differ from a rebuild", lines, COLUMNS)
    for line in lines:
        if line["rebuilt"] or line["replayed"]:
            console.print(f"night {line['night']}: {line['differs']}")
    settings = Settings.load(work / "nights", work / "nights" / "config")
    again = repeat(settings)
    console.print(f"the last night again, unchanged: {again} changes")
    said = exchange(settings)
    console.print(f"two communities exchanged, held back: {said}")
    console.print(f"acknowledged and merged again: {let_through(settings)}")
    keep("nights", [{k: v for k, v in line.items() if k != "differs"} for line in lines], city=city.name)
    shutil.rmtree(work)
    wrong = again + sum(line["no cause"] + line["rebuilt"] + (line["replayed"] or 0) for line in lines)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
