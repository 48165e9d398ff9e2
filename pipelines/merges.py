"""Register and release as Dagster assets: the steps of one merge run.

Every step of a run works on the same merge, which the run's id names, so the steps can be looked at, and fail, one by
one. Only the first step chooses the deliveries; the last but one audits, and nothing is published unless it passes.
"""

# no postponed annotations here: Dagster reads the config parameter of a step from its annotation

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import dagster as dg

from assets.merge import BEGUN, InputsChanged, Merge, NothingToMerge, open_merge
from assets.nightly import REGISTER
from assets.receivers.log import LogDamaged
from assets.register.engines import stage_connection
from assets.release import (
    AuditFailed,
    StaleMerge,
    audit_release,
    build_release,
    load_candidate,
    publish,
    read_manifest,
    unchanged,
)
from assets.release.days import event_days
from assets.release.page import PAGE, refused_page
from assets.retention import enforce_retention
from assets.status import company_statuses
from assets.verdicts import VerdictsDamaged
from expectations.checks import CheckResult
from expectations.contracts.datasets import DATASETS
from expectations.contracts.tables import TABLES
from expectations.dagster_checks import summary_check_result
from expectations.policy import PolicyError
from expectations.suites import import_ahead
from pipelines.charts import rate_chart, size_chart
from pipelines.failures import failure, only_what_may_pass_is_retried
from pipelines.figures import accuracy_rates, change_counts, table_figures
from pipelines.loads import standard_key
from pipelines.metadata import DELIVERY_SCHEMA, OWNERS, Announce, database_schema, describe, schema_of, table_value
from pipelines.resources import Installation, MergeLock
from pipelines.standing import standing_results, standing_specs
from resources.duck import connect
from resources.keys import KeyProblem

DELIVERIES = dg.AssetKey(["register", "deliveries"])
CANDIDATE = dg.AssetKey(["release", "candidate"])
CURATED = dg.AssetKey(["release", "curated"])
RESTRICTED = dg.AssetKey(["release", "restricted"])

_FOR_A_PERSON = (
    AuditFailed,
    InputsChanged,
    KeyProblem,
    LogDamaged,
    NothingToMerge,
    PolicyError,
    StaleMerge,
    VerdictsDamaged,
)
"""Errors whose message says what to do: shown as it is, without a stack trace, and never retried."""


class MergeOptions(dg.Config):
    """``force`` merges even when nothing has changed since the current release."""

    force: bool = False


@dataclass(frozen=True)
class Step:
    """Some stages of the register that run together, and the tables that are finished when they have."""

    name: str
    stages: tuple[str, ...]
    tables: tuple[str, ...]
    needs: tuple[str, ...]


STEPS = (
    Step("entities", ("houses", "residents", "vehicles"), ("residents", "vehicles"), ("deliveries",)),
    Step("links", ("links",), ("occupancies", "vehicle_holdings"), ("residents", "vehicles")),
    Step("places", ("communities",), ("communities", "houses"), ("occupancies", "vehicle_holdings")),
    Step(
        "provenance",
        ("sources", "evidence", "ledger"),
        ("sources", "evidence", "id_ledger"),
        ("communities", "houses"),
    ),
    Step("accuracy", ("accuracy",), ("accuracy",), ("residents",)),
    Step("passes", ("events",), ("access_events",), ("sources", "id_ledger")),
)
"""After the stage ``inputs``, which is the first step. A house's row carries its residents, so it comes after them."""


def register_key(table: str) -> dg.AssetKey:
    """The key of a register table."""
    return dg.AssetKey(["register", table])


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        with only_what_may_pass_is_retried():
            yield
    except _FOR_A_PERSON as e:
        raise failure([(str(e), None)]) from e


def _merge_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext, installation: Installation) -> Merge:
    """The merge of this run; a step of it launched alone has none."""
    settings = installation.settings()
    merge_id = _merge_id(context)
    if not (settings.register / merge_id / BEGUN).exists():
        raise failure([("this step works on what the steps before it made: launch the whole job nightly_merge", None)])
    with _said_plainly():
        return open_merge(settings, merge_id)


def _merge_id(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> str:
    return context.run.run_id.replace("-", "")[:12]


@dg.multi_asset(
    name="begin",
    specs=[
        dg.AssetSpec(
            DELIVERIES,
            deps=[standard_key(dataset) for dataset in DATASETS],
            description="The deliveries that tonight's merge takes: of each feed the newest good one, or all where "
            "they add up. Not made on a night when nothing has changed: the release stays as it is.",
            skippable=True,
            group_name="register",
            owners=OWNERS,
            kinds={"duckdb", "parquet"},
            tags={"layer": "register"},
            metadata={"dagster/column_schema": DELIVERY_SCHEMA},
        )
    ],
    check_specs=standing_specs(DELIVERIES),
    description="Choose the deliveries, say what is broken now, and go on only if something has changed.",
)
def begin(
    context: dg.AssetExecutionContext,
    config: MergeOptions,
    installation: Installation,
    announce: Announce,
    merge_lock: MergeLock,
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """The first step of a merge."""
    settings = installation.settings()
    with _said_plainly():
        standing = standing_results(DELIVERIES, company_statuses(settings))
    yield from standing
    with _said_plainly():
        merge = open_merge(settings, _merge_id(context))
        if merge.previous and not config.force and unchanged(merge):
            context.log.info(f"nothing has changed since {merge.previous.name}; it stays current")
            enforce_retention(merge)
            shutil.rmtree(merge.work)
            return
        import_ahead()
        announce("register: inputs")
        with stage_connection(settings, "inputs") as con:
            REGISTER["inputs"](merge, con)
    rows = [
        {"company": d.company, "dataset": d.dataset, "delivered_on": str(d.delivered_on), "delivery_id": d.delivery_id}
        for d in merge.deliveries
    ]
    chart = size_chart(Counter(d.company for d in merge.deliveries))
    yield dg.MaterializeResult(
        asset_key=DELIVERIES,
        metadata={
            "dagster/row_count": len(rows),
            "as of": merge.as_of.isoformat(),
            "follows": merge.previous.name if merge.previous else "nothing: the first release",
            "deliveries": table_value(rows),
            **({"deliveries by company": chart} if chart else {}),
        },
    )


def _register_step(step: Step) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=step.name,
        specs=[
            dg.AssetSpec(
                register_key(table),
                deps=[register_key(need) for need in step.needs],
                description=describe(TABLES[table]),
                group_name="register",
                owners=OWNERS,
                kinds={"duckdb", "parquet"},
                tags={"layer": "register"},
                metadata={"dagster/column_schema": schema_of(TABLES[table].columns)},
            )
            for table in step.tables
        ],
        description=f"Make {', '.join(step.tables)}.",
    )
    def build(
        context: dg.AssetExecutionContext, installation: Installation, announce: Announce
    ) -> Iterator[dg.MaterializeResult[Any]]:
        merge = _merge_of(context, installation)
        with _said_plainly():
            for stage in step.stages:
                announce(f"register: {stage}")
                context.log.info(stage)
                with stage_connection(merge.settings, stage) as con:
                    REGISTER[stage](merge, con)
        for table in step.tables:
            yield dg.MaterializeResult(asset_key=register_key(table), metadata=_figures(merge, table))

    return build


def _figures(merge: Merge, table: str) -> dict[str, Any]:
    if table == "accuracy":
        return _rates(merge)
    if table == "access_events":
        by_day = {str(day["date"]): int(day["rows"]) for day in event_days(merge)}
        rows = sum(by_day.values())
    else:
        with connect(merge.settings) as con:
            rows, by_day = table_figures(merge, con, table)
    chart = size_chart(by_day)
    return {"dagster/row_count": rows, **({"rows": chart} if chart else {})}


def _rates(merge: Merge) -> dict[str, Any]:
    with connect(merge.settings) as con:
        rates = accuracy_rates(merge, con)
    whole = next((r for r in rates if r["of"] == "all"), {})
    chart = rate_chart(rates)
    return {
        "dagster/row_count": len(rates),
        **{rate: whole[rate] for rate in ("precision", "recall") if whole.get(rate) is not None},
        **({"rates": chart} if chart else {}),
    }


@dg.asset(
    key=CANDIDATE,
    deps=[register_key(table) for step in STEPS for table in step.tables],
    description="The release, built aside: both databases, the Parquet copies, the days. Nobody reads it yet.",
    group_name="release",
    owners=OWNERS,
    kinds={"duckdb", "parquet"},
    tags={"layer": "release"},
    metadata={"dagster/column_schema": database_schema(is_open=False)},
)
def candidate(
    context: dg.AssetExecutionContext, installation: Installation, announce: Announce
) -> dg.MaterializeResult[Any]:
    """Build the release aside."""
    merge = _merge_of(context, installation)
    announce("release: building")
    with _said_plainly(), connect(merge.settings) as con:
        built = build_release(merge, con, started_at=_started(merge))
        changes = change_counts(built, con)
    chart = size_chart(changes)
    return dg.MaterializeResult(
        metadata={"release": built.release_id, **changes, **({"changes": chart} if chart else {})}
    )


def _started(merge: Merge) -> datetime:
    """When the merge's first step chose its deliveries."""
    return datetime.fromtimestamp((merge.work / BEGUN).stat().st_mtime, UTC)


AUDITED = (*(f"standard_{dataset}" for dataset in DATASETS), *TABLES, "release")
"""One check for the records of each dataset, one for each table, and one for the release as a whole."""


def _audited(result: CheckResult) -> str:
    """Under which of these a result is told."""
    name = result.table.replace(".", "_")
    return name if name in AUDITED else "release"


@dg.multi_asset_check(
    name="audit",
    specs=[
        dg.AssetCheckSpec(
            f"{table}_hold",
            asset=CANDIDATE,
            blocking=True,
            description=f"Every audit of {table}: contract, keys, references, privacy, suites. A failed one stops the "
            "release; the one before stays current.",
        )
        for table in AUDITED
    ],
)
def audit(
    context: dg.AssetCheckExecutionContext, installation: Installation, announce: Announce
) -> Iterator[dg.AssetCheckResult]:
    """Run every audit on the candidate."""
    merge = _merge_of(context, installation)
    built = load_candidate(merge)
    announce("release: auditing")
    with _said_plainly(), connect(merge.settings) as con:
        results = audit_release(built, merge, con)
    stopped = any(r.stops for r in results)
    page = refused_page(built) if stopped else built.final / PAGE
    grouped = {t: list(rs) for t, rs in groupby(sorted(results, key=_audited), key=_audited)}
    for table in AUDITED:
        yield summary_check_result(grouped.get(table, []), asset_key=CANDIDATE, check_name=f"{table}_hold", page=page)
    if stopped:
        with _said_plainly():
            publish(built, merge)  # it refuses, keeps the report and takes the candidate's name away


def _published(key: dg.AssetKey, what: str, *, is_open: bool) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        deps=[CANDIDATE],
        description=what,
        group_name="release",
        owners=OWNERS,
        kinds={"duckdb"},
        tags={"layer": "release", "access": "open" if is_open else "restricted"},
        metadata={"dagster/column_schema": database_schema(is_open=is_open)},
    )


@dg.multi_asset(
    name="publish_release",
    specs=[
        _published(CURATED, "curated.duckdb, open to analysts: masked values, no direct identifier.", is_open=True),
        _published(RESTRICTED, "restricted.duckdb, encrypted: full values, sources, quarantine, ids.", is_open=False),
    ],
    description="Switch published/current to the audited release, both databases at once.",
)
def publish_release(
    context: dg.AssetExecutionContext, installation: Installation, announce: Announce
) -> Iterator[dg.MaterializeResult[Any]]:
    """The switch."""
    merge = _merge_of(context, installation)
    announce("release: publishing")
    with _said_plainly():
        folder = publish(load_candidate(merge), merge)
        removed = enforce_retention(merge).places
    tables = read_manifest(folder)["tables"]
    for key, hidden in ((CURATED, "restricted"), (RESTRICTED, "open")):
        sizes = {name: int(told["rows"]) for name, told in tables.items() if told["where"] != hidden}
        chart = size_chart(sizes)
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                "dagster/row_count": sum(sizes.values()),
                "release": folder.name,
                "path": dg.MetadataValue.path(folder / f"{key.path[-1]}.duckdb"),
                "validation page": dg.MetadataValue.path(folder / PAGE),
                **{f"past its limit, removed: {place}": n for place, n in removed.items()},
                "tables": table_value([{"table": name, "rows": rows} for name, rows in sizes.items()]),
                **({"rows": chart} if chart else {}),
            },
        )


MERGE_ASSETS = [begin, *(_register_step(step) for step in STEPS), candidate, publish_release]
