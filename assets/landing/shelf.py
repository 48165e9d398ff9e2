"""What has been landed of one company, and whose bytes were taken in by whom."""

from __future__ import annotations

import os
import shutil
import uuid
from datetime import date
from pathlib import Path

from assets.landing.delivery import MANIFEST, Delivery, FileKey, deliveries, delivery_folder
from assets.landing.plan import PlannedDelivery, named_date, today
from resources.files import folder_aside, write_text
from resources.settings import Settings


class Shelf:
    """The landed deliveries of a company. The index of file fingerprints is made of their manifests."""

    def __init__(self, settings: Settings, company: str) -> None:
        self._settings = settings
        self._company = company
        self._landed = {d.delivery_id: d for d in deliveries(settings, company)}

    @property
    def known(self) -> dict[FileKey, str]:
        """The sha-256 of every file seen before."""
        return {f.key: f.sha256 for d in self._landed.values() for f in d.files if f.sha256}

    @property
    def taken(self) -> dict[FileKey, date]:
        """The day of the delivery that took a file in."""
        return {f.key: d.delivered_on for d in sorted(self._landed.values(), key=_place, reverse=True) for f in d.files}

    def find(self, delivery_id: str) -> Delivery | None:
        """The delivery of that id, if it was landed, well or not."""
        return self._landed.get(delivery_id)

    def folder(self, delivery_id: str) -> Path:
        """Where a delivery lies or will lie."""
        return delivery_folder(self._settings, self._company, delivery_id)

    def duplicates(self, planned: PlannedDelivery) -> dict[str, str]:
        """File -> ``delivery_id/path`` of the file with the same bytes that an earlier delivery of the feed took in.

        Earlier means by (delivered_on, path) and not by arrival, so that the order of arrival changes nothing.
        """
        replaced = {d.delivery_id for d in self._superseded_by(planned)} | {planned.delivery_id}
        place = (planned.delivered_on, planned.files[0].file)
        taken: dict[str, str] = {}
        for d in sorted(self._landed.values(), key=_place):
            if d.feed == planned.feed and d.status == "loaded" and d.delivery_id not in replaced and _place(d) < place:
                for f in d.files:
                    if f.status == "loaded":
                        taken.setdefault(f.sha256, f"{d.delivery_id}/{f.path}")
        found: dict[str, str] = {}
        for file in planned.files:
            sha = file.sha256 or ""
            if sha in taken:
                found[file.file] = taken[sha]
            taken.setdefault(sha, f"{planned.delivery_id}/{file.file}")
        return found

    def add(self, delivery: Delivery) -> None:
        """Take note of a delivery whose folder has been written."""
        self._landed[delivery.delivery_id] = delivery

    def store(self, delivery: Delivery) -> None:
        """Write a delivery without data (failed, duplicate), in place of whatever stood there."""
        with folder_aside(self.folder(delivery.delivery_id)) as aside:
            write_text(aside / MANIFEST, delivery.model_dump_json(indent=1))
        self.add(delivery)

    def keep(self, before: Delivery, failed: Delivery) -> None:
        """The good data stay in use though reading them anew failed; their manifest says so."""
        note = f"read again and failed ({failed.code}); the earlier reading stays in use: {failed.message}"
        warnings = list(dict.fromkeys([*before.warnings, note]))
        kept = before.model_copy(update={"warnings": warnings})
        write_text(self.folder(before.delivery_id) / MANIFEST, kept.model_dump_json(indent=1))
        self.add(kept)

    def drop_superseded(self, planned: PlannedDelivery) -> None:
        """Remove the deliveries that a newly landed one replaces."""
        for old in self._superseded_by(planned):
            folder = self.folder(old.delivery_id)
            aside = folder.with_name(f".{folder.name}.old.{uuid.uuid4().hex[:8]}")
            # away at once for readers, then deleted
            os.rename(folder, aside)
            shutil.rmtree(aside)
            del self._landed[old.delivery_id]

    def _superseded_by(self, planned: PlannedDelivery) -> list[Delivery]:
        """Deliveries of the same feed and day that hold an earlier state of this one's files: corrected under the same
        name, or with fewer parts; and what this machine's clock, when it was ahead, took for a later delivery."""
        names = {f.file for f in planned.files}
        return [
            d
            for d in self._landed.values()
            if d.feed == planned.feed
            and d.delivery_id != planned.delivery_id
            and not names.isdisjoint(f.path for f in d.files)
            and (d.delivered_on == planned.delivered_on or _was_ahead(d, planned))
        ]


def _was_ahead(delivery: Delivery, planned: PlannedDelivery) -> bool:
    """Whether a delivery with no day in its names was dated in the future, and ``planned`` has the same files or, where
    the newest replaces all, what was written over them."""
    if delivery.delivered_on <= planned.delivered_on or any(named_date(f.path) for f in delivery.files):
        return False
    same = {f.key for f in planned.files} >= {f.key for f in delivery.files}
    return same or (delivery.mode == "snapshot" and delivery.delivered_on > today())


def _place(delivery: Delivery) -> tuple[date, str]:
    return delivery.delivered_on, min(f.path for f in delivery.files)
