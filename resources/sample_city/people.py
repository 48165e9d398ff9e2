"""People: sex, birth, name, identity document, phone, as their household makes them likely."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources.sample_city import identifiers, names
from resources.sample_city.arrays import EPOCH, ascii_strings, digits, take
from resources.sample_city.households import MEMBERS, SECOND_CHILD, Households
from resources.sample_city.tiers import CityPlan

_RELATION = np.array([m[0] for m in MEMBERS])
_SEX = np.array([m[1] for m in MEMBERS])
_YEARS = np.array([m[2] for m in MEMBERS])
_SPREAD = np.array([m[3] for m in MEMBERS])
_SURNAME = np.array([m[4] for m in MEMBERS])
_LAST_BIRTH = np.datetime64("2026-10-01")
_FIRST_BIRTH = np.datetime64("1915-01-01")
# no letter that begins a Chinese passport number: such a number is only known for a passport by its declared type
_PASSPORT_LETTERS = ("K", "L", "X", "C")
_PERMIT_PREFIXES = np.array((810000, 820000, 830000))


def entity_ids(slug: str, letter: str) -> str:
    """The prefix of true entity ids: ``r_gbk_csv_01_`` and a number."""
    return f"{letter}_{slug}_"


def draw_members(rng: np.random.Generator, households: Households, slots: tuple[int, int], prefix: str) -> pa.Table:
    """One row a member of the households, in their order; columns as :func:`_people` gives, and ``relation``."""
    hh, slot = households.of_member, households.slot
    is_head = slot == 0
    head_row = np.flatnonzero(is_head)[hh]
    female = rng.random(len(slot)) < 0.5
    female[is_head] = rng.random(int(is_head.sum())) < 0.35
    rule = _SEX[slot]
    female = np.select([rule == 0, rule == 1, rule == 2], [False, True, ~female[head_row]], female)
    birth = _births(rng, households, female)
    birth, id_slot = identifiers.spread_births(rng, birth, female, slots)
    surname = names.surname_indices(rng, len(slot))
    partner = names.surname_indices(rng, len(households.house))
    of_head = surname[head_row]
    father = np.where(female[head_row], partner[hh], of_head)
    whose = _SURNAME[slot]
    surname = np.select([whose == "h", whose == "f", whose == "s"], [of_head, father, partner[hh]], surname)
    alone = (slot == 0) & households.let[hh]
    people = _people(rng, surname, female, birth, id_slot, may_be_foreign=alone | (slot == 9), prefix=prefix)
    relation = _RELATION[slot]
    relation = np.where(relation == "child", np.where(female, "daughter", "son"), relation)
    floating = pa.array(households.let[hh])
    kind = pc.if_else(
        pc.and_(floating, pc.equal(people["population_type"], "permanent")), "floating", people["population_type"]
    )
    people = people.set_column(people.column_names.index("population_type"), "population_type", kind)
    phone = _phones(rng, households, birth, head_row)
    return people.append_column("relation", pa.array(relation)).append_column("phone", phone)


def draw_pool(city: CityPlan) -> pa.Table:
    """The people who own houses at several companies: the same table for every company of a city."""
    rng = np.random.default_rng([city.seed, city.tier.number, 2])
    female = rng.random(city.pool) < 0.4
    birth = EPOCH - rng.integers(28 * 365, 75 * 365, city.pool)
    birth, slot = identifiers.spread_births(rng, birth, female, city.pool_slots)
    people = _people(
        rng, names.surname_indices(rng, city.pool), female, birth, slot,
        may_be_foreign=np.zeros(city.pool, dtype=bool), prefix="r_pool_",
    )  # fmt: skip
    people = people.append_column("relation", pa.array(np.full(city.pool, "self")))
    return people.append_column("phone", identifiers.mobiles(rng, city.pool))


def draw_newborns(
    rng: np.random.Generator, mothers_surname: np.ndarray, birth: np.ndarray, slots: tuple[int, int], prefix: str
) -> pa.Table:
    """Children born on a later night: one row each, without a phone of their own."""
    n = len(birth)
    female = rng.random(n) < 0.5
    birth, slot = identifiers.spread_births(rng, birth, female, slots)
    people = _people(rng, mothers_surname, female, birth, slot, may_be_foreign=np.zeros(n, dtype=bool), prefix=prefix)
    people = people.append_column("relation", pa.array(np.where(female, "daughter", "son")))
    return people.append_column("phone", pa.nulls(n, pa.string()))


def _births(rng: np.random.Generator, households: Households, female: np.ndarray) -> np.ndarray:
    hh, slot = households.of_member, households.slot
    head = EPOCH - (households.head_age * 365.25 + rng.integers(0, 365, len(households.house))).astype(np.int64)
    years = _YEARS[slot] + np.round(rng.normal(0, 1, len(slot)) * _SPREAD[slot] / 2)
    days = (years * 365.25 + np.where(slot == 0, 0, rng.integers(-180, 180, len(slot)))).astype(np.int64)
    birth = head[hh] + days
    twin = np.flatnonzero((slot == SECOND_CHILD) & (rng.random(len(slot)) < 0.03))
    birth[twin] = birth[twin - 1]  # a second child stands right after the first
    late = birth > _LAST_BIRTH
    birth[late] = _LAST_BIRTH - rng.integers(0, 1500, int(late.sum()))
    return np.maximum(birth, _FIRST_BIRTH + rng.integers(0, 700, len(birth)))


def _people(
    rng: np.random.Generator,
    surname: np.ndarray,
    female: np.ndarray,
    birth: np.ndarray,
    slot: np.ndarray,
    *,
    may_be_foreign: np.ndarray,
    prefix: str,
) -> pa.Table:
    """Columns: person_entity, name, sex, birth, id_type, id_number, population_type."""
    n = len(surname)
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    draw = rng.random(n)
    foreign = may_be_foreign & (draw < 0.02)
    permit = ~foreign & (draw > 0.997)
    dotted = ~foreign & ~permit & (rng.random(n) < 0.008)
    region = np.where(permit, rng.choice(_PERMIT_PREFIXES, n), identifiers.ID_PREFIX)
    passport = pc.binary_join_element_wise(
        take(_PASSPORT_LETTERS, rng.integers(0, 4, n)), ascii_strings(digits(rng.integers(0, 10**8, n), 8) + 48), ""
    )
    name = names.full_names(rng, surname, female, year)
    name = pc.if_else(pa.array(dotted), names.dotted_names(rng, n), name)
    number = identifiers.id_numbers(birth, female, slot, region)
    return pa.table(
        {
            "person_entity": pc.binary_join_element_wise(prefix, pa.array(np.arange(n)).cast(pa.string()), ""),
            "name": pc.if_else(pa.array(foreign), names.foreign_names(rng, n), name),
            "sex": pa.array(np.where(female, "female", "male")),
            "birth": pa.array(birth),
            "id_type": pa.array(np.where(foreign, "passport", "resident_id")),
            "id_number": pc.if_else(pa.array(foreign), passport, number),
            "population_type": pa.array(np.where(foreign | permit, "overseas", "permanent")),
        }
    )


def _phones(rng: np.random.Generator, households: Households, birth: np.ndarray, head_row: np.ndarray) -> pa.Array:
    """Own mobiles for most adults, the head's for children, some old people and whole families; a few landlines."""
    n = len(birth)
    age = (EPOCH - birth).astype(np.int64) // 365
    own = identifiers.mobiles(rng, n)
    landline = pc.binary_join_element_wise("0551-6", ascii_strings(digits(rng.integers(0, 10**7, n), 7) + 48), "")
    own = pc.if_else(pa.array(rng.random(n) < 0.012), landline, own)
    together = (rng.random(len(households.house)) < 0.08)[households.of_member]
    draw = rng.random(n)
    of_head = together | ((age < 12) & (draw < 0.6)) | ((age > 75) & (draw < 0.4))
    none = ((age < 12) & (draw >= 0.6)) | ((age >= 12) & (draw > 0.95))
    phone = pc.if_else(pa.array(of_head), own.take(pa.array(head_row)), own)
    return pc.if_else(pa.array(none & ~of_head), None, phone)
