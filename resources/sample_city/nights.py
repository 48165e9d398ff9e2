"""Later nights: how a company's world changes (``nights.sql``), and whose delivery goes wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from resources.sample_city.arrays import EPOCH
from resources.sample_city.names import surname_indices
from resources.sample_city.people import draw_newborns, entity_ids
from resources.sample_city.tiers import CityPlan, CompanyPlan
from resources.sample_city.world import row_draws, vehicle_columns

_SQL = Path(__file__).with_name("nights.sql")
_BIRTHS_FROM = EPOCH - np.timedelta64(48, "D")
"""Newborns of night k were born this day plus k: after everybody else, so that their ID numbers are free."""
_MOST_NIGHTS = 48

_FAILING = ("zip_parts", "xlsx_titled", "access_json")
_SILENT = ("html_xls", "parking_jsonl")
_RESENDING = ("platform_csv", "gbk_csv")


def night_date(night: int) -> dt.date:
    """The date in the file names of a night: night 1 is 2026-11-20."""
    return dt.date(2026, 11, 19) + dt.timedelta(days=night)


def fate(city: CityPlan, company: CompanyPlan, night: int) -> str | None:
    """What becomes of the company's delivery on that night: ``failing`` (its residents file cannot be read),
    ``silent`` (nothing comes), ``resending`` (its residents and yesterday's passes come again instead), or None.

    One company each from night 2 on, by turns; always the first of its dialect.
    """
    first = next(c for c in city.companies if c.dialect == company.dialect)
    if night == 1 or company.index != first.index:
        return None
    for name, dialects in (("failing", _FAILING), ("silent", _SILENT), ("resending", _RESENDING)):
        if dialects[(night - 2) % len(dialects)] == company.dialect:
            return name
    return None


def check_nights(nights: int) -> None:
    """Raise ValueError when a city can't be written for so many nights."""
    if not 1 <= nights <= _MOST_NIGHTS:
        raise ValueError(f"nights is {nights}; 1 to {_MOST_NIGHTS}")


def advance(con: duckdb.DuckDBPyConnection, city: CityPlan, company: CompanyPlan, night: int) -> None:
    """Change the world's tables in ``con`` from the night before to ``night``."""
    rng = np.random.default_rng([city.seed, city.tier.number, 5, company.index, night])
    few = max(1, company.residents // 2_000)
    persons, cars = con.sql("SELECT (SELECT count(*) FROM persons), (SELECT max(v_idx) + 1 FROM vehicles)").fetchall()[
        0
    ]
    born = np.full(min(few, company.id_slots[1] - company.id_slots[0]), _BIRTHS_FROM + np.timedelta64(night, "D"))
    children = draw_newborns(
        rng, surname_indices(rng, len(born)), born, company.id_slots, entity_ids(company.slug, f"r{night}")
    )
    children = children.append_column("p_idx", pa.array(np.arange(persons, persons + len(born))))
    con.register("children", children)
    con.execute("INSERT INTO persons BY NAME SELECT * FROM children")
    plates = company.newcomers_from + (night - 2) * few
    columns = vehicle_columns(rng, few, plates, entity_ids(company.slug, f"v{night}"))
    new_cars = {**columns, "v_idx": np.arange(cars, cars + few), "k": np.arange(1, few + 1), **row_draws(rng, few)}
    con.register("new_cars", pa.table(new_cars))
    values = {
        "night": night, "today": night_date(night), "key": f"{city.seed}:{company.slug}:{night}", "few": few,
        "first_newborn": persons,
    }  # fmt: skip
    for name, value in values.items():
        con.execute(f"SET VARIABLE {name} = $1", [value])
    con.execute(_SQL.read_text(encoding="utf-8"))
    con.unregister("children")
    con.unregister("new_cars")
