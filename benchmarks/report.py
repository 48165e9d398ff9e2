"""``docs/performance.md`` and its chart, from the newest figures of each tier and scenario in ``results/bench.json``.

``python -m benchmarks.report`` writes both; the page is never edited by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any

from benchmarks.results import FOLDER, Line
from resources.settings import Settings

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE, CHART = DOCS / "performance.md", DOCS / "images" / "performance.svg"
TIERS = ("community", "pilot_quarter", "pilot", "city_third", "city")
"""From the smallest."""
_LARGE = TIERS[1:]  # of the smallest most is start-up
REBUILD = 6
"""A city's rebuild is to take at most so many times its floor."""
GROWTH = 1.05
"""From one size to the next, seconds are to grow with at most this power of the rows."""
LITTLE = "2GB"
"""The ``REGISTER_MEMORY`` with which a city is to stay within 4 GiB."""
MUCH = "6GB"
"""The ``REGISTER_MEMORY`` of a machine that has more to give."""

_HEAD = """# Performance

Made by `make performance` out of `benchmarks/results/bench.json`; do not edit.

Every figure is a whole night: load every company's files, resolve, link, audit, publish. It stands beside the **copy
floor** of the same files, measured in the same run on the same machine: DuckDB reads them as text (decoded first where
it can't) and writes zstd Parquet, and nothing else. The ratio says what the register costs over merely copying; seconds
differ between machines and with what else they do, ratios much less.

`make bench TIER=pilot` measures again (`community`, `pilot_quarter`, `pilot`, `city_third`, `city`); it generates the
city first. The other engines are measured with the pilot.
"""
_SCENARIOS = """
- **rebuild**: everything from the dropped files.
- **night**: the second night. Every company sends its lists again with few rows changed, and the day's passes.
- **unchanged**: nothing new came; held against the floor of all files.
- **pandas**: the same files by a straightforward script (read, clean, drop duplicates, merge on equal keys, write). No
  quarantine, no linking, no ids that last, no audit, no release.
- **splink**: the same residents' records linked with stock comparisons; training and linking alone, without reading.
"""


def newest(lines: Iterable[Line], memory_limit: str = Settings.memory_limit) -> dict[tuple[str, str], Line]:
    """The last line of each (tier, scenario) that was measured with this ``REGISTER_MEMORY``."""
    return {(line["tier"], line["scenario"]): line for line in _with_limit(lines, memory_limit)}


def _with_limit(lines: Iterable[Line], memory_limit: str = Settings.memory_limit) -> Iterator[Line]:
    """Lines with stages that were measured with this ``REGISTER_MEMORY``."""
    return (line for line in lines if "stages" in line and line["memory_limit"] == memory_limit)


def _same_code(
    measured: dict[tuple[str, str], Line], found: dict[tuple[str, str], Line]
) -> dict[tuple[str, str], Line]:
    """What was measured at the commit that ``found`` has of it: of other code, memory would be compared with code."""
    return {key: line for key, line in measured.items() if key in found and line["commit"] == found[key]["commit"]}


def page(lines: list[Line]) -> str:
    """The page in Markdown."""
    found = newest(lines)
    parts = [_HEAD, "![Seconds against rows](images/performance.svg)\n", "## Nights\n", _figures(found), _SCENARIOS]
    short, ample = (_same_code(newest(lines, limit), found) for limit in (LITTLE, MUCH))
    for words, limit, measured in (("little", LITTLE, short), ("more", MUCH, ample)):
        if measured:
            head = f"\n## With {words} memory\n\nThe same with `REGISTER_MEMORY={limit}`:\n"
            parts += [head, _figures(measured)]
    if growth := exponent(found):
        parts.append(
            f"\n## Growth\n\nFrom {growth[0]} to {growth[1]} the seconds of a rebuild grow with the rows to the power "
            f"**{growth[2]:.2f}**; step by step {_steps(found)}.\n"
        )
    parts.append(_aims(found, short.get(("city", "rebuild"))))
    parts.append(_missed(found, ample))
    parts.append("\n## Where the time goes\n")
    largest = [tier for tier in reversed(TIERS) if (tier, "rebuild") in found][:1]
    parts += [_stages(found[tier, "rebuild"], before(lines, tier)) for tier in largest]
    if asked := [found[tier, "queries"] for tier in reversed(TIERS) if (tier, "queries") in found][:1]:
        parts.append(_queries(asked[0]))
    return "\n".join(parts)


def _ordered(found: dict[tuple[str, str], Line]) -> list[Line]:
    scenarios = ("rebuild", "night", "unchanged", "pandas", "splink")
    return [found[tier, s] for tier in TIERS for s in scenarios if (tier, s) in found]


def _figures(found: dict[tuple[str, str], Line]) -> str:
    rows = [
        f"| {line['tier'].replace('_', ' ')} | {line['scenario']} | {line['rows']:,} | {line['seconds']:,.1f} | "
        f"{_number(line['floor_seconds'])} | {_number(line['ratio'])} | {line['peak_gib']:.2f} | "
        f"{line['machine']['cpus']} | {line['commit']} |"
        for line in _ordered(found)
    ]
    head = "| tier | scenario | rows | seconds | floor | ratio | peak GiB | processors | commit |"
    notes = [f"\n{line['tier']}, {line['scenario']}: {line['note']}" for line in _ordered(found) if "note" in line]
    return "\n".join([head, "|---|---|---:|---:|---:|---:|---:|---:|---|", *rows, *notes]) + "\n"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def exponent(found: dict[tuple[str, str], Line]) -> tuple[str, str, float] | None:
    """From the smallest to the largest tier measured (the community left out) the power of the rows that the seconds
    of a rebuild grow with; None where there are not two."""
    lines = _rebuilds(found)
    return _between(lines[0], lines[-1]) if len(lines) > 1 else None


def _rebuilds(found: dict[tuple[str, str], Line]) -> list[Line]:
    return [found[tier, "rebuild"] for tier in _LARGE if (tier, "rebuild") in found]


def _between(small: Line, large: Line) -> tuple[str, str, float]:
    power = log(large["seconds"] / small["seconds"]) / log(large["rows"] / small["rows"])
    return small["tier"].replace("_", " "), large["tier"].replace("_", " "), power


def steps(found: dict[tuple[str, str], Line]) -> list[tuple[str, str, float]]:
    """The same from each tier measured to the next larger one. Their commits may differ: the table of nights says."""
    return [_between(*pair) for pair in pairwise(_rebuilds(found))]


def _steps(found: dict[tuple[str, str], Line]) -> str:
    return ", ".join(f"{power:.2f} from {small} to {large}" for small, large, power in steps(found))


def before(lines: Iterable[Line], tier: str) -> Line | None:
    """The rebuild of a tier that was measured last before the newest, of another commit."""
    rebuilds = [line for line in _with_limit(lines) if (line["tier"], line["scenario"]) == (tier, "rebuild")]
    older = [line for line in rebuilds if line["commit"] != rebuilds[-1]["commit"]]
    return older[-1] if older else None


def _aims(found: dict[tuple[str, str], Line], short: Line | None) -> str:
    """What is aimed at and what was measured (``short``: the city's rebuild with little memory); an aim for which
    nothing was measured is left out."""
    city = [line for (tier, scenario), line in found.items() if tier == "city" and scenario != "queries"]
    ratio = {scenario: line["ratio"] for (tier, scenario), line in found.items() if tier == "city"}
    rebuild, pandas = found.get(("pilot", "rebuild")), found.get(("pilot", "pandas"))
    growth = [power for *_, power in steps(found)]
    asked = found.get(("city", "queries"))
    peer = rebuild and pandas
    aims = [
        ("city, everything from the files, by its floor", "at most", REBUILD, ratio.get("rebuild")),
        ("city, a night, by the floor of its files", "at most", 3, ratio.get("night")),
        ("city, a night in which nothing came", "at most", 0.3, ratio.get("unchanged")),
        ("city, memory of the largest process, GiB", "at most", 8, max((x["peak_gib"] for x in city), default=None)),
        (f"city, the same with REGISTER_MEMORY={LITTLE}, GiB", "at most", 4, short and short["peak_gib"]),
        ("growth: the power of the rows, the steepest step", "at most", GROWTH, max(growth, default=None)),
        ("city, the slowest question, seconds", "at most", 1, asked and max(asked["query_seconds"].values())),
        ("pilot, pandas' seconds by ours", "at least", 5, peer and pandas["seconds"] / rebuild["seconds"]),
        ("pilot, our memory by pandas'", "at most", 0.25, peer and rebuild["peak_gib"] / pandas["peak_gib"]),
    ]
    rows = [
        f"| {what} | {bound} {aim} | {value:.2f} | {'yes' if (value <= aim) == (bound == 'at most') else '**no**'} |"
        for what, bound, aim, value in aims
        if value is not None
    ]
    return (
        "\n".join(["\n## Aims, on two processors\n", "| | aim | measured | met |", "|---|---:|---:|---|", *rows]) + "\n"
    )


def _missed(found: dict[tuple[str, str], Line], ample: dict[tuple[str, str], Line]) -> str:
    """What the profile says of the aims that are missed; ``ample``: what was measured with more memory."""
    rebuild, night = found.get(("city", "rebuild")), found.get(("city", "night"))
    if rebuild is None or night is None or rebuild["ratio"] <= REBUILD:
        return ""
    used = {name: stage["cpu_seconds"] for name, stage in rebuild["stages"].items()}
    whole = sum(used.values())

    def share(*stages: str) -> str:
        return f"{sum(used[s] for s in stages) / whole:.0%}"

    busy = whole / rebuild["seconds"]
    growth = _steepest(found, ample)
    return f"""
## What is missed, and why

- **The rebuild.** {busy:.2f} of two processors are busy, so what is left is work, not waiting. Of the work the loads
  are {share("load")} (the floor reads text and writes it once; a load writes the text, parses and judges every value,
  and writes again), linking and the residents {share("register: residents")}, the rest of the register
  {share(*(s for s in used if s.startswith("register: ") and s != "register: residents"))}, building and auditing the
  release {share("release: building", "release: auditing")}.
- **The night.** {night["seconds"]:,.0f} seconds at commit {night["commit"]}: unchanged deliveries and days of passes
  are taken over, but every company sends its lists again, and people are linked, and the release is built and audited,
  as a whole, so it costs what a rebuild costs. What was weighed instead is in
  [decision 14](decisions/0014-processes-for-loads-threads-for-queries.md).{growth}
- **pandas.** Five times as fast as the script would be as fast as the floor itself. The script keeps no row that it
  cannot read, links nobody whose number is missing, gives no ids that last, and audits nothing.
"""


def _steepest(found: dict[tuple[str, str], Line], ample: dict[tuple[str, str], Line]) -> str:
    """The step that grows most, if it grows more than is aimed at, and the same step with more memory."""
    step = max(pairwise(_rebuilds(found)), key=lambda pair: _between(*pair)[2], default=None)
    if step is None:
        return ""
    small, large = step
    name, larger, power = _between(small, large)
    if power <= GROWTH:
        return ""
    said = f"\n- **Growth.** From {name} to {larger} it is the power {power:.2f}."
    if roomy := ample.get((large["tier"], "rebuild")):
        said += (
            f" With\n  `REGISTER_MEMORY={MUCH}` the {larger} takes {roomy['seconds']:,.0f} seconds, the power "
            f"{_between(small, roomy)[2]:.2f}."
        )
    return said


def _stages(line: Line, older: Line | None) -> str:
    def was(name: str) -> str:
        stage = older["stages"].get(name) if older else None
        return f"{stage['seconds']:,.1f} | {stage['cpu_seconds']:,.1f}" if stage else " | "

    rows = [
        f"| {name} | {s['seconds']:,.1f} | {s['cpu_seconds']:,.1f} | {s['peak_gib']:.2f} | {s['written_mib']:,.0f} | "
        f"{was(name)} |"
        for name, s in line["stages"].items()
    ]
    since = f" The last two columns are of commit {older['commit']}, measured before it." if older else ""
    head = [
        f"A rebuild of the {line['tier'].replace('_', ' ')}, stage by stage.{since}\n",
        "| stage | seconds | processor seconds | peak GiB | MiB written | seconds before | processor seconds before |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _queries(line: Line) -> str:
    rows = [f"| {name} | {seconds:.2f} |" for name, seconds in line["query_seconds"].items()]
    head = [
        f"\n## Asking\n\nQuestions to the release of the {line['tier'].replace('_', ' ')}, with nothing of it in "
        "the page cache:\n",
        "| question | seconds |",
        "|---|---:|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def chart(lines: list[Line]) -> str:
    """Seconds against rows as SVG, both axes logarithmic, a line for each scenario."""
    import vl_convert

    values = [
        {"rows": line["rows"], "seconds": seconds, "what": what}
        for line in _ordered(newest(lines))
        if line["scenario"] in ("rebuild", "night")
        for what, seconds in ((line["scenario"], line["seconds"]), (f"floor of {line['scenario']}", _floor(line)))
    ]
    axis: dict[str, Any] = {"type": "quantitative", "scale": {"type": "log"}}
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 420,
        "height": 240,
        "data": {"values": values},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "rows", "title": "rows read", **axis},
            "y": {"field": "seconds", "title": "seconds", **axis},
            "color": {"field": "what", "title": None},
        },
    }
    return str(vl_convert.vegalite_to_svg(spec, vl_version="5.20"))


def _floor(line: Line) -> float:
    return float(line["floor_seconds"])


def main() -> None:
    """Write the page and the chart."""
    lines: list[Line] = json.loads((FOLDER / "bench.json").read_text(encoding="utf-8"))
    PAGE.write_text(page(lines), encoding="utf-8")
    CHART.write_text(chart(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
