"""A load run: what could be read is kept, what could not fails alone and says so."""

from __future__ import annotations

import dagster as dg
from two_companies import HOUSES, NO_NAME, RESIDENTS, House

from assets.landing import deliveries
from assets.standard import standard_folder


def _failure(result: dg.ExecuteInProcessResult) -> str:
    (event,) = result.filter_events(lambda e: e.is_step_failure)
    return event.step_failure_data.user_failure_data.description


def _made(result: dg.ExecuteInProcessResult) -> set[str]:
    return {e.asset_key.to_user_string() for e in result.get_asset_materialization_events()}


def test_a_good_company_is_loaded_with_its_figures(house: House) -> None:
    house.drop("acme", "residents_20261120.csv", RESIDENTS)
    house.drop("acme", "houses_20261120.csv", HOUSES)
    result = house.load("acme")
    assert result.success
    assert len(_made(result)) == 8
    event = house.instance.get_latest_materialization_event(dg.AssetKey(["standard", "residents"]))
    metadata = event.asset_materialization.metadata
    assert metadata["dagster/row_count"].value == metadata["rows_read"].value == 2
    assert metadata["rows by file"].value.startswith("![chart](data:image/png;base64,")
    assert len(metadata["rows by file"].value) < 60_000
    assert "to return" not in metadata


def test_what_is_set_aside_is_told_with_the_command_that_returns_it(house: House) -> None:
    house.drop("acme", "houses_20261120.csv", HOUSES + "滨湖明珠,3,2,,77\n")
    assert house.load("acme").success
    event = house.instance.get_latest_materialization_event(dg.AssetKey(["standard", "houses"]))
    said = event.asset_materialization.metadata["to return"].value
    assert "1 rows are set aside" in said and "house_incomplete:room" in said and "无法识别楼栋或房号" in said
    assert "quarantine return --company acme" in said and "77" not in said


def test_a_broken_file_fails_its_dataset_and_no_other(house: House) -> None:
    house.drop("acme", "residents_20261120.csv", NO_NAME)
    house.drop("acme", "houses_20261120.csv", HOUSES)
    result = house.load("acme")
    assert not result.success
    said = _failure(result)
    assert "residents_20261120.csv" in said and "姓名" in said
    assert {"landing / houses", "standard / houses"} <= {k.replace("/", " / ") for k in _made(result)}
    assert "landing/residents" not in _made(result)


def test_what_arrived_whole_is_judged_beside_what_did_not(house: House) -> None:
    house.drop("acme", "residents_20261119.csv", RESIDENTS)
    house.drop("acme", "residents_20261120.csv", NO_NAME)
    result = house.load("acme")
    assert not result.success
    assert "standard/residents" in _made(result) and "landing/residents" not in _made(result)
    good = next(d for d in deliveries(house.settings, "acme") if d.status == "loaded")
    assert (standard_folder(house.settings, "acme", good.delivery_id) / "accepted.parquet").exists()


def test_a_broken_feed_file_is_a_failed_run_of_that_company(house: House) -> None:
    house.configure("beta", patterns=["*.csv"])
    house.drop("acme", "houses_20261120.csv", HOUSES)
    assert house.load("acme").success
    result = house.load("beta")
    assert not result.success
    failed = result.filter_events(lambda e: e.is_step_failure)
    messages = {e.step_failure_data.user_failure_data.description for e in failed}
    assert len(failed) == 4
    assert all("beta.yaml" in m and "patterns: unknown key" in m for m in messages)


def test_a_failure_of_data_is_not_tried_again(house: House) -> None:
    house.drop("acme", "residents_20261120.csv", NO_NAME)
    result = house.load("acme")
    assert not result.filter_events(lambda e: e.is_step_up_for_retry)
