"""Everything Dagster knows of this project, put together. The folders and modules it comes from say what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from pipelines.jobs import load_job, merge_job
from pipelines.loads import load_assets
from pipelines.merges import MERGE_ASSETS, audit
from pipelines.night import SENSORS, nightly_schedule
from pipelines.resources import Installation, MergeLock
from resources.settings import Settings


def build_defs(resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The whole definition set. ``resource_overrides`` replace resources by key: tests give another
    ``installation``, the command line an ``announce`` that moves its progress bar."""
    overrides = dict(resource_overrides or {})
    installation = overrides.setdefault("installation", Installation())
    resources = {"merge_lock": MergeLock(installation=installation), "announce": _say_nothing, **overrides}
    return dg.Definitions(
        assets=[*load_assets(), *MERGE_ASSETS],
        asset_checks=[audit],
        jobs=[load_job, merge_job],
        schedules=[nightly_schedule(Settings.load())],
        sensors=SENSORS,
        resources=resources,
        executor=dg.in_process_executor,
    )


def _say_nothing(_: str) -> None:
    """The runs that Dagster starts by itself have their events to tell what they do."""


defs = build_defs()
