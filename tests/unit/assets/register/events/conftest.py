"""The bench of the events tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from event_bench import Bench

from resources.duck import connect
from resources.settings import Settings


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """An empty data root and a connection to it."""
    settings = Settings(data=tmp_path / "data", config=tmp_path / "config", memory_limit="1GB", threads=2)
    with connect(settings) as con:
        yield Bench(settings, con)
