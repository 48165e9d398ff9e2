"""The architecture page names rooms and files that exist, and forgets no package."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
LAYERS = ("resources", "expectations", "assets", "pipelines")
NAMED = {p.rstrip("/") for p in re.findall(rf"`((?:{'|'.join(LAYERS)}|benchmarks|config|tests)/[\w/.]*)`", PAGE)}


def test_every_named_place_exists() -> None:
    missing = [p for p in NAMED if not (ROOT / p).exists()]
    assert not missing


def test_every_room_is_named() -> None:
    packages = {
        str(p.parent.relative_to(ROOT))
        for layer in LAYERS
        for p in (ROOT / layer).glob("**/__init__.py")
        if len(p.relative_to(ROOT).parts) in (2, 3)
    }
    assert packages - {"assets"} <= NAMED
