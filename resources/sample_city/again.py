"""People who are in the lists more than once: registered again by another clerk, left in the list of a former home, or
in the lists of two companies.

What such a row says was typed anew, so it may differ from the person's other rows: a homophone, a look-alike, another
phone, day and month in the other order, and more often than not no ID number. Every difference is told in the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from resources.sample_city import identifiers
from resources.sample_city.arrays import EPOCH
from resources.sample_city.households import Households, draw_households
from resources.sample_city.people import draw_members
from resources.sample_city.tiers import CityPlan, CompanyPlan
from resources.sample_city.written import SLIPS, has_compound_surname, misspelt

AGAIN, FORMER_HOME, SECOND_COMPANY = "registered_again", "former_home", "second_company"
KINDS = (AGAIN, FORMER_HOME, SECOND_COMPANY)

_SHARE_AGAIN = 0.04
_COMPOUND_SHARE = 0.3
"""So much oftener are those registered twice whose compound surname clerks do not know how to enter."""
_SHARE_FORMER = 0.12
"""Of the households that rent."""
_PRESENT = 0.9
"""Of a household that lived elsewhere, so many are in that list."""
_HAS_ID = {AGAIN: 0.35, FORMER_HOME: 0.4, SECOND_COMPANY: 0.4}
_HOMOPHONE, _LOOK_ALIKE, _TURNED = 0.12, 0.05, 0.012
_OLD_PHONE, _NO_PHONE, _FAMILY_PHONE, _AGENT_PHONE = 0.06, 0.05, 0.04, 0.01
_NO_BIRTH, _BIRTH_SWAPPED = 0.05, 0.06
_LATEST_SWAP = np.datetime64("2025-12-31")


RowDraws = Callable[[np.random.Generator, int], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Movers:
    """Households that rent a home of two companies: ``companies`` (household, 2) are their positions in the plan."""

    people: pa.Table
    household: np.ndarray
    companies: np.ndarray


@dataclass(frozen=True)
class Known:
    """Whom a company's lists can tell of: ``persons`` (its members, of whom the first ``settled`` live here, the
    city's pool, and from position ``first_mover`` on the movers) and their households."""

    persons: pa.Table
    households: Households
    settled: int
    movers: Movers
    first_mover: int


def draw_movers(city: CityPlan) -> Movers:
    """The same for every company of a city."""
    rng = np.random.default_rng([city.seed, city.tier.number, 6])
    n = max(12, city.tier.residents // 260)
    households = draw_households(rng, np.full(n, -1), 3 * n, whole_families=True)
    households = Households(households.house, households.head_age, np.ones(n, dtype=bool), households.of_member,
                            households.slot)  # fmt: skip
    people = draw_members(rng, households, city.mover_slots, "r_mover_")
    weights = np.array([c.residents for c in city.companies], dtype=float)
    # the two of least time of arrival: drawn by weight, without repetition
    arrival = rng.exponential(1.0, (n, len(weights))) / weights
    return Movers(people, households.of_member, np.argsort(arrival, axis=1, kind="stable")[:, :2])


def no_slips(n: int) -> dict[str, pa.Array]:
    """The columns of rows that say of a person what is so."""
    return {
        "name_written": pa.nulls(n, pa.string()),
        "phone_written": pa.nulls(n, pa.string()),
        "birth_written": pa.nulls(n, pa.date32()),
        "slips": pa.nulls(n, pa.list_(pa.string())),
    }


def registered_again(city: CityPlan, company: CompanyPlan, known: Known, draws: RowDraws, first: int) -> pa.Table:
    """Occupancies beyond the true ones, numbered from ``first``; ``draws`` gives their random columns."""
    rng = np.random.default_rng([city.seed, city.tier.number, 7, company.index])
    who, house, kind, until = _whom_and_where(rng, company, known)
    households, settled, n = known.households, known.settled, len(who)
    has_id = rng.random(n) < np.array([_HAS_ID[k] for k in kind])
    at_home = kind == AGAIN
    heads = np.flatnonzero(households.slot[:settled] == 0)
    family = households.of_member[who[at_home]]
    head_of = np.full(n, -1)
    head_of[at_home] = heads[family]
    written = _written(rng, known.persons, who, head_of, has_id)
    tenant = ~at_home | households.let[np.where(at_home, households.of_member[who.clip(max=settled - 1)], 0)]
    return pa.table(
        {
            "o_idx": np.arange(first, first + n),
            "p_idx": who,
            "h_idx": house,
            "role": pa.array(np.where(tenant, "tenant", np.where(head_of == who, "owner", "family"))),
            "lives_there": np.zeros(n, dtype=bool),
            "valid_from": pa.array(EPOCH - rng.integers(900, 4000, n)),
            "valid_to": pa.array(until, from_pandas=True),
            "agent": np.where(rng.random(n) < _AGENT_PHONE, rng.integers(0, 2, n), -1),
            "has_id": has_id,
            "old_id": rng.random(n) < 0.06,
            "changed_at": pa.array(EPOCH.astype("datetime64[s]") - rng.integers(86_400, 60_000_000, n)),
            "from_night": np.ones(n, dtype=np.int64),
            "to_night": pa.nulls(n, pa.int64()),
            "changed_night": np.ones(n, dtype=np.int64),
            **draws(rng, n),
            **_with_kind(written, kind),
        }
    )


def _with_kind(written: dict[str, pa.Array], kind: np.ndarray) -> dict[str, pa.Array]:
    slips = [[k, *more] for k, more in zip(kind, written["slips"].to_pylist(), strict=True)]
    return {**written, "slips": pa.array(slips, pa.list_(pa.string()))}


def _whom_and_where(
    rng: np.random.Generator, company: CompanyPlan, known: Known
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Person, house, kind and last day of every further row."""
    households, settled, drawn = known.households, known.settled, known.movers
    of_member = households.of_member[:settled]
    compound = has_compound_surname(known.persons["name"].slice(0, settled))
    again = np.flatnonzero(rng.random(settled) < np.where(compound, _COMPOUND_SHARE, _SHARE_AGAIN))
    let = np.flatnonzero(households.let & (households.house >= 0))
    moved = rng.random(len(households.house)) < _SHARE_FORMER
    former = np.flatnonzero((moved & households.let)[of_member] & (rng.random(settled) < _PRESENT))
    # a home that is let to others now
    homes = households.house[let][rng.integers(0, max(len(let), 1), len(households.house))] if len(let) else None
    if homes is None:
        former, homes = former[:0], households.house
    ours = (drawn.companies == company.index).any(axis=1)
    second = np.flatnonzero(ours[drawn.household] & (rng.random(len(drawn.household)) < _PRESENT))
    rented = homes[rng.integers(0, len(homes), len(ours))]
    who = np.r_[again, former, known.first_mover + second]
    house = np.r_[households.house[of_member[again]], homes[of_member[former]], rented[drawn.household[second]]]
    kind = np.repeat(np.array(KINDS, dtype=object), [len(again), len(former), len(second)])
    ended = EPOCH - rng.integers(20, 800, len(who))
    until = np.where(kind == FORMER_HOME, ended, np.datetime64("NaT"))
    fits = house >= 0
    return who[fits], house[fits], kind[fits], until[fits]


def _written(
    rng: np.random.Generator, persons: pa.Table, who: np.ndarray, head_of: np.ndarray, has_id: np.ndarray
) -> dict[str, pa.Array]:
    """Name, phone and birth date as typed, and what is wrong with each."""
    n = len(who)
    slips: list[list[str]] = [[] for _ in range(n)]
    chosen = rng.choice(4, n, p=(1 - _HOMOPHONE - _LOOK_ALIKE - _TURNED, _HOMOPHONE, _LOOK_ALIKE, _TURNED))
    names = persons["name"].take(pa.array(who)).to_pylist()
    for i, place in zip(np.flatnonzero(chosen), rng.random(int((chosen > 0).sum())), strict=True):
        slip = SLIPS[chosen[i] - 1]
        wrong = misspelt(names[i], slip, place)
        if wrong != names[i]:
            names[i] = wrong
            slips[i].append(slip)
    phones = _phones(rng, persons, who, head_of, slips)
    births = _births(rng, persons, who, has_id, slips)
    for i in np.flatnonzero(~has_id):
        slips[i].append("no_id")
    return {
        "name_written": pa.array(names, pa.string()),
        "phone_written": pa.array(phones, pa.string()),
        "birth_written": pa.array(births, pa.date32()),
        "slips": pa.array(slips, pa.list_(pa.string())),
    }


def _phones(
    rng: np.random.Generator, persons: pa.Table, who: np.ndarray, head_of: np.ndarray, slips: list[list[str]]
) -> list[str | None]:
    n = len(who)
    phones = persons["phone"].take(pa.array(who)).to_pylist()
    old = identifiers.mobiles(rng, n).to_pylist()
    heads = persons["phone"].take(pa.array(np.where(head_of >= 0, head_of, who))).to_pylist()
    bounds = np.cumsum((_OLD_PHONE, _NO_PHONE, _FAMILY_PHONE))
    for i, kind in enumerate(np.searchsorted(bounds, rng.random(n), side="right")):
        told, slip = ((old[i], "old_phone"), (None, "no_phone"), (heads[i], "family_phone"), (phones[i], ""))[kind]
        if told != phones[i]:
            phones[i] = told
            slips[i].append(slip)
    return phones


def _births(
    rng: np.random.Generator, persons: pa.Table, who: np.ndarray, has_id: np.ndarray, slips: list[list[str]]
) -> np.ndarray:
    births = persons["birth"].to_numpy()[who].astype("datetime64[D]")
    months = births.astype("datetime64[M]")
    year, month = births.astype("datetime64[Y]"), months.astype(np.int64) % 12
    day = (births - months).astype(np.int64)
    draw = rng.random(len(who))
    # a row with an ID number gets its birth date from the number
    blank = ~has_id & (draw < _NO_BIRTH)
    swapped = ~has_id & (draw > 1 - _BIRTH_SWAPPED) & (day < 12) & (day != month) & (births < _LATEST_SWAP)
    turned = (year.astype("datetime64[M]") + day).astype("datetime64[D]") + month
    births = np.where(swapped, turned, births)
    for label, rows in (("no_birth_date", blank), ("day_month_swapped", swapped)):
        for i in np.flatnonzero(rows):
            slips[i].append(label)
    return np.where(blank, np.datetime64("NaT"), births)
