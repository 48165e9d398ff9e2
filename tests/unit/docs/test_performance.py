"""``docs/performance.md`` says what the kept figures say."""

from __future__ import annotations

import json

from benchmarks.report import PAGE, exponent, newest, page, steps
from benchmarks.results import FOLDER


def test_the_page_is_made_from_the_kept_figures() -> None:
    lines = json.loads((FOLDER / "bench.json").read_text(encoding="utf-8"))
    assert PAGE.read_text(encoding="utf-8") == page(lines), "run: make performance"


def test_growth_is_the_power_between_the_smallest_and_the_largest_tier() -> None:
    def line(tier: str, rows: int, seconds: float) -> dict[str, object]:
        return {
            "tier": tier,
            "scenario": "rebuild",
            "rows": rows,
            "seconds": seconds,
            "stages": {},
            "memory_limit": "4GB",
        }

    lines = [
        line("community", 9, 900),
        line("pilot", 1_000, 50),
        line("pilot", 1_000, 10),
        line("city", 100_000, 1_000),
    ]
    assert exponent(newest(lines)) == ("pilot", "city", 1.0)
    assert exponent(newest(lines[:3])) is None
    lines.append(line("city_third", 10_000, 1_000))
    assert [(a, b) for a, b, _ in steps(newest(lines))] == [("pilot", "city third"), ("city third", "city")]
    assert [round(power, 6) for *_, power in steps(newest(lines))] == [2.0, 0.0]


def test_a_step_that_grows_too_much_is_told_with_what_more_memory_makes_of_it() -> None:
    def line(tier: str, rows: int, seconds: float, limit: str = "4GB") -> dict[str, object]:
        return {
            "tier": tier, "scenario": "rebuild", "rows": rows, "seconds": seconds, "floor_seconds": 1.0, "ratio": 9.0,
            "peak_gib": 1.0, "machine": {"cpus": 2}, "commit": "c", "memory_limit": limit,
            "stages": {
                s: {"seconds": 1.0, "cpu_seconds": 1.0, "peak_gib": 1.0, "written_mib": 1.0}
                for s in ("load", "register: residents", "release: building", "release: auditing")
            },
        }  # fmt: skip

    city = line("city", 1_000, 100)
    steep = [line("city_third", 100, 1), city, city | {"scenario": "night"}]
    assert "**Growth.** From city third to city it is the power 2.00" in page(steep)
    assert "`REGISTER_MEMORY=6GB` the city takes 10 seconds, the power 1.00." in page(
        [*steep, line("city", 1_000, 10, "6GB")]
    )
    assert "**Growth.**" not in page([line("city_third", 100, 10), *steep[1:]])
