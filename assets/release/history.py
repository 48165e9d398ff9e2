"""Each company's newest deliveries against their contract and against the company's own history.

The history of a feed (how many records each delivery had, and how its codes were spread) is part of the state that a
release hands to the next night, so it outlives the landed files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median

import pyarrow as pa
import pyarrow.parquet as pq

from assets.landing import Delivery, deliveries
from assets.merge import Merge
from assets.standard import CHECKS, DeliveryChecks, read_delivery_checks, standard_folder
from expectations.checks import CheckResult
from expectations.contracts.datasets import DATASETS
from expectations.relations import standard_relation
from expectations.trends import stability_index, usual_range, widest_shift

HISTORY = "deliveries.parquet"
KEPT = 60
"""So many deliveries of a feed are remembered."""

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("company", "feed", "dataset", "delivery_id")),
        ("delivered_on", pa.date32()),
        ("records", pa.int64()),
        ("distributions", pa.string()),
    ]
)


@dataclass(frozen=True)
class Past:
    """One delivery as its feed's history remembers it. ``distributions`` is JSON: column -> code -> records."""

    company: str
    feed: str
    dataset: str
    delivery_id: str
    delivered_on: date
    records: int
    distributions: str

    @property
    def spread(self) -> dict[str, dict[str, int]]:
        """Column -> code -> records."""
        found: dict[str, dict[str, int]] = json.loads(self.distributions)
        return found


Feeds = dict[tuple[str, str], list[Past]]


def delivery_audits(merge: Merge) -> Iterator[CheckResult]:
    """The contract's checks of the accepted records, then volume, drift and freshness of every feed; and the history
    for the next night is written into the state of this merge."""
    yield from _contract(merge)
    history = _remembered(merge)
    for (company, feed), past in sorted(history.items()):
        yield _volume(merge, past)
        yield _drift(merge, past)
        yield _freshness(merge, company, feed, past)
    for company, feed in sorted({(c.company, f) for c in merge.companies.values() for f in c.feeds} - set(history)):
        yield _freshness(merge, company, feed, [])


def _contract(merge: Merge) -> Iterator[CheckResult]:
    """One result for each check of a dataset where all deliveries keep it, else one for each company that doesn't."""
    found: dict[str, list[tuple[Delivery, DeliveryChecks]]] = {}
    for d in sorted(merge.deliveries, key=lambda d: (d.company, d.delivered_on, d.delivery_id)):
        checks = read_delivery_checks(standard_folder(merge.settings, d.company, d.delivery_id))
        found.setdefault(d.dataset, []).append((d, checks))
    for dataset, held in sorted(found.items()):
        rows = sum(checks.rows for _, checks in held)
        every: dict[str, list[tuple[Delivery, CheckResult]]] = {}
        for d, checks in held:
            for r in checks.results:
                every.setdefault(r.check, []).append((d, r))
        zh = {c.name: c.holds_zh for c in standard_relation(DATASETS[dataset]).checks}
        for check, results in every.items():
            broken = [(d, r) for d, r in results if not r.passed]
            if not broken:
                yield replace(results[0][1], observed=f"{rows} records of {len(held)} deliveries")
            for company in dict.fromkeys(d.company for d, _ in broken):
                yield _broken(company, [(d, r) for d, r in broken if d.company == company], zh.get(check))


def _broken(company: str, found: list[tuple[Delivery, CheckResult]], holds_zh: str | None) -> CheckResult:
    first = found[0][1]
    observed = "; ".join(f"{r.observed} in {d.feed} of {d.delivered_on}" for d, r in found[:5])
    dataset = first.table.removeprefix("standard.")
    is_error = first.severity == "error"
    return replace(
        first,
        observed=observed,
        company=company,
        examples=tuple(f"{d.delivery_id} {e}" for d, r in found for e in r.examples)[:20],
        remedy="the program accepted what it must not: report this, and load the delivery again when it is mended"
        if is_error
        else f"show {company} the rows; they are in use as they are",
        message_zh=None
        if is_error
        else f"{DATASETS[dataset].meaning_zh}：部分记录不符合“{holds_zh or first.expected}”，请核对所列文件和行。",
    )


def _remembered(merge: Merge) -> Feeds:
    """The history of every feed that is still configured, oldest first, tonight's deliveries with it."""
    known: dict[tuple[str, str], Past] = {}
    before = merge.previous_state / HISTORY if merge.previous_state else None
    if before and before.exists():
        known = {(p.company, p.delivery_id): p for p in (Past(**row) for row in pq.read_table(before).to_pylist())}
    for d in deliveries(merge.settings):
        folder = standard_folder(merge.settings, d.company, d.delivery_id)
        # corrected returns are a part of a delivery and say nothing of how many records a night has
        if d.status == "loaded" and d.corrects is None and (folder / CHECKS).exists():
            known[d.company, d.delivery_id] = _past(d, read_delivery_checks(folder))
    feeds: Feeds = {}
    for past in sorted(known.values(), key=lambda p: (p.company, p.feed, p.delivered_on, p.delivery_id)):
        company = merge.companies.get(past.company)
        if company and past.feed in company.feeds:
            feeds.setdefault((past.company, past.feed), []).append(past)
    feeds = {key: past[-KEPT:] for key, past in feeds.items()}
    rows = [vars(p) for past in feeds.values() for p in past]
    pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), merge.state / HISTORY)
    return feeds


def _past(d: Delivery, checks: DeliveryChecks) -> Past:
    spread = json.dumps(checks.distributions, sort_keys=True)
    return Past(d.company, d.feed, d.dataset, d.delivery_id, d.delivered_on, checks.rows, spread)


def _volume(merge: Merge, past: list[Past]) -> CheckResult:
    now, earlier = past[-1], [p.records for p in past[:-1]]
    policy = merge.policy.validation.volume
    base = CheckResult(
        f"volume.{now.feed}",
        f"standard.{now.dataset}",
        True,
        f"{now.records} records on {now.delivered_on}",
        f"no history yet ({len(earlier)} of {policy.at_least} deliveries)",
        policy.severity,
        company=now.company,
    )
    usual = usual_range(earlier, policy)
    if usual is None:
        return base
    low, high = usual
    middle = median(earlier[-policy.window :])
    expected = f"{low} to {high} records (median {middle:g} of the last {len(earlier[-policy.window :])} deliveries)"
    if low <= now.records <= high:
        return replace(base, expected=expected)
    return replace(
        base,
        passed=False,
        expected=expected,
        remedy=f"ask {now.company} whether the export of {now.dataset} is complete and in one piece; "
        "if it is right, nothing needs doing: the history learns it",
        message_zh=f"{DATASETS[now.dataset].meaning_zh}：{now.delivered_on} 报送 {now.records} 条，"
        f"与以往（{low}–{high} 条）相差较大。请核对导出是否完整、有无重复；如无误，无需处理。",
    )


def _drift(merge: Merge, past: list[Past]) -> CheckResult:
    """The newest delivery against the one before it, every coded column; the worst one is told."""
    now, policy = past[-1], merge.policy.validation.drift
    base = CheckResult(
        f"drift.{now.feed}", f"standard.{now.dataset}", True, "", "", policy.severity, company=now.company
    )
    if len(past) < 2 or min(now.records, past[-2].records) < policy.at_least:
        return replace(base, observed=f"{now.records} records", expected="no history yet, or too few records to say")
    old, new = past[-2].spread, now.spread
    index = {c: stability_index(old[c], new[c]) for c in sorted(new) if c in old}
    expected = f"stability index of every coded column at most {policy.index:g}, against {past[-2].delivered_on}"
    far = sorted((c for c in index if index[c] > policy.index), key=lambda c: (-index[c], c))
    if not far:
        return replace(base, observed=f"at most {max(index.values(), default=0):.2f}", expected=expected)
    said, said_zh = [], []
    for column in far:
        code, was, is_now = widest_shift(old[column], new[column])
        said.append(f"{column} {index[column]:.2f} ({code or 'empty'}: {was:.0%} before, {is_now:.0%} now)")
        said_zh.append(f"{column}（{code or '空'}：{was:.0%} → {is_now:.0%}）")
    return replace(
        base,
        passed=False,
        observed=", ".join(said),
        expected=expected,
        columns=tuple(far),
        remedy=f"see whether {now.company} changed its codes for {', '.join(far)}; "
        f"then map them under feeds.{now.feed}.codes in its feed file",
        message_zh=f"{DATASETS[now.dataset].meaning_zh}：{now.delivered_on} 报送中下列字段的分布与上次明显不同："
        f"{'、'.join(said_zh)}。如更换了系统或代码，请告知代码含义。",
    )


def _freshness(merge: Merge, company: str, feed: str, past: list[Past]) -> CheckResult:
    policy, told = merge.policy.validation.freshness, merge.companies[company].feeds[feed]
    allowed = told.every_days + policy.grace_days
    newest = past[-1].delivered_on if past else None
    is_fresh = newest is not None and merge.as_of - newest <= timedelta(days=allowed)
    base = CheckResult(
        f"freshness.{feed}",
        f"standard.{told.dataset}",
        is_fresh,
        f"newest good delivery {newest or 'never'}",
        f"at most {allowed} days before {merge.as_of} (every {told.every_days}, and {policy.grace_days} of grace)",
        policy.severity,
        company=company,
    )
    if is_fresh:
        return base
    return replace(
        base,
        remedy=f"ask {company} for its export of {told.dataset}, or say how often it comes: "
        f"feeds.{feed}.every_days in its feed file",
        message_zh=f"{DATASETS[told.dataset].meaning_zh}：最近一次可用的报送为 {newest or '无'}，"
        f"应每 {told.every_days} 天报送一次。请尽快补报。",
    )
