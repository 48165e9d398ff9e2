"""The true population of one company: communities, houses, people, who lives where, vehicles. No mess here.

Everything is drawn in whole columns with numpy; a company is at most some hundred thousand people, so one company
at a time fits in memory whatever the size of the city.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources.sample_city import identifiers
from resources.sample_city.again import Known, Movers, no_slips, registered_again
from resources.sample_city.arrays import EPOCH, local_index, take
from resources.sample_city.households import Households, draw_households, with_waiting
from resources.sample_city.people import draw_members, entity_ids
from resources.sample_city.tiers import CityPlan, CompanyPlan

ROW_DRAWS = ("u", "w", "x")
"""Random columns every exported entity carries: ``u`` chooses its mess, ``w`` and ``x`` its spelling. They belong to
the entity, so a row keeps its fault from night to night until somebody corrects it."""


@dataclass(frozen=True)
class World:
    """The tables of one company, joined by the integer keys ``c_idx``, ``h_idx``, ``p_idx``.

    ``occupancies`` and ``vehicles`` carry ``from_night`` and ``to_night`` (the last night; null: still so).
    """

    communities: pa.Table
    houses: pa.Table
    persons: pa.Table
    occupancies: pa.Table
    vehicles: pa.Table
    waiting: pa.Table
    """Households (``household``, ``p_idx``) that live elsewhere until a later night lets them in."""


def build_world(city: CityPlan, company: CompanyPlan, pool: pa.Table, movers: Movers) -> World:
    """Draw one company's world. ``pool``: persons who own houses at several companies (``people.draw_pool``);
    ``movers``: households in two companies' lists (``again.draw_movers``)."""
    rng = np.random.default_rng([city.seed, city.tier.number, 1, company.index])
    places = _houses(rng, company)
    whole = city.tier.buildings is not None
    households = draw_households(rng, np.flatnonzero(places["occupied"]), company.residents, whole)
    settled = len(households.of_member)
    households = with_waiting(rng, households, max(6, company.residents // 250))
    members = draw_members(rng, households, company.id_slots, entity_ids(company.slug, "r"))
    status = np.full(len(places["h_idx"]), "vacant", dtype=object)
    housed = households.house >= 0
    status[households.house[housed]] = np.where(households.let[housed], "let", "owner_occupied")
    persons = pa.concat_tables([members, pool, movers.people])
    true = _occupancies(rng, households, status, settled=settled, members=len(members), pool=len(pool))
    known = Known(persons, households, settled, movers, len(members) + len(pool))
    again = registered_again(city, company, known, row_draws, len(true))
    return World(
        communities=_communities(company),
        houses=pa.table({**places, "status": pa.array(status), **row_draws(rng, len(status))}),
        persons=persons.append_column("p_idx", pa.array(np.arange(len(persons)))),
        occupancies=pa.concat_tables([true, again.select(true.column_names).cast(true.schema)]),
        vehicles=_vehicles(rng, company, households, members.slice(0, settled)),
        waiting=pa.table({"household": households.of_member[settled:], "p_idx": np.arange(settled, len(members))}),
    )


# class, colour, form, share
_PLATE_KINDS = (
    ("small", "blue", "standard", 0.729),
    ("new_energy_small", "green", "new_energy", 0.25),
    ("large", "yellow", "standard", 0.012),
    ("training", "yellow", "school", 0.005),
    ("hk_entry", "black", "border", 0.003),
    ("macao_entry", "black", "border", 0.001),
)
_LARGE, _MACAO = 2, 5
_BODY_COLOURS = ("white", "black", "silver", "grey", "red", "blue")
_BRANDS = ("大众", "比亚迪", "丰田", "江淮", "奇瑞", "吉利", "蔚来", "特斯拉", "本田", "五菱")
_KEYS = {"communities": "c_idx", "houses": "h_idx", "persons": "p_idx", "occupancies": "o_idx", "vehicles": "v_idx",
         "waiting": "p_idx"}  # fmt: skip


def load_world(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Put the world's tables into ``con``, where the exports read them and later nights change them."""
    for name in _KEYS:
        con.register("incoming", getattr(world, name))
        con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
        con.unregister("incoming")


def read_world(con: duckdb.DuckDBPyConnection) -> World:
    """The world as it now stands in ``con``."""
    return World(**{name: con.sql(f"FROM {name} ORDER BY {key}").to_arrow_table() for name, key in _KEYS.items()})


def row_draws(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """The random columns of ``n`` rows."""
    return {name: rng.random(n) for name in ROW_DRAWS}


def _communities(company: CompanyPlan) -> pa.Table:
    rows = [
        {
            "c_idx": i, "community_entity": f"c_{c.code}", "community_code": c.code, "community": c.name,
            "alias": c.alias, "region_code": c.region_code, "district": c.district,
            "street": c.street, "street_number": c.street_number,
        }
        for i, c in enumerate(company.communities)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def _houses(rng: np.random.Generator, company: CompanyPlan) -> dict[str, np.ndarray | pa.Array]:
    """Houses numbered as builders do: building, floor, room on the floor; rooms run on over the units of a building,
    so building and room alone name a house."""
    communities = company.communities
    buildings = np.array([c.buildings for c in communities])
    building_sizes = np.concatenate(
        [np.diff(np.arange(c.buildings + 1) * c.houses // c.buildings) for c in communities]
    )
    building_community = np.repeat(np.arange(len(communities)), buildings)
    number = local_index(buildings) + 1
    units = rng.choice((1, 2, 2, 3), len(building_sizes))
    per_unit = rng.choice((2, 2, 3, 4), len(building_sizes))

    b = np.repeat(np.arange(len(building_sizes)), building_sizes)
    k = local_index(building_sizes)
    on_floor = units[b] * per_unit[b]
    floor = k // on_floor + 1
    position = k % on_floor
    community = building_community[b]
    style = np.array([c.phase_style for c in communities])[community]
    first_half = number[b] <= (buildings[community] + 1) // 2
    phase = np.select([style == 0, (style == 1) & first_half, style == 1, first_half], ["", "1期", "2期", "A区"], "B区")
    occupied = np.zeros(len(b), dtype=bool)
    start = 0
    for c in communities:
        occupied[start + rng.choice(c.houses, c.occupied, replace=False)] = True
        start += c.houses
    n = len(b)
    return {
        "h_idx": np.arange(n),
        "house_entity": _serial_ids(entity_ids(company.slug, "h"), n),
        "c_idx": community,
        "phase": pa.array(phase),
        "building_number": number[b],
        "unit": position // per_unit[b] + 1,
        "floor": floor,
        "room": floor * 100 + position + 1,
        "area_m2": np.round(rng.normal(96, 24, n).clip(32, 260), 2),
        "use": take(("residential", "commercial", "mixed", "office"), rng.choice(4, n, p=(0.95, 0.03, 0.01, 0.01))),
        "tenure": take(("private", "state", "collective", "shares"), rng.choice(4, n, p=(0.93, 0.03, 0.02, 0.02))),
        "occupied": occupied,
        "changed_night": np.ones(n, dtype=np.int64),
    }


def _serial_ids(prefix: str, n: int, start: int = 0) -> pa.Array:
    numbers = pa.array(np.arange(start, start + n)).cast(pa.string())
    return pc.binary_join_element_wise(prefix, numbers, "")


def _occupancies(
    rng: np.random.Generator,
    households: Households,
    status: np.ndarray,
    *,
    settled: int,
    members: int,
    pool: int,
) -> pa.Table:
    """Who is registered at which house: its inhabitants, and the owners of let and vacant houses, who live
    elsewhere: heads of other households, or people of the pool. The first ``settled`` members live here."""
    hh, slot = households.of_member[:settled], households.slot[:settled]
    absent = np.flatnonzero(status != "owner_occupied")
    heads = np.flatnonzero((slot == 0) & ~households.let[hh])
    owners = rng.choice(heads, len(absent))
    from_pool = rng.random(len(absent)) < 0.3
    owners[from_pool] = members + rng.integers(0, pool, int(from_pool.sum()))
    role = np.where(households.let[hh], "tenant", np.where(slot == 0, "owner", "family"))
    n = settled + len(absent)
    since = EPOCH - rng.integers(40, 7000, n)
    tenant = np.r_[households.let[hh], np.zeros(len(absent), dtype=bool)]
    until = np.where(tenant, EPOCH + rng.integers(20, 700, n), np.datetime64("NaT"))
    agent = np.where(tenant & (rng.random(n) < 0.25), rng.integers(0, 2, n), -1)
    return pa.table(
        {
            "o_idx": np.arange(n),
            "p_idx": np.r_[np.arange(settled), owners],
            "h_idx": np.r_[households.house[hh], absent],
            "role": pa.array(np.r_[role, np.full(len(absent), "owner")]),
            "lives_there": np.r_[np.ones(settled, dtype=bool), np.zeros(len(absent), dtype=bool)],
            "valid_from": pa.array(since),
            "valid_to": pa.array(until, from_pandas=True),
            "agent": agent,
            "has_id": rng.random(n) >= 0.04,
            "old_id": rng.random(n) < 0.06,
            "changed_at": pa.array(EPOCH.astype("datetime64[s]") - rng.integers(86_400, 60_000_000, n)),
            "from_night": np.ones(n, dtype=np.int64),
            "to_night": pa.nulls(n, pa.int64()),
            "changed_night": np.ones(n, dtype=np.int64),
            **row_draws(rng, n),
            **no_slips(n),
        }
    )


def _vehicles(rng: np.random.Generator, company: CompanyPlan, households: Households, members: pa.Table) -> pa.Table:
    n = sum(c.vehicles for c in company.communities)
    age = (EPOCH - members["birth"].to_numpy().astype("datetime64[D]")).astype(np.int64) // 365
    holder = rng.choice(np.flatnonzero((age >= 18) & (age < 76)), n)
    firm = rng.random(n) < 0.04
    table = vehicle_columns(rng, n, company.plates_from, entity_ids(company.slug, "v"))
    second, plates = _second_cars(company, firm)
    holder[second] = holder[second - 1]
    let = households.let[households.of_member[holder]]
    return pa.table(
        {
            **table,
            "plate": _replaced(table["plate"], np.concatenate([second - 1, second]), plates),
            "p_idx": pa.array(holder, mask=firm),
            "h_idx": households.house[households.of_member[holder]],
            "firm": _firms(rng, firm),
            "vehicle_role": pa.array(np.where(let, "tenant", "owner")),
            "from_night": np.ones(n, dtype=np.int64),
            "to_night": pa.nulls(n, pa.int64()),
            "changed_night": np.ones(n, dtype=np.int64),
            **row_draws(rng, n),
        }
    )


def _second_cars(company: CompanyPlan, firm: np.ndarray) -> tuple[np.ndarray, pa.Array]:
    """Households with two cars whose plates a camera takes for each other, one car in fifty: the rows of the second
    cars, right after the first ones, and the plates of all first, then of all second cars."""
    places = np.arange(1, len(firm), 100)
    second = places[~firm[places] & ~firm[places - 1]]
    # a company has room for one pair in fifty numbers of its part of the index
    pairs = identifiers.like_serials(company.plates_from // 50 + np.arange(len(second)))
    return second, pa.concat_arrays([pc.binary_join_element_wise("皖", serials, "") for serials in pairs])


def _replaced(values: pa.Array, places: np.ndarray, by: pa.Array) -> pa.Array:
    """``values`` with others at some places."""
    of = np.arange(len(values))
    of[places] = len(values) + np.arange(len(places))
    return pa.concat_arrays([_whole(values), _whole(by)]).take(pa.array(of))


def _whole(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def vehicle_columns(
    rng: np.random.Generator, n: int, plates_from: int, prefix: str, start: int = 0
) -> dict[str, np.ndarray | pa.Array]:
    """``n`` cars with plates of their own; ``plates_from`` is the company's part of the plates' index."""
    kind = rng.choice(len(_PLATE_KINDS), n, p=[k[3] for k in _PLATE_KINDS])
    classes, colours = zip(*[k[:2] for k in _PLATE_KINDS], strict=True)
    types = np.where(kind == _LARGE, 3, rng.choice(3, n, p=(0.6, 0.32, 0.08)))
    paint = rng.choice(len(_BODY_COLOURS), n, p=(0.4, 0.22, 0.14, 0.12, 0.07, 0.05))
    return {
        "v_idx": np.arange(start, start + n),
        "vehicle_entity": _serial_ids(prefix, n, start),
        "plate": _plates(kind, np.arange(plates_from, plates_from + n)),
        "plate_class": take(classes, kind),
        "plate_colour": take(colours, kind),
        "vehicle_type": take(("car", "suv", "van", "truck"), types),
        "body_colour": take(_BODY_COLOURS, paint),
        "brand": take(_BRANDS, rng.integers(0, len(_BRANDS), n)),
        "vin": identifiers.vins(rng, n),
    }


def _plates(kind: np.ndarray, index: np.ndarray) -> pa.Array:
    """The plates of cars by kind (position in ``_PLATE_KINDS``)."""
    forms = np.array([k[2] for k in _PLATE_KINDS])[kind]
    short, series = identifiers.short_serials(index)
    letter = take(("皖A", "皖B"), series)
    serial = [pa.array(forms == f) for f in ("standard", "new_energy", "school")]
    return pc.case_when(
        pc.make_struct(*serial, field_names=["standard", "new_energy", "school"]),
        pc.binary_join_element_wise("皖A", identifiers.standard_serials(index), ""),
        pc.binary_join_element_wise("皖A", identifiers.new_energy_serials(index), ""),
        pc.binary_join_element_wise(letter, short, "学", ""),
        pc.binary_join_element_wise("粤Z", short, pc.if_else(pa.array(kind == _MACAO), "澳", "港"), ""),
    )


def _firms(rng: np.random.Generator, firm: np.ndarray) -> pa.Array:
    words = take(("皖瑞", "科创", "远航", "江淮之星", "同庆"), rng.integers(0, 5, len(firm)))
    kinds = take(("商贸有限公司", "物流有限公司", "科技有限公司"), rng.integers(0, 3, len(firm)))
    return pc.if_else(pa.array(firm), pc.binary_join_element_wise("合肥", words, kinds, ""), None)
