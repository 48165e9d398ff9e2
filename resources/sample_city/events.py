"""The true passes of one company: who or what went through which gate, when, which way."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources.sample_city import identifiers
from resources.sample_city.arrays import EPOCH, take
from resources.sample_city.tiers import CityPlan, CompanyPlan
from resources.sample_city.world import World, row_draws

GATES = ("南门人行1号闸", "南门人行2号闸", "北门人行1号闸", "北门人行2号闸", "地库1号车道", "地库2号车道")
"""Gates of every community, in pairs: 0/1, 2/3, 4/5 are two readers of one passage."""
_PASSES = 3
# seconds of the day in which a person's first, second and third pass fall; apart, so that two true passes of one
# subject are never taken for one pass on two readers
_BANDS = np.array([(6 * 3600, 10 * 3600), (11 * 3600, 16 * 3600), (17 * 3600, 23 * 3600)])
_DIRECTION = np.array(["out", "in", "in"])
_VISITORS, _UNKNOWN, _CAR_USE = 0.04, 0.02, 0.8


def draw_passes(city: CityPlan, company: CompanyPlan, world: World, night: int, late_rate: float) -> pa.Table:
    """The passes delivered on a night: the tier's days up to the eve of night 1, one day on each later night.

    ``late_rate`` of them happened two to four days earlier and stayed in the device till now.
    Together three a living resident and day; a seventh or so by car. ``occurred_at`` is local time. Columns:
    pass_entity, c_idx, gate_index, occurred_at, file_day, direction, method, subject_kind, p_idx, v_idx,
    visitor_plate, card, random columns.
    """
    rng = np.random.default_rng([city.seed, city.tier.number, 3, company.index, night])
    last = EPOCH + np.timedelta64(night - 2, "D")
    days = last - np.arange(city.tier.days if night == 1 else 1)[::-1]
    inhabitants = world.occupancies.filter(
        pc.and_(world.occupancies["lives_there"], pc.is_null(world.occupancies["to_night"]))
    )
    cars = world.vehicles.filter(pc.is_null(world.vehicles["to_night"]))
    community_of = world.houses["c_idx"].to_numpy()
    parts = [_by_car(rng, cars, community_of, days)]
    total = _PASSES * len(inhabitants) * len(days)
    parts.append(_strangers(rng, int(total * (_VISITORS + _UNKNOWN)), len(world.communities), days))
    rest = total - sum(len(p["second"]) for p in parts)
    parts.append(_on_foot(rng, inhabitants, community_of, days, rest))
    columns = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    return _table(rng, company, night, columns, late_rate)


def _table(
    rng: np.random.Generator, company: CompanyPlan, night: int, columns: dict[str, np.ndarray], late_rate: float
) -> pa.Table:
    late = rng.random(len(columns["day"])) < late_rate
    held_back = np.where(late, rng.integers(2, 5, len(late)), 0)
    moment = (columns["day"] - held_back).astype("datetime64[s]") + columns["second"]
    columns = {**columns, "late": late}
    order = np.argsort(moment, kind="stable")
    columns = {name: values[order] for name, values in columns.items()}
    n = len(order)
    serial = pa.array(np.arange(n)).cast(pa.string())
    by_car = columns["v_idx"] >= 0
    plated = by_car | (columns["visitor"] == 2)
    plate = pc.binary_join_element_wise(
        take(("苏A", "浙A", "沪C", "苏E"), rng.integers(0, 4, n)),
        identifiers.standard_serials(rng.integers(0, 10**6, n)),
        "",
    )
    kind = np.select([by_car, columns["visitor"] == 1, columns["visitor"] == 2, columns["visitor"] == 3],
                     ["vehicle", "visitor", "visitor", "unknown"], "resident")  # fmt: skip
    method = np.where(plated, "plate", rng.choice(np.array(["card", "face", "app"]), n, p=(0.35, 0.45, 0.2)))
    return pa.table(
        {
            "pass_entity": pc.binary_join_element_wise(f"e_{company.slug}_{night}_", serial, ""),
            "c_idx": columns["c_idx"],
            "gate_index": np.where(plated, 4, 2 * rng.integers(0, 2, n)) + rng.integers(0, 2, n),
            "occurred_at": pa.array(moment[order]),
            "file_day": pa.array(columns["day"] + 1),
            "direction": pa.array(_DIRECTION[columns["band"]]),
            "method": pa.array(method),
            "subject_kind": pa.array(kind),
            "late": columns["late"],
            "p_idx": pa.array(columns["p_idx"], mask=columns["p_idx"] < 0),
            "v_idx": pa.array(columns["v_idx"], mask=columns["v_idx"] < 0),
            "visitor_plate": pc.if_else(pa.array(columns["visitor"] == 2), plate, None),
            "visitor_card": pc.if_else(
                pa.array(columns["visitor"] == 1), pc.binary_join_element_wise(f"V{night:03d}", serial, ""), None
            ),
            **row_draws(rng, n),
        }
    )


def _moments(rng: np.random.Generator, band: np.ndarray) -> np.ndarray:
    low, high = _BANDS[band].T
    return (low + (high - low) * rng.beta(2, 2, len(band))).astype(np.int64)


def _part(
    day: np.ndarray, second: np.ndarray, band: np.ndarray, c_idx: np.ndarray, **given: np.ndarray
) -> dict[str, np.ndarray]:
    absent = np.full(len(day), -1)
    part = {"day": day, "second": second, "band": band, "c_idx": c_idx, "p_idx": absent, "v_idx": absent,
            "visitor": np.zeros(len(day), dtype=np.int64)}  # fmt: skip
    return {**part, **given}


def _by_car(
    rng: np.random.Generator, cars: pa.Table, community_of: np.ndarray, days: np.ndarray
) -> dict[str, np.ndarray]:
    """Out in the morning, back in the evening, on most days."""
    used = np.flatnonzero(rng.random(len(cars) * len(days)) < _CAR_USE)
    car, day = np.tile(used % len(cars), 2), np.tile(days[used // len(cars)], 2)
    band = np.repeat([0, 2], len(used))
    v_idx = cars["v_idx"].to_numpy()[car]
    c_idx = community_of[cars["h_idx"].to_numpy()[car]]
    return _part(day, _moments(rng, band), band, c_idx, v_idx=v_idx)


def _strangers(rng: np.random.Generator, n: int, communities: int, days: np.ndarray) -> dict[str, np.ndarray]:
    """Visitors with a temporary card (1) or a car from elsewhere (2), and people nobody knows (3)."""
    band = rng.integers(0, 3, n)
    kind = rng.choice((1, 2, 3), n, p=(0.4, 0.3, 0.3))
    return _part(rng.choice(days, n), _moments(rng, band), band, rng.integers(0, communities, n), visitor=kind)


def _on_foot(
    rng: np.random.Generator, inhabitants: pa.Table, community_of: np.ndarray, days: np.ndarray, n: int
) -> dict[str, np.ndarray]:
    chosen = rng.choice(len(inhabitants) * len(days) * _PASSES, n, replace=False)
    chosen.sort()
    band, rest = chosen % _PASSES, chosen // _PASSES
    who = rest % len(inhabitants)
    c_idx = community_of[inhabitants["h_idx"].to_numpy()[who]]
    return _part(
        days[rest // len(inhabitants)], _moments(rng, band), band, c_idx, p_idx=inhabitants["p_idx"].to_numpy()[who]
    )
