"""The Dagster instance: its events wait for no disk, and its shared databases stay open while it does."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from pipelines.instance import open_instance
from resources.settings import Settings

FULL, NORMAL = 2, 1


def synchronous(path: Path) -> int:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        return int(connection.execute(text("PRAGMA synchronous")).scalar_one())


def test_shared_databases_are_held_open_and_put_together_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "dagster"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    for name in ("REGISTER_DATA", "REGISTER_CONFIG"):  # what opening sets, so that it is set back
        monkeypatch.setenv(name, str(tmp_path))
    logs = [home / "history" / "runs.db-wal", home / "history" / "runs" / "index.db-wal"]
    with open_instance(Settings(tmp_path / "data", tmp_path / "config")) as instance:
        instance.add_dynamic_partitions("companies", ["acme"])
        assert [log.exists() for log in logs] == [True, True]
        assert synchronous(tmp_path / "other.db") == NORMAL
    assert [log.exists() for log in logs] == [False, False]
    assert synchronous(tmp_path / "other.db") == FULL
    with open_instance(Settings(tmp_path / "data", tmp_path / "config")) as instance:
        assert instance.get_dynamic_partitions("companies") == ["acme"]
