"""Landing and standard as Dagster assets: one step per dataset, one partition and one run per company.

Both assets of a dataset come out of one step, because a company may send several deliveries of it at once: what could
be read is judged and stays usable while the step still fails for what could not. A failed step shows the landing
asset of that company as failed, and no other dataset or company is held up.
"""

# no postponed annotations here: Dagster reads the parameters of a step from them

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from assets.nightly import DeliveryReport, load_company
from assets.standard import Ledger
from expectations import feeds
from expectations.contracts.datasets import DATASETS
from expectations.contracts.model import Dataset
from expectations.contracts.reasons import REASONS
from pipelines.charts import ledger_chart
from pipelines.failures import failure, only_what_may_pass_is_retried
from pipelines.metadata import OWNERS, Announce, landed_schema, standard_schema, table_value
from pipelines.partitions import COMPANIES
from pipelines.resources import Installation

_REASONS_TOLD = 5
FRESH = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=50), warn_window=timedelta(hours=26))
"""When no company at all was loaded for so long the nights themselves have stopped. How late each single company is,
by its own ``fresh_within_hours``, is said by the check ``deliveries_are_fresh``."""


def landing_key(dataset: str) -> dg.AssetKey:
    """The key of a dataset's landed text."""
    return dg.AssetKey(["landing", dataset])


def standard_key(dataset: str) -> dg.AssetKey:
    """The key of a dataset's judged records."""
    return dg.AssetKey(["standard", dataset])


def _specs(dataset: Dataset) -> list[dg.AssetSpec]:
    tags = {"dataset": dataset.name}
    landed = dg.AssetSpec(
        landing_key(dataset.name),
        description=f"As sent: {dataset.meaning} · {dataset.meaning_zh}. Every mapped column as text, with the file "
        "and row each record came from; a Parquet file per delivery.",
        group_name="landing",
        owners=OWNERS,
        kinds={"python", "parquet"},
        tags={**tags, "layer": "landing"},
        metadata={"dagster/column_schema": landed_schema(dataset)},
    )
    standard = dg.AssetSpec(
        standard_key(dataset.name),
        deps=[landed.key],
        description=f"Typed and judged: {dataset.meaning} · {dataset.meaning_zh}. Accepted, quarantined, duplicate and "
        "skipped rows of each delivery, and the ledger that accounts for every row read.",
        group_name="standard",
        owners=OWNERS,
        kinds={"duckdb", "parquet"},
        tags={**tags, "layer": "standard"},
        metadata={"dagster/column_schema": standard_schema(dataset)},
        freshness_policy=FRESH,
    )
    return [landed, standard]


def load_assets() -> list[dg.AssetsDefinition]:
    """The step of each dataset."""
    return [_load_step(dataset) for dataset in DATASETS.values()]


def _load_step(dataset: Dataset) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"load_{dataset.name}",
        specs=_specs(dataset),
        partitions_def=COMPANIES,
        description=f"Land and judge the {dataset.name} of one company.",
    )
    def load(
        context: dg.AssetExecutionContext, installation: Installation, announce: Announce
    ) -> Iterator[dg.MaterializeResult[Any]]:
        settings = installation.settings()
        try:
            company = feeds.load_company(settings.feeds / f"{context.partition_key}.yaml")
        except (feeds.FeedError, FileNotFoundError) as e:
            raise failure([(str(e), f"报送配置 {context.partition_key}.yaml 有误，请按提示更正。")]) from e
        mine = [name for name, feed in company.feeds.items() if feed.dataset == dataset.name]
        with only_what_may_pass_is_retried():
            report = load_company(settings, company, feeds=mine, progress=announce)
        for each in report.failed:
            context.log.error(each.message)
        for each in report.deliveries:
            if each.delivery.status == "waiting":
                context.log.warning(each.message)
        if not report.failed:
            yield dg.MaterializeResult(asset_key=landing_key(dataset.name), metadata=_landed(report.deliveries))
        if not report.failed or any(d.ledger for d in report.deliveries):
            yield dg.MaterializeResult(asset_key=standard_key(dataset.name), metadata=_judged(report.deliveries))
        if report.failed:
            raise failure([(d.message or "", d.message_zh) for d in report.failed], _landed(report.deliveries))

    return load


def _landed(deliveries: tuple[DeliveryReport, ...]) -> dict[str, Any]:
    """Figures of the landing layer: rows, and what became of each file of the deliveries in effect, failed or
    still being written."""
    shown = [d for d in deliveries if d.in_effect or d.failed or d.delivery.status == "waiting"]
    files = [
        {
            "delivered_on": str(d.delivery.delivered_on),
            "file": f.file,
            "status": f.status,
            "format": f.format,
            "encoding": f.encoding,
            "rows_read": f.rows_read,
            "malformed": f.malformed,
        }
        for d in shown
        for f in d.delivery.files
    ]
    said = sorted({w for d in deliveries for w in d.delivery.warnings})
    drift = sorted({h for d in deliveries for h in d.delivery.drift})
    dropped = sorted({c.header for d in deliveries for c in d.delivery.dropped_sensitive})
    return {
        "dagster/row_count": sum(int(f["rows_read"] or 0) for f in files),
        "deliveries": len(shown),
        **({"files": table_value(files)} if files else {}),
        **({"warnings": said} if said else {}),
        **({"columns nobody declared": drift} if drift else {}),
        **({"sensitive columns dropped": dropped} if dropped else {}),
    }


def _judged(deliveries: tuple[DeliveryReport, ...]) -> dict[str, Any]:
    """Figures of the standard layer: the conservation ledger, per file and summed over the deliveries
    in effect, and the reasons."""
    ledgers = [d.ledger for d in deliveries if d.ledger and d.in_effect]
    files = [f for ledger in ledgers for f in ledger.files]
    sums = {
        k: sum(getattr(f, k) for f in files) for k in ("rows_read", "accepted", "quarantined", "duplicate", "skipped")
    }
    reasons = [
        {"reason": reason, "effect": effect, "delivered_on": str(ledger.delivered_on), "records": n}
        for ledger in ledgers
        for effect, counts in (("set aside", ledger.reasons), ("warned", ledger.warnings))
        for reason, n in sorted(counts.items(), key=lambda r: -r[1])
    ]
    alarms = [alarm for ledger in ledgers for alarm in ledger.alarms]
    # a picture costs a tenth of a second and tells nothing new where nothing new came
    chart = ledger_chart([f.model_dump() for f in files]) if any(d.is_new for d in deliveries) else None
    return {
        "dagster/row_count": sums["accepted"],
        **sums,
        **({"to return": _to_return(ledgers)} if sums["quarantined"] else {}),
        **({"reasons": table_value(reasons)} if reasons else {}),
        **({"alarms": alarms} if alarms else {}),
        **({"rows by file": chart} if chart else {}),
    }


def _to_return(ledgers: list[Ledger]) -> dg.MetadataValue:
    """What was set aside in words, and the command that writes it back to the company."""
    counts = Counter[str]()
    for ledger in ledgers:
        counts.update(ledger.reasons)
    rows = sum(f.quarantined for ledger in ledgers for f in ledger.files)
    lines = [f"- {n:,} × `{key}`: {_meaning(key)}" for key, n in counts.most_common(_REASONS_TOLD)]
    command = f"`community-register quarantine return --company {ledgers[0].company}`"
    return dg.MetadataValue.md(
        "\n".join([f"{rows:,} rows are set aside:", "", *lines, "", f"Write them back: {command}"])
    )


def _meaning(key: str) -> str:
    reason = REASONS.get(key.partition(":")[0])
    return f"{reason.meaning} · {reason.meaning_zh}" if reason else "given by another version of the rules"
