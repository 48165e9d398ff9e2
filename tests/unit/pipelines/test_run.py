"""Runs started by hand: beside each other in two processes, and all of one instance."""

from __future__ import annotations

from pathlib import Path

import pytest
from two_companies import HOUSES, NO_NAME, RESIDENTS, House

from pipelines import run


def test_loads_in_two_processes_are_runs_of_one_instance(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    monkeypatch.setenv("REGISTER_DATA", str(house.settings.data))  # what the runner sets, so that it is set back
    monkeypatch.setenv("REGISTER_CONFIG", str(house.settings.config))
    monkeypatch.setattr(run, "BESIDE_FROM", 1)
    beside = []
    hand_over = run._hand_over
    monkeypatch.setattr(run, "_hand_over", lambda *given: (beside.append(True), hand_over(*given)))
    house.drop("acme", "houses.csv", HOUSES)
    house.drop("acme", "residents.csv", RESIDENTS)
    house.drop("beta", "residents.csv", NO_NAME)
    with run.open_runner(house.settings, lambda _: None) as runner:
        news = {company: runner.news(company) for company in runner.companies()}
        assert all(news.values())
        outcomes = dict(runner.load_news(news))
        assert beside
        assert {c: o.success for c, o in outcomes.items()} == {"acme": True, "beta": False}
        assert "residents.csv" in next(iter(outcomes["beta"].errors.values()))
        runs = runner._instance.get_runs()
        assert {r.run_id for r in runs} == {o.run_id for o in outcomes.values()}
        again = {company: runner.news(company) for company in runner.companies()}
    assert again["acme"] == 0
