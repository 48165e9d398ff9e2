"""What an installation is told by its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from resources.settings import Settings, SettingsError


def test_the_limit_for_spark_is_a_number_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REGISTER_SPARK_ROWS", raising=False)
    assert Settings.load(tmp_path).spark_rows == 1_000_000
    monkeypatch.setenv("REGISTER_SPARK_ROWS", "0")
    assert Settings.load(tmp_path).spark_rows == 0
    for wrong in ("1M", "-1", ""):
        monkeypatch.setenv("REGISTER_SPARK_ROWS", wrong)
        with pytest.raises(
            SettingsError, match=rf"REGISTER_SPARK_ROWS='{wrong}': expected a number of rows, 0 or more"
        ):
            Settings.load(tmp_path)
