"""One nightly merge: what goes in, where its work lies, and which release it follows.

The register and release layers receive a :class:`Merge` and read and write below its ``work`` folder, so each can
run, and be tested, by itself, in one process or in several.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assets.landing import Delivery, current_deliveries, delivery_folder, read_delivery
from assets.standard import standard_folder
from assets.standard.ledger import LEDGER
from assets.verdicts import Verdict, read_verdicts, standing
from expectations.feeds import Company, load_companies
from expectations.policy import Policy, load_policy
from resources.files import write_text
from resources.settings import Settings
from resources.version import code_version

BEGUN = "deliveries.json"
"""In the work folder: what the merge began with."""


class NothingToMerge(RuntimeError):
    """No good delivery of any company has been loaded."""


class InputsChanged(RuntimeError):
    """A delivery that the merge began with is gone."""


@dataclass(frozen=True)
class Merge:
    """One merge.

    ``work`` is ``register/<merge_id>``: register tables go to ``work/tables/<table>.parquet`` with the restricted
    columns of the contract, the state that the next night needs to ``work/state/<name>.parquet``.
    ``previous`` is the folder of the release this one follows (resolved, not the link), None on the first night.
    ``as_of`` is the business day: the latest ``delivered_on`` of the inputs. ``verdicts`` are what reviewers decided
    before the merge began, one per pair.
    """

    settings: Settings
    companies: dict[str, Company]
    policy: Policy
    deliveries: tuple[Delivery, ...]
    as_of: date
    merge_id: str
    work: Path
    previous: Path | None
    verdicts: tuple[Verdict, ...] = ()

    @property
    def tables(self) -> Path:
        return self.work / "tables"

    @property
    def state(self) -> Path:
        return self.work / "state"

    @property
    def previous_state(self) -> Path | None:
        """The ledger that the previous release was published with."""
        return self.settings.ledger / self.previous.name if self.previous else None

    @property
    def inputs_fingerprint(self) -> str:
        """Equal for equal deliveries, configuration, verdicts and code: then the release would have equal content."""
        content = {
            "deliveries": sorted(d.delivery_id for d in self.deliveries),
            "companies": {k: c.model_dump(mode="json") for k, c in sorted(self.companies.items())},
            "policy": self.policy.model_dump(mode="json"),
            "verdicts": [v.model_dump(mode="json", exclude={"by", "at", "note"}) for v in self.verdicts],
            "code": code_version("assets", "expectations", "resources"),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]

    def accepted(self, dataset: str) -> list[Path]:
        """The accepted records of a dataset, one Parquet file per delivery in effect, oldest first."""
        return [
            standard_folder(self.settings, d.company, d.delivery_id) / "accepted.parquet"
            for d in sorted(self.deliveries, key=lambda d: (d.delivered_on, d.delivery_id))
            if d.dataset == dataset
        ]


def current_release(settings: Settings) -> Path | None:
    """The folder that ``published/current`` points at, resolved; None before the first release."""
    return settings.current.resolve(strict=True) if settings.current.is_symlink() else None


def open_merge(settings: Settings, merge_id: str | None = None) -> Merge:
    """Start a merge over everything that is loaded now, or reopen the one with this id: its inputs and the release it
    follows as they were then, whatever has been loaded or published since.

    Raises :class:`NothingToMerge` when nothing was ever loaded, :class:`InputsChanged` when a delivery of a reopened
    merge was replaced meanwhile.
    """
    companies, _ = load_companies(settings.feeds)
    merge_id = merge_id or uuid.uuid4().hex[:12]
    work = settings.register / merge_id
    begun = work / BEGUN
    if begun.exists():
        deliveries, previous, verdicts = _as_begun(settings, begun)
    else:
        deliveries, previous = _standing(settings, companies.values()), current_release(settings)
        verdicts = read_verdicts(settings)
        for folder in ("tables", "state"):
            (work / folder).mkdir(parents=True, exist_ok=True)
        content = {
            "previous": previous.name if previous else None,
            "deliveries": [[d.company, d.delivery_id] for d in deliveries],
            "verdicts": len(verdicts),
        }
        write_text(begun, json.dumps(content))
    return Merge(
        settings=settings,
        companies=companies,
        policy=load_policy(settings.config),
        deliveries=tuple(deliveries),
        as_of=max(d.delivered_on for d in deliveries),
        merge_id=merge_id,
        work=work,
        previous=previous,
        verdicts=tuple(standing(verdicts).values()),
    )


def in_effect(settings: Settings, company: Company, feed: str) -> list[Delivery]:
    """The deliveries of a feed that a merge takes now: landed and judged. One that could not be judged never hides the
    good one before it."""
    return current_deliveries(
        settings,
        company,
        feed,
        lambda d: (standard_folder(settings, company.company, d.delivery_id) / LEDGER).exists(),
    )


def _standing(settings: Settings, companies: Iterable[Company]) -> list[Delivery]:
    """The deliveries in effect of all companies."""
    deliveries = [d for c in companies for feed in c.feeds for d in in_effect(settings, c, feed)]
    if not deliveries:
        raise NothingToMerge(
            f"no delivery is loaded under {settings.landing}; "
            f"put files into {settings.drop}/<company>/ and run the loads"
        )
    return deliveries


def _as_begun(settings: Settings, begun: Path) -> tuple[list[Delivery], Path | None, list[Verdict]]:
    said = json.loads(begun.read_text(encoding="utf-8"))
    try:
        deliveries = [read_delivery(delivery_folder(settings, *key)) for key in said["deliveries"]]
    except FileNotFoundError as e:
        raise InputsChanged(
            f"{e.filename}: this delivery was replaced by a newer one while the merge ran; run the merge again"
        ) from e
    previous = (settings.releases / said["previous"]).resolve() if said["previous"] else None
    return deliveries, previous, read_verdicts(settings, said["verdicts"])
