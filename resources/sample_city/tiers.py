"""How big a city is and who manages what: the plan of companies and communities, from (tier, seed) alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resources.sample_city.arrays import share
from resources.sample_city.identifiers import id_slot_ranges, uscc
from resources.sample_city.places import COMPANY_WORDS, CommunityPlan, community_name, location

DIALECTS = (
    "gbk_csv", "platform_csv", "xlsx_titled", "access_json", "parking_jsonl", "utf16_tsv", "zip_parts", "html_xls",
    "parquet_delta", "xlsx_numbers",
)  # fmt: skip
"""The ways companies export, in the order companies get them; declared in ``dialects``."""


@dataclass(frozen=True)
class Tier:
    """Size of a city. ``weights`` are the dialects' shares of it; each company of a dialect gets an equal part."""

    number: int
    communities: int
    buildings: int | None
    houses: int
    occupied: int
    residents: int
    vehicles: int
    days: int
    companies: tuple[tuple[str, int], ...]
    weights: dict[str, float]


# Published counts: one community of 28 buildings, 1,322 households and 5,336 residents; 344 communities with
# 520,000 residents, 370,000 houses and 130,000 vehicles; a city of 4,900 communities scaled from the latter.
_SMALL = {
    "gbk_csv": 10.0, "platform_csv": 3.0, "xlsx_titled": 2.0, "access_json": 3.0, "parking_jsonl": 2.0,
    "utf16_tsv": 2.0, "zip_parts": 2.0, "html_xls": 1.0, "parquet_delta": 2.0, "xlsx_numbers": 1.0,
}  # fmt: skip
_LARGE = {**dict.fromkeys(_SMALL, 1.0), "gbk_csv": 1.5, "platform_csv": 1.5, "access_json": 1.2,
          "parking_jsonl": 1.2, "xlsx_titled": 0.3, "xlsx_numbers": 0.04, "html_xls": 0.5}  # fmt: skip

TIERS = {
    "hamlet": Tier(
        4, 10, 10, 165, 150, 420, 110, 2, tuple((d, 1) for d in DIALECTS), dict.fromkeys(DIALECTS, 1.0)
    ),
    "community": Tier(
        1, 14, 28, 1_404, 1_322, 5_336, 470, 7, tuple((d, 1) for d in DIALECTS), _SMALL
    ),
    "pilot": Tier(
        2, 344, None, 370_000, 277_000, 520_000, 130_000, 1,
        tuple((d, 1 if d in ("xlsx_numbers", "xlsx_titled") else 2) for d in DIALECTS), _LARGE,
    ),
    "city": Tier(
        3, 4_900, None, 5_300_000, 3_970_000, 7_400_000, 1_900_000, 1,
        tuple((d, 2 if d == "xlsx_numbers" else 4 if d == "xlsx_titled" else 11) for d in DIALECTS), _LARGE,
    ),
    # between them, to see how cost grows with size
    "pilot_quarter": Tier(
        6, 86, None, 92_500, 69_250, 130_000, 32_500, 1, tuple((d, 1) for d in DIALECTS), _LARGE,
    ),
    "city_third": Tier(
        5, 1_633, None, 1_767_000, 1_323_000, 2_467_000, 633_000, 1,
        tuple((d, 1 if d in ("xlsx_numbers", "xlsx_titled") else 4) for d in DIALECTS), _LARGE,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class CompanyPlan:
    """One property company: its dialect, communities and its own part of the number spaces."""

    index: int
    slug: str
    name: str
    uscc: str
    dialect: str
    communities: tuple[CommunityPlan, ...]
    id_slots: tuple[int, int]
    plates_from: int
    newcomers_from: int

    @property
    def residents(self) -> int:
        return sum(c.residents for c in self.communities)


@dataclass(frozen=True)
class CityPlan:
    """All companies of one city. ``pool`` people own houses of several companies, and movers are in two companies'
    lists; both have ID slots of their own."""

    tier: Tier
    tier_name: str
    seed: int
    companies: tuple[CompanyPlan, ...]
    pool: int
    pool_slots: tuple[int, int]
    mover_slots: tuple[int, int]


def plan_city(tier_name: str, seed: int) -> CityPlan:
    """The plan of a city. Raises ValueError for an unknown tier, naming the allowed ones."""
    if tier_name not in TIERS:
        raise ValueError(f"unknown tier {tier_name!r}; one of: {', '.join(TIERS)}")
    tier = TIERS[tier_name]
    rng = np.random.default_rng([seed, tier.number, 0])
    kinds = [d for turn in range(max(n for _, n in tier.companies)) for d, n in tier.companies if turn < n]
    weights = np.array([tier.weights[d] for d in kinds])
    counts = np.maximum(1, share(tier.communities, weights))
    while (extra := int(counts.sum()) - tier.communities) > 0:
        counts[np.argmax(counts)] -= min(extra, 1)
    communities = _communities(tier, rng, counts, weights)
    pool = max(8, tier.houses // 60)
    ranges = id_slot_ranges(np.array([*(sum(c.residents for c in cs) for cs in communities), pool * 4]))
    plates = np.cumsum([0] + [int(sum(c.vehicles for c in cs) * 1.2) + 50 for cs in communities])
    companies = []
    for i, (kind, places) in enumerate(zip(kinds, communities, strict=True)):
        turn, word = divmod(i, len(COMPANY_WORDS))
        name = COMPANY_WORDS[word] + (f"第{turn + 1}" if turn else "")
        companies.append(
            CompanyPlan(
                index=i,
                slug=f"{kind}_{i + 1:02d}",
                name=f"合肥{name}物业服务有限公司",
                uscc=uscc(1_000 + i),
                dialect=kind,
                communities=places,
                id_slots=ranges[i],
                plates_from=int(plates[i]),
                newcomers_from=int(plates[i + 1]) - int(sum(c.vehicles for c in places) * 0.2) - 50,
            )
        )
    first, stop = ranges[-1]
    half = (first + stop) // 2
    return CityPlan(tier, tier_name, seed, tuple(companies), pool, (first, half), (half, stop))


def _communities(
    tier: Tier, rng: np.random.Generator, counts: np.ndarray, weights: np.ndarray
) -> list[tuple[CommunityPlan, ...]]:
    """The communities of each company. Sizes follow the companies' weights and vary within a company."""
    owner = np.repeat(np.arange(len(counts)), counts)
    if tier.buildings:
        buildings = share(tier.buildings, weights[owner] / counts[owner])
        size = buildings.astype(float)
    else:
        size = rng.lognormal(0.0, 0.35, len(owner)) * weights[owner] / counts[owner]
        buildings = None
    occupied = share(tier.occupied, size)
    houses = occupied + share(tier.houses - tier.occupied, size)
    residents = share(tier.residents, size)
    vehicles = share(tier.vehicles, size)
    if buildings is None:
        buildings = np.maximum(1, houses // 52)
    out: list[list[CommunityPlan]] = [[] for _ in counts]
    for i, company in enumerate(owner):
        region, district, street, number = location(i)
        name, alias = community_name(i)
        out[company].append(
            CommunityPlan(
                index=i,
                code=f"{region}{1 + i // 900:06d}{1 + i % 900:03d}",
                name=name,
                alias=alias,
                region_code=region,
                district=district,
                street=street,
                street_number=number,
                buildings=int(buildings[i]),
                houses=int(houses[i]),
                occupied=int(occupied[i]),
                residents=int(residents[i]),
                vehicles=int(vehicles[i]),
                phase_style=int(rng.choice(3, p=(0.7, 0.2, 0.1))),
            )
        )
    return [tuple(cs) for cs in out]
