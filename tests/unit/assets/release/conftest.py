from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from registers import Nights


@pytest.fixture
def audited_nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    """A data root for releases, with no key in the environment."""
    for name in ("REGISTER_KEY", "REGISTER_KEY_FILE", "REGISTER_KEY_PREVIOUS"):
        monkeypatch.delenv(name, raising=False)
    return Nights(tmp_path)


@pytest.fixture
def nights(audited_nights: Nights, monkeypatch: pytest.MonkeyPatch) -> Nights:
    """The same without the Great Expectations suites, which cost seconds each night and have tests of their own."""
    monkeypatch.setattr("assets.release.audit.run_suites", lambda chosen, attach: [])
    return audited_nights
