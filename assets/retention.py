"""What is kept no longer than its limit, and what has lost its purpose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from resources.settings import Settings


def orphans(settings: Settings) -> Iterator[Path]:
    """Standard deliveries whose landed one was replaced or removed: no merge takes them."""
    for folder in sorted(settings.standard.glob("*/d_*")):
        if not (settings.landing / folder.parent.name / folder.name).exists():
            yield folder
