from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "release"))

from receiver_nights import FEED, ReceiverNights


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReceiverNights:
    """A data root for releases, with keys for the receivers ``grid`` and ``bus``, and no suites."""
    for name in ("REGISTER_KEY", "REGISTER_KEY_FILE", "REGISTER_KEY_PREVIOUS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REGISTER_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("REGISTER_RECEIVER_KEY_GRID", "key of grid")
    monkeypatch.setenv("REGISTER_RECEIVER_KEY_BUS", "key of bus")
    monkeypatch.setattr("assets.release.audit.run_suites", lambda database, tables: [])
    found = ReceiverNights(tmp_path)
    found.settings.feeds.mkdir(parents=True)
    (found.settings.feeds / "acme.yaml").write_text(FEED, encoding="utf-8")
    return found
