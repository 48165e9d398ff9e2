"""Two small companies and a Dagster instance of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from two_companies import House


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
        yield instance


@pytest.fixture
def house(tmp_path: Path, instance: dg.DagsterInstance) -> House:
    return House(tmp_path, instance)
