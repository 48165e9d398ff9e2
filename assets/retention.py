"""What is kept no longer than its limit: the limits of ``register.yaml``, enforced after every merge.

What a merge takes now is never removed, with one exception that the law makes: deliveries of passes that hold only
days older than ``events.keep_days``, which no release carries any more. A delivery's dropped files go with it, or the
next load would take them in again.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from assets.landing import Delivery, deliveries, delivery_folder
from assets.landing.plan import find_deliveries, fingerprinted
from assets.locks import company_lock
from assets.merge import Merge, in_effect
from assets.register.events.days import first_day
from assets.standard import ACCEPTED, standard_folder
from expectations.feeds import Company
from expectations.policy import Policy
from resources.duck import connect, quote
from resources.files import remove_folder, write_text
from resources.lock import Held
from resources.settings import Settings

REPORT = "retention.json"
"""In the data root: what was removed last, and by which limits."""


@dataclass(frozen=True)
class Removed:
    """What was removed: place → folders or files. ``busy``: companies being loaded, whose turn is the next night."""

    places: dict[str, int]
    busy: tuple[str, ...] = ()


def enforce_retention(merge: Merge) -> Removed:
    """Remove what is older than its limit, and say so in ``retention.json``; to be called while the merge's lock is
    held."""
    settings, policy = merge.settings, merge.policy
    places: Counter[str] = Counter()
    busy = []
    with connect(settings) as con:
        for company in merge.companies.values():
            try:
                with company_lock(settings, company.company, wait_seconds=0):
                    places.update(_deliveries(con, settings, company, policy, merge.as_of))
            except Held:
                busy.append(company.company)
    for folder in orphans(settings):
        remove_folder(folder)
        places["standard"] += 1
    places.update(_files(settings, policy))
    removed = Removed(dict(sorted(places.items())), tuple(busy))
    said = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "as_of": merge.as_of.isoformat(),
        "limits": {"events.keep_days": policy.events.keep_days, **policy.retention.model_dump()},
        "removed": removed.places,
        "busy": busy,
    }
    write_text(settings.data / REPORT, json.dumps(said, indent=1))
    return removed


def _deliveries(
    con: duckdb.DuckDBPyConnection, settings: Settings, company: Company, policy: Policy, as_of: date
) -> dict[str, int]:
    """The deliveries of a company that are past their limit, with their dropped files."""
    taken = {d.delivery_id for feed in company.feeds for d in in_effect(settings, company, feed)}
    oldest = as_of - timedelta(days=policy.retention.superseded_days)
    all_of_them = deliveries(settings, company.company)
    old = [
        d
        for d in all_of_them
        if (d.delivered_on < oldest and d.delivery_id not in taken)
        or (d.dataset == "access_events" and _is_past(con, settings, d, first_day(as_of, policy.events)))
    ]
    kept = {f.sha256 for d in all_of_them if d not in old for f in d.files}
    going = {f.sha256 for d in old for f in d.files} - kept
    files = remove_dropped(settings, company, going, unreadable=True)
    for d in old:
        remove_folder(delivery_folder(settings, d.company, d.delivery_id))
    return {"landing": len(old), "drop": len(files)} if old else {}


def _is_past(con: duckdb.DuckDBPyConnection, settings: Settings, delivery: Delivery, first: date) -> bool:
    """Whether a delivery holds no pass of a day that a release may still carry. One that was never judged is as old
    as its date."""
    if delivery.delivered_on >= first:
        return False
    accepted = standard_folder(settings, delivery.company, delivery.delivery_id) / ACCEPTED
    if not accepted.exists():
        return True
    row = con.execute(f"SELECT max(event_date) FROM read_parquet({quote(accepted)})").fetchone()
    return row is None or row[0] is None or row[0] < first


def remove_dropped(
    settings: Settings, company: Company, digests: Collection[str], *, unreadable: bool = False
) -> list[Path]:
    """Remove the company's dropped files with these SHA-256 digests, if every feed that reads one has (or, with
    ``unreadable``, has tried); the removed.

    The company has the original; what the register needs of it lies in the landing layer.
    """
    if not digests:
        return []
    landed = deliveries(settings, company.company)
    known = {f.key: f.sha256 for d in landed for f in d.files if f.sha256}
    found: set[Path] = set()
    waiting: set[Path] = set()
    for plan in find_deliveries(settings, company):
        for file in fingerprinted(plan, known).files:
            read = any(
                d.feed == plan.feed
                and (unreadable or d.status != "failed")
                and file.sha256 in {f.sha256 for f in d.files}
                for d in landed
            )
            (found if read and file.sha256 in digests else waiting).add(file.path)
    removed = sorted(found - waiting)
    for path in removed:
        path.unlink()
    return removed


def orphans(settings: Settings) -> Iterator[Path]:
    """Standard deliveries whose landed one was replaced or removed: no merge takes them."""
    for folder in sorted(settings.standard.glob("*/d_*")):
        if not (settings.landing / folder.parent.name / folder.name).exists():
            yield folder


def _files(settings: Settings, policy: Policy) -> dict[str, int]:
    """Return workbooks and reports of refused releases, by when they were written."""
    limits = policy.retention
    return {
        place: n
        for place, n in (
            ("returns", _remove_older(settings.returns.rglob("*"), limits.returns_days)),
            ("failed reports", _remove_older((settings.releases / "failed").glob("*"), limits.failed_days)),
        )
        if n
    }


def _remove_older(paths: Iterable[Path], days: int) -> int:
    limit = time.time() - days * 86_400
    old = [p for p in paths if p.is_file() and p.stat().st_mtime < limit]
    for path in old:
        path.unlink()
    return len(old)
