"""The one adapter from a check result to a Dagster asset check."""

from __future__ import annotations

from pathlib import Path

from dagster import AssetCheckResult, AssetCheckSeverity, AssetKey, MetadataValue

from expectations.checks import CheckResult


def asset_check_result(
    result: CheckResult, *, asset_key: AssetKey | None = None, check_name: str | None = None
) -> AssetCheckResult:
    """A check as Dagster shows it: what was observed and what was expected, as counts and rules, never a value.

    ``check_name`` defaults to the check's own name in the characters that Dagster allows.
    """
    return AssetCheckResult(
        passed=result.passed,
        asset_key=asset_key,
        check_name=check_name or result.check.replace(".", "_"),
        severity=AssetCheckSeverity.ERROR if result.severity == "error" else AssetCheckSeverity.WARN,
        description=str(result),
        metadata={
            "table": result.table,
            "observed": result.observed,
            "expected": result.expected,
            **({"rows": ", ".join(result.examples)} if result.examples else {}),
        },
    )


def summary_check_result(
    results: list[CheckResult], *, asset_key: AssetKey | None = None, check_name: str, page: Path | None = None
) -> AssetCheckResult:
    """Many checks as one: passed unless one of severity error failed, the failed ones named. ``page`` is where all of
    them are shown."""
    stops = [r for r in results if r.stops]
    warned = [r for r in results if not r.passed and not r.stops]
    said = "; ".join(map(str, [*stops, *warned])) or f"{len(results)} checks hold"
    return AssetCheckResult(
        passed=not stops and not warned,
        asset_key=asset_key,
        check_name=check_name,
        severity=AssetCheckSeverity.ERROR if stops else AssetCheckSeverity.WARN,
        description=said,
        metadata={
            "checks": len(results),
            "failed": len(stops),
            "warned": len(warned),
            **({"validation page": MetadataValue.path(page)} if page else {}),
        },
    )
