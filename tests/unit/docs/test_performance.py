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
