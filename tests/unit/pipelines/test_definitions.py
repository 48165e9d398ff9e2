"""The definition set: it loads, it is documented, and it covers what the layers under it make."""

from __future__ import annotations

import dagster as dg
import pytest

from assets.nightly import REGISTER
from expectations.contracts.datasets import DATASETS
from expectations.contracts.tables import TABLES
from pipelines.definitions import build_defs
from pipelines.merges import AUDITED, CANDIDATE, STEPS

DEFS = build_defs()
SPECS = {spec.key: spec for spec in DEFS.resolve_all_asset_specs()}


@pytest.mark.parametrize("key", sorted(SPECS), ids=lambda k: k.to_user_string())
def test_an_asset_says_what_it_is(key: dg.AssetKey) -> None:
    spec = SPECS[key]
    assert spec.description and len(spec.description) > 20
    assert spec.owners and spec.kinds
    assert spec.group_name == key.path[0]
    columns = spec.metadata["dagster/column_schema"].columns
    assert columns and all(c.description for c in columns)


def test_each_dataset_is_landed_and_judged_by_company() -> None:
    for dataset in DATASETS:
        for layer in ("landing", "standard"):
            spec = SPECS[dg.AssetKey([layer, dataset])]
            assert isinstance(spec.partitions_def, dg.DynamicPartitionsDefinition)
        assert spec.freshness_policy is not None


def test_every_stage_of_the_register_is_in_one_step() -> None:
    stages = ["inputs", *(stage for step in STEPS for stage in step.stages)]
    assert stages == list(REGISTER)


def test_every_register_table_is_an_asset() -> None:
    tables = {"communities", "houses", "residents", "occupancies", "vehicles", "vehicle_holdings", "access_events"}
    made = {table for step in STEPS for table in step.tables}
    assert tables | {"accuracy", "evidence", "id_ledger", "sources"} == made
    assert made <= set(TABLES)


def test_a_failed_audit_stops_the_release() -> None:
    graph = DEFS.resolve_asset_graph()
    for table in AUDITED:
        check = graph.get_check_spec(dg.AssetCheckKey(CANDIDATE, f"{table}_hold"))
        assert check.blocking


@pytest.mark.parametrize("job", ["load_company", "nightly_merge"])
def test_a_job_runs_in_one_process(job: str) -> None:
    assert DEFS.resolve_job_def(job).executor_def is dg.in_process_executor
