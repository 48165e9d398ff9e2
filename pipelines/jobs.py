"""The two jobs of a night. Both run in one process: a step's work is seconds, a process of its own costs as much."""

from __future__ import annotations

import dagster as dg

load_job = dg.define_asset_job(
    "load_company",
    selection=dg.AssetSelection.groups("landing", "standard"),
    executor_def=dg.in_process_executor,
    description="Land and judge what one company dropped. One run a company: it fails alone.",
)

merge_job = dg.define_asset_job(
    "nightly_merge",
    selection=dg.AssetSelection.groups("register", "release"),
    executor_def=dg.in_process_executor,
    tags={"register/merge": "yes"},
    description="Merge everything that is loaded into one audited release, or leave the current one as it is.",
)
