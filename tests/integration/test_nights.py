"""Three nights of the made-up city, as the benchmark of seven does it: a rebuild, a replay, and an exchange of
communities that is held back."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from assets.release import list_releases
from benchmarks.nights import exchange, let_through, nights, repeat
from resources.sample_city import generate
from resources.settings import Settings


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three nights without passes, which have tests of their own and take most of the time."""
    monkeypatch.setattr("assets.release.audit.run_suites", lambda *_: [])
    monkeypatch.setenv("REGISTER_KEY", "one key for the registers of this test")
    generate("community", 2, tmp_path / "city", tmp_path / "truth", 3)
    for path in (tmp_path / "city" / "config" / "feeds").glob("*.yaml"):
        described = yaml.safe_load(path.read_text(encoding="utf-8"))
        described["feeds"] = {
            name: feed
            for name, feed in described["feeds"].items()
            if (feed or {}).get("dataset", name) != "access_events"
        }
        path.write_text(yaml.safe_dump(described, allow_unicode=True), encoding="utf-8")
    return tmp_path / "city"


def test_each_night_is_a_rebuild_and_an_exchange_is_held_back(city: Path, tmp_path: Path) -> None:
    lines = list(nights(city, tmp_path / "work", 3, replayed=2))
    assert [line["differs"] for line in lines] == [{"rebuilt": {}, "replayed": {}}] * 3
    assert [line["no cause"] for line in lines] == [0, 0, 0]
    assert lines[0]["compared"] > 15_000
    assert sum(line["created"] for line in lines[1:]) > 0
    root = tmp_path / "work" / "nights"
    settings = Settings.load(root, root / "config")
    assert repeat(settings) == 0
    before = list_releases(settings)
    said = exchange(settings)
    assert "residents.churn_by_community" in said and "allow-churn" in said
    assert list_releases(settings) == before
    assert let_through(settings) == list_releases(settings)[-1].release_id
