"""How many rows of which delivery are set aside, and why: counts only, never a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assets.landing import Delivery
from assets.merge import in_effect
from assets.standard import Ledger, read_ledger, standard_folder
from expectations.feeds import Company
from resources.settings import Settings


@dataclass(frozen=True)
class SetAside:
    """A delivery in effect of which rows were set aside. ``reasons`` and ``warnings``: ``code:column`` -> records."""

    delivery: Delivery
    ledger: Ledger

    @property
    def rows(self) -> int:
        """The rows set aside."""
        return sum(f.quarantined for f in self.ledger.files)

    @property
    def accepted(self) -> int:
        """The rows let in."""
        return sum(f.accepted for f in self.ledger.files)

    @property
    def reasons(self) -> dict[str, int]:
        """Reason -> rows, the most frequent first."""
        return dict(sorted(self.ledger.reasons.items(), key=lambda r: (-r[1], r[0])))

    def as_json(self) -> dict[str, object]:
        """What a machine reads."""
        d = self.delivery
        return {
            "company": d.company,
            "feed": d.feed,
            "dataset": d.dataset,
            "delivery_id": d.delivery_id,
            "delivered_on": d.delivered_on.isoformat(),
            "corrects": d.corrects,
            "rows": self.rows,
            "accepted": self.accepted,
            "reasons": self.reasons,
        }


def set_aside(settings: Settings, company: Company, since: date | None = None) -> list[SetAside]:
    """The deliveries in effect with rows set aside, by feed and day, corrections
    after what they correct; only those of ``since`` and later if given."""
    found = []
    for feed in company.feeds:
        for delivery in sorted(in_effect(settings, company, feed), key=lambda d: (d.delivered_on, bool(d.corrects))):
            if since is not None and delivery.delivered_on < since:
                continue
            ledger = read_ledger(standard_folder(settings, company.company, delivery.delivery_id))
            if any(f.quarantined for f in ledger.files):
                found.append(SetAside(delivery, ledger))
    return found
