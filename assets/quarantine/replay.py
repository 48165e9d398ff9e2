"""Judging stored deliveries anew after a rule, an alias or a code map changed.

It is a load that takes nothing new. What the values mean is judged from what was landed, without the files; only where
headers or the form of a file are described differently is the file read again, if it still lies in the drop folder.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from pydantic import ValidationError

from assets.landing import Delivery, deliveries
from assets.landing.errors import LandingError
from assets.landing.layout import Mapper
from assets.nightly import load_company
from assets.standard import Ledger, read_ledger, standard_folder
from expectations.feeds import Company
from resources.settings import Settings


@dataclass(frozen=True)
class Replayed:
    """One stored delivery. ``before`` is None where it had not been judged, ``after`` where it cannot be used
    (``message`` says why). ``is_new``: judged by this replay. ``needs_file``: headers or form are described differently
    since it was read, and its file is gone; it stands as it was read."""

    delivery: Delivery
    before: Ledger | None
    after: Ledger | None
    is_new: bool
    needs_file: bool = False
    message: str | None = None

    def as_json(self) -> dict[str, object]:
        """What a machine reads."""
        d = self.delivery
        return {
            "company": d.company,
            "feed": d.feed,
            "delivery_id": d.delivery_id,
            "delivered_on": d.delivered_on.isoformat(),
            "before": _counts(self.before),
            "after": _counts(self.after),
            "judged_anew": self.is_new,
            "needs_file": self.needs_file,
            "message": self.message,
        }


def replay(
    settings: Settings,
    company: Company,
    *,
    feeds: Collection[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Replayed]:
    """Judge the stored deliveries of a company anew, where that could change anything.

    The outcome is that of a first load of the same files into an empty data root; only a delivery that could no longer
    be read stays as it was, and says so. The next merge takes it.
    """
    before = {d.delivery_id: _ledger(settings, d) for d in deliveries(settings, company.company)}
    report = load_company(settings, company, feeds=feeds, only_stored=True, progress=progress)
    return [
        Replayed(
            each.delivery,
            before.get(each.delivery.delivery_id),
            each.ledger,
            each.is_new,
            needs_file=each.ledger is not None and _is_read_otherwise(company, each.delivery),
            message=each.message if each.failed else None,
        )
        for each in report.deliveries
    ]


def _ledger(settings: Settings, delivery: Delivery) -> Ledger | None:
    try:
        return read_ledger(standard_folder(settings, delivery.company, delivery.delivery_id))
    except (FileNotFoundError, ValidationError):
        return None  # never judged, or by a program that kept another ledger


def _is_read_otherwise(company: Company, delivery: Delivery) -> bool:
    """Whether the file would be read otherwise now. Headers that name the same fields as then change nothing."""
    if delivery.feed_fingerprint != company.fingerprint(delivery.feed):
        return True
    if delivery.headers_fingerprint == company.headers_fingerprint(delivery.feed):
        return False
    mapper = Mapper(company, delivery.feed)
    columns: dict[str, str] = {}
    for file in delivery.files:
        try:
            columns |= mapper.map(file.header, file.file).columns if file.header else {}
        except LandingError:
            return True
    return columns != delivery.columns


def _counts(ledger: Ledger | None) -> dict[str, object] | None:
    if ledger is None:
        return None
    sums = {k: sum(getattr(f, k) for f in ledger.files) for k in ("rows_read", "accepted", "quarantined")}
    return {**sums, "reasons": ledger.reasons}
