"""A merge run on two small companies: steps, checks, nothing new, nothing loaded, somebody else merging."""

from __future__ import annotations

import dagster as dg
from two_companies import HOUSES, NO_NAME, RESIDENTS, House

from assets.locks import merge_lock
from assets.merge import current_release
from pipelines.merges import CURATED, DELIVERIES


def _check(result: dg.ExecuteInProcessResult, name: str) -> dg.AssetCheckEvaluation:
    return next(e for e in result.get_asset_check_evaluations() if e.check_name == name)


def _said(result: dg.ExecuteInProcessResult) -> str:
    return "\n".join(str(e.event_specific_data) for e in result.all_events if e.is_failure)


def test_a_night_releases_and_the_next_one_has_nothing_to_do(house: House) -> None:
    for company in ("acme", "beta"):
        house.drop(company, "residents_20261120.csv", RESIDENTS.replace("502", f"{len(company)}02"))
        house.drop(company, "houses_20261120.csv", HOUSES)
        assert house.load(company).success
    house.drop("beta", "residents_20261121.csv", NO_NAME)
    assert not house.load("beta").success

    first = house.merge()
    assert first.success, _said(first)
    release = current_release(house.settings)
    assert release is not None
    whole = _check(first, "loads_are_whole")
    assert not whole.passed and whole.metadata["broken"].value == 1
    assert _check(first, "residents_hold").passed
    published = next(e for e in first.get_asset_materialization_events() if e.asset_key == CURATED)
    assert published.materialization.metadata["release"].value == release.name

    again = house.merge()
    assert again.success, _said(again)
    assert not again.get_asset_materialization_events()
    assert not _check(again, "loads_are_whole").passed
    assert current_release(house.settings) == release


def test_without_anything_loaded_the_merge_says_so(house: House) -> None:
    result = house.merge()
    assert not result.success
    assert "no delivery is loaded" in _said(result)


def test_two_merges_do_not_meet(house: House) -> None:
    with merge_lock(house.settings):
        result = house.merge()
    assert not result.success
    assert "is being done by process" in _said(result)
    assert not [e for e in result.get_asset_materialization_events() if e.asset_key == DELIVERIES]
