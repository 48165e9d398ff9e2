"""A register per test."""

from __future__ import annotations

from pathlib import Path

import pytest
from register_nights import Register


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path)
