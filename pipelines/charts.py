"""Small bar charts for the operators' page: drawn without a browser, carried inside the metadata, no font needed
beyond Latin letters and digits."""

from __future__ import annotations

import base64
import struct
import zlib
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


def rate_chart(rates: Sequence[Mapping[str, Any]]) -> dg.MetadataValue | None:
    """Precision and recall of the first rows as points with their intervals, in the order given. None without any."""
    values = [
        {
            "of": f"{_short(str(row['of']))} ({row['people']})",
            "rate": rate,
            "value": row[rate],
            "low": row[f"{rate}_low"],
            "high": row[f"{rate}_high"],
        }
        for row in [row for row in rates if row["people"] is not None][:_BARS]
        for rate in ("precision", "recall")
        if row[rate] is not None
    ]
    if not values:
        return None
    y = {"field": "of", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 200, "ticks": False}}
    offset = {"field": "rate"}
    colour = {
        "field": "rate",
        "scale": {"domain": ["precision", "recall"], "range": [_COLOURS["rows"], _COLOURS["quarantined"]]},
        "legend": {"orient": "bottom", "title": None},
    }
    x = {
        "field": "low",
        "type": "quantitative",
        "title": "rate and 95 % interval (people)",
        "scale": {"zero": False},
        "axis": {"grid": False},
    }
    spec = {
        "width": 320,
        "height": {"step": 16, "for": "position"},
        "data": {"values": values},
        "layer": [
            {"mark": "rule", "encoding": {"y": y, "yOffset": offset, "x": x, "x2": {"field": "high"}, "color": colour}},
            {
                "mark": {"type": "point", "filled": True, "opacity": 1, "size": 24},
                "encoding": {"y": y, "yOffset": offset, "x": {**x, "field": "value"}, "color": colour},
            },
        ],
    }
    return _picture(spec)


def _short(name: str) -> str:
    return name if len(name) <= 40 else "…" + name[-39:]


def _draw(values: list[dict[str, Any]]) -> dg.MetadataValue | None:
    if not values:
        return None
    outcomes = [o for o in _COLOURS if any(v["outcome"] == o for v in values)]
    legend = {"orient": "bottom", "title": None} if len(outcomes) > 1 else None
    spec = {
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
    return _picture(spec)


def _picture(spec: dict[str, Any]) -> dg.MetadataValue | None:
    """A Vega-Lite drawing as a picture inside the metadata; None where it is too large to be kept."""
    import vl_convert

    schema = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json"}
    picture = _packed(vl_convert.vegalite_to_png(schema | spec, vl_version="5.20"))
    if len(picture) > LARGEST:
        return None
    return dg.MetadataValue.md(f"![chart](data:image/png;base64,{base64.b64encode(picture).decode()})")


def _packed(picture: bytes) -> bytes:
    """The same PNG, packed as tightly as can be: what draws it packs for speed, to three times the size."""
    parts: list[tuple[bytes, bytes]] = []
    at = 8
    while at < len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        parts.append((picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]))
        at += length + 12
    pixels = zlib.decompress(b"".join(content for kind, content in parts if kind == b"IDAT"))
    others = [part for part in parts if part[0] != b"IDAT"]
    packed = [*others[:-1], (b"IDAT", zlib.compress(pixels, 9)), others[-1]]
    return picture[:8] + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in packed
    )
