"""Small bar charts for the operators' page: drawn without a browser, carried inside the metadata, no font needed
beyond Latin letters and digits."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

LARGEST = 40_000
"""Bytes of a picture at most: it is stored with every materialisation."""

_COLOURS = {
    "accepted": "#4c9f70",
    "quarantined": "#d1603d",
    "duplicate": "#8d99ae",
    "skipped": "#d9d9d9",
    "rows": "#3d6fa5",
}
_BARS = 12


def ledger_chart(files: Sequence[Mapping[str, Any]]) -> dg.MetadataValue | None:
    """Stacked rows by outcome, a bar a file, the largest files first. None without files."""
    shown = sorted(files, key=lambda f: (-int(f["rows_read"]), str(f["file"])))[:_BARS]
    values = [
        {"of": _short(str(f["file"])), "outcome": outcome, "rows": int(f[outcome])}
        for f in shown
        for outcome in ("accepted", "quarantined", "duplicate", "skipped")
        if f[outcome]
    ]
    return _draw(values)


def size_chart(sizes: Mapping[str, int]) -> dg.MetadataValue | None:
    """One bar for each name, the largest first. None without sizes."""
    shown = sorted(sizes.items(), key=lambda s: (-s[1], s[0]))[:_BARS]
    return _draw([{"of": _short(name), "outcome": "rows", "rows": size} for name, size in shown])


def _short(name: str) -> str:
    return name if len(name) <= 40 else "…" + name[-39:]


def _draw(values: list[dict[str, Any]]) -> dg.MetadataValue | None:
    if not values:
        return None
    import vl_convert

    outcomes = [o for o in _COLOURS if any(v["outcome"] == o for v in values)]
    legend = {"orient": "bottom", "title": None} if len(outcomes) > 1 else None
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 320,
        "height": {"step": 17},
        "data": {"values": values},
        "mark": "bar",
        "encoding": {
            "y": {"field": "of", "type": "nominal", "title": None, "sort": "-x", "axis": {"labelLimit": 260}},
            "x": {"field": "rows", "type": "quantitative", "title": "rows", "axis": {"tickCount": 4}},
            "color": {
                "field": "outcome",
                "scale": {"domain": outcomes, "range": [_COLOURS[o] for o in outcomes]},
                "legend": legend,
            },
            "order": {"field": "outcome"},
        },
    }
    picture = vl_convert.vegalite_to_png(spec, vl_version="5.20")
    if len(picture) > LARGEST:
        return None
    return dg.MetadataValue.md(f"![chart](data:image/png;base64,{base64.b64encode(picture).decode()})")
