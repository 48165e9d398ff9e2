"""The standing checks: what is broken now, and who is late. They warn; the last good deliveries are merged anyway."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from assets.status import CompanyStatus
from pipelines.metadata import table_value

WHOLE = "loads_are_whole"
FRESH = "deliveries_are_fresh"


def standing_specs(asset: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The two checks, on the asset that gathers the deliveries."""
    return [
        dg.AssetCheckSpec(
            WHOLE,
            asset=asset,
            description="Every dropped delivery could be read and every feed file can be used. When it fails: do what "
            "the message of each row says; the corrected file is loaded by itself.",
        ),
        dg.AssetCheckSpec(
            FRESH,
            asset=asset,
            description="Every company delivered within its fresh_within_hours. When it fails: ask the companies "
            "listed for their exports, or raise the limit in their feed files.",
        ),
    ]


def standing_results(asset: dg.AssetKey, statuses: Sequence[CompanyStatus]) -> list[dg.AssetCheckResult]:
    """Both checks over all companies."""
    return [_whole(asset, statuses), _fresh(asset, statuses)]


def _whole(asset: dg.AssetKey, statuses: Sequence[CompanyStatus]) -> dg.AssetCheckResult:
    broken = [
        {
            "company": s.company,
            "dataset": d.dataset,
            "delivered_on": str(d.delivered_on),
            "what to do": d.message,
            "处理办法": d.message_zh,
        }
        for s in statuses
        for d in s.broken
    ]
    broken += [
        {"company": s.company, "dataset": None, "delivered_on": None, "what to do": s.error, "处理办法": None}
        for s in statuses
        if s.error
    ]
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=WHOLE,
        passed=not broken,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(broken)} deliveries or feed files cannot be used" if broken else "everything could be read",
        metadata={"broken": len(broken), **({"what is broken now": table_value(broken)} if broken else {})},
    )


def _fresh(asset: dg.AssetKey, statuses: Sequence[CompanyStatus]) -> dg.AssetCheckResult:
    late = [
        {
            "company": s.company,
            "newest good delivery": str(s.newest_on) if s.newest_on else "none ever",
            "hours old": s.age_hours,
            "hours allowed": s.fresh_within_hours,
        }
        for s in statuses
        if s.is_late
    ]
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=FRESH,
        passed=not late,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"late: {', '.join(str(row['company']) for row in late)}" if late else "every company is on time",
        metadata={
            "late": len(late),
            "companies": len(statuses),
            **({"who is late": table_value(late)} if late else {}),
        },
    )
