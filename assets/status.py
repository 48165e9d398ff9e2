"""What is wrong right now: which company is late, which delivery cannot be read, which feed file is broken.

Read from the manifests of the landing layer and the names in the drop folder alone, so it is cheap enough to ask at
any time. The command line, the operators' page and the standing checks all say what this module says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from assets.landing import Delivery, deliveries, find_deliveries
from expectations.feeds import Company, FeedError, load_companies
from resources.settings import Settings

_SKEW = timedelta(hours=1)
"""So far apart the clocks of two machines may be; an arrival later than this from now was timed by a wrong one."""

State = Literal["fine", "late", "failing", "silent", "unusable"]


@dataclass(frozen=True)
class CompanyStatus:
    """One company as it stands.

    ``state``: ``unusable`` (its feed file is broken, see ``error``), ``silent`` (nothing was ever delivered),
    ``failing`` (``broken`` deliveries wait for a corrected file), ``late`` (the newest good delivery is older than the
    company's ``fresh_within_hours``), ``fine``. ``age_hours`` counts from the arrival of the newest good delivery;
    arrivals in the future count only where there is no other, and as of now. ``ahead_until`` is the latest of them.
    """

    company: str
    name: str
    state: State
    newest_on: date | None = None
    received_at: datetime | None = None
    age_hours: float | None = None
    fresh_within_hours: int | None = None
    is_late: bool = False
    broken: tuple[Delivery, ...] = ()
    error: str | None = None
    ahead_until: datetime | None = None

    @property
    def clock_trouble(self) -> str | None:
        """What is wrong with the clocks, and what to do; None where no delivery came from the future."""
        if self.ahead_until is None:
            return None
        return (
            f"{self.company}: deliveries seem to have arrived in the future, up to "
            f"{self.ahead_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC; set the clocks of this machine and of the one "
            "that writes the drop folder right; files without a date in their name are taken for those of the day they "
            "were found on"
        )


def company_statuses(settings: Settings, now: datetime | None = None) -> list[CompanyStatus]:
    """The status of every feed file of the configuration, sorted by company. ``now`` must carry a time zone."""
    companies, errors = load_companies(settings.feeds)
    now = now or datetime.now(UTC)
    statuses = [_unusable(company, error) for company, error in errors.items()]
    statuses += [_status(settings, company, now) for company in companies.values()]
    return sorted(statuses, key=lambda s: s.company)


def broken_deliveries(settings: Settings, company: Company, now: datetime) -> tuple[Delivery, ...]:
    """The failed deliveries that still need somebody: their files lie in the drop folder as they were, and no good
    snapshot has come after them. One that seems to come from the future is not known to have."""
    landed = deliveries(settings, company.company)
    lying = {f.key for planned in find_deliveries(settings, company) for f in planned.files}
    newest: dict[str, str] = {}
    for d in landed:
        is_whole = d.status == "loaded" and d.mode == "snapshot" and d.corrects is None
        if is_whole and not _from_future(_received(d), now):
            newest[d.feed] = max(newest.get(d.feed, ""), d.received_at)
    return tuple(
        d
        for d in landed
        if d.status == "failed" and d.received_at >= newest.get(d.feed, "") and any(f.key in lying for f in d.files)
    )


def _unusable(company: str, error: FeedError) -> CompanyStatus:
    return CompanyStatus(company, company, "unusable", error=str(error))


def _status(settings: Settings, company: Company, now: datetime) -> CompanyStatus:
    # a repeated file, or a corrected return, is a sign of life, not of news: only what was loaded counts as fresh
    good = [d for d in deliveries(settings, company.company) if d.status == "loaded" and d.corrects is None]
    broken = broken_deliveries(settings, company, now)
    limit = company.fresh_within_hours
    if not good:
        state: State = "failing" if broken else "silent"
        return CompanyStatus(
            company.company, company.name, state, fresh_within_hours=limit, is_late=True, broken=broken
        )
    arrivals = sorted(_received(d) for d in good)
    known = [t for t in arrivals if not _from_future(t, now)]
    received = max(known, default=arrivals[0])
    age = max(0.0, (now - received).total_seconds() / 3600)
    return CompanyStatus(
        company.company,
        company.name,
        "failing" if broken else "late" if age > limit else "fine",
        newest_on=max(d.delivered_on for d in good),
        received_at=received,
        age_hours=round(age, 1),
        fresh_within_hours=limit,
        is_late=age > limit,
        broken=broken,
        ahead_until=arrivals[-1] if _from_future(arrivals[-1], now) else None,
    )


def _received(delivery: Delivery) -> datetime:
    return datetime.fromisoformat(delivery.received_at)


def _from_future(moment: datetime, now: datetime) -> bool:
    return moment > now + _SKEW
