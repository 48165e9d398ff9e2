"""A made-up city: what its property companies drop every night, how they mess it up, and the truth about it.

The output is a function of (tier, seed, nights) alone. People, plates and phones are made up; region codes and
street names are Hefei's.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
from collections.abc import Callable
from functools import partial
from multiprocessing.pool import Pool, ThreadPool
from pathlib import Path

import duckdb

from resources.files import write_text
from resources.sample_city.company import write_company
from resources.sample_city.nights import check_nights
from resources.sample_city.tiers import TIERS, CityPlan, CompanyPlan, plan_city
from resources.sample_city.truth import gather_entities, gather_files

__all__ = ["TIERS", "generate"]

Progress = Callable[[str, float], None]
_WORKERS = 2


def generate(  # noqa: PLR0917
    tier: str, seed: int, out: Path, truth: Path, nights: int = 1, progress: Progress | None = None
) -> None:
    """Write a city.

    ``out`` receives ``drop/<company>/…`` and ``config/feeds/<company>.yaml``; what arrives on night k ≥ 2 is in
    ``nights/<k>/drop/<company>/…``, to be copied over ``drop`` before that night's merge. ``truth`` receives what is
    right (``rows/``, ``files/``, ``entities/``). Former content of these folders is removed. ``progress`` is called
    with the company just written and the share of the work done.
    Raises ValueError for an unknown tier or an impossible number of nights.
    """
    check_nights(nights)
    city = plan_city(tier, seed)
    for folder in (out / "drop", out / "config" / "feeds", out / "nights", truth):
        shutil.rmtree(folder, ignore_errors=True)
    written: dict[str, dict[str, int]] = {}
    # the largest first, so that the workers end together
    order = sorted(city.companies, key=lambda c: -c.residents)
    write = partial(_write, city=city, out=out, truth=truth, nights=nights)
    with _workers(small=city.tier.buildings is not None) as workers:
        for done, (slug, rows) in enumerate(workers.imap_unordered(write, order), start=1):
            written[slug] = rows
            if progress is not None:
                progress(slug, done / len(order))
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        gather_entities(con, truth)
        gather_files(con, truth, nights)
    manifest = {
        "tier": tier, "seed": seed, "nights": nights, "first_night": "2026-11-20", "communities": city.tier.communities,
        "residents": city.tier.residents, "houses": city.tier.houses, "occupied_houses": city.tier.occupied,
        "vehicles": city.tier.vehicles, "owners_elsewhere": city.pool, "rows": dict(sorted(written.items())),
    }  # fmt: skip
    write_text(out / "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")


def _write(company: CompanyPlan, *, city: CityPlan, out: Path, truth: Path, nights: int) -> tuple[str, dict[str, int]]:
    return company.slug, write_company(city, company, out, truth, nights)


def _workers(small: bool) -> Pool:
    """Threads for a small city (most of the work is DuckDB's), processes where starting them pays."""
    if small:
        return ThreadPool(_WORKERS)
    # a fresh process now and then gives back what the allocator keeps; concurrent.futures can do the same, but on
    # Python 3.11 it then waits for ever when a worker is replaced
    return multiprocessing.get_context("spawn").Pool(_WORKERS, maxtasksperchild=4)
