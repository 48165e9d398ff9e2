"""The nights that are killed: three companies of the made-up hamlet, and comparing what two histories published."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from assets.merge import current_release
from assets.release import read_manifest
from assets.release.fingerprint import CLOCK_TABLES
from resources.keys import open_restricted
from resources.sample_city.company import write_company
from resources.sample_city.tiers import plan_city
from resources.settings import Settings

DIALECTS = ("gbk_csv", "zip_parts", "parquet_delta")
"""Whose nights are told: one that sends files again, one whose files fail, one that sends differences."""

MOST_NIGHTS = 48

_CLOCK = {"changes": ("release_id", "changed_at"), "loads": ()}
"""Tables about the making of a release that must be equal all the same, but for these columns."""


def write_city(root: Path, seed: int, nights: int) -> None:
    """Write the companies' files of every night below ``root``, as the made-up city does."""
    plan = plan_city("hamlet", seed)
    for company in plan.companies:
        if company.dialect in DIALECTS:
            write_company(plan, company, root, root / "truth", nights)
    # three releases kept: publishing has something to clear away from the fourth night on
    (root / "config" / "register.yaml").write_text("releases: {keep: 3}\n", encoding="utf-8")


def installation(city: Path, root: Path) -> Settings:
    """An empty installation with the city's configuration; one thread, so that a run is the same each time."""
    shutil.copytree(city / "config", root / "config")
    return Settings(data=root, config=root / "config", memory_limit="1GB", threads=1)


def drop_night(city: Path, night: int, settings: Settings) -> None:
    """Let the files of a night arrive, with the times they were written: a time of arrival is part of the content."""
    source = city if night == 1 else city / "nights" / str(night)
    shutil.copytree(source / "drop", settings.drop, dirs_exist_ok=True)


def content(settings: Settings) -> dict[str, str]:
    """What the current release says, a checksum for each table; times and names of releases left out."""
    folder = current_release(settings)
    tables = read_manifest(folder)["tables"]
    told = {name: f"{t['rows']} {t['checksum']}" for name, t in tables.items() if name not in CLOCK_TABLES}
    with open_restricted(settings, folder) as con:
        for name, left_out in _CLOCK.items():
            told[name] = _checksum(con, name, left_out)
    return told


def _checksum(con: duckdb.DuckDBPyConnection, table: str, left_out: tuple[str, ...]) -> str:
    columns = f"* EXCLUDE ({', '.join(left_out)})" if left_out else "*"
    total = "coalesce(sum(md5_number_lower(CAST(t AS VARCHAR))), 0)"
    row = con.execute(f"SELECT count(*), {total} FROM (SELECT {columns} FROM {table}) t").fetchone()
    assert row is not None
    return f"{row[0]} {int(row[1]):024x}"


def differences(killed: Settings, undisturbed: Settings) -> list[str]:
    """The tables in which two histories differ."""
    one, other = content(killed), content(undisturbed)
    return [
        f"{name}: {one.get(name)} after kills, {other.get(name)} undisturbed"
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    ]


def leftovers(killed: Settings, undisturbed: Settings) -> list[str]:
    """What the killed history keeps beyond the undisturbed one: hidden files and folders, or more files of a kind."""
    return beyond(kept(killed.data), kept(undisturbed.data))


def beyond(one: dict[str, int], other: dict[str, int]) -> list[str]:
    """What of :func:`kept` there is more of in one than in the other."""
    return [f"{kind}: {one[kind]} instead of {other.get(kind, 0)}" for kind in one if one[kind] > other.get(kind, 0)]


def kept(root: Path) -> dict[str, int]:
    """Files by top folder, and hidden things by where they lie."""
    counts: dict[str, int] = {}
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        if path.name.startswith("."):
            # a random part of the name says nothing
            kind = f"{relative.parent.parts[0] if relative.parent.parts else ''}/{path.name.split('_')[0]}"
            counts[f"hidden {kind}"] = counts.get(f"hidden {kind}", 0) + 1
        elif path.is_file() and relative.parts[0] != "releases":
            counts[relative.parts[0]] = counts.get(relative.parts[0], 0) + 1
    return counts
