"""The manifest of a landed delivery: what arrived, how it was read, what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict

from expectations.feeds import Company
from resources.settings import Settings

LANDING_VERSION = "3"
"""Raise it when landing reads the same bytes differently; deliveries landed by another version are read again."""

MANIFEST = "delivery.json"
DATA = "data.parquet"

Status = Literal["loaded", "failed", "duplicate", "waiting"]


FileKey = tuple[str, int, int]
"""Path below ``drop/<company>/``, size, modification time in nanoseconds."""


class FileReport(BaseModel):
    """One file, zip member or sheet. ``path`` is the file in the drop folder, ``file`` adds ``!member`` or ``!sheet``;
    ``sha256``, ``size`` (bytes) and ``mtime_ns`` are those of ``path``. ``header_row`` counts from 1. ``rows_read`` =
    records + footers + blanks + malformed. ``header`` are its column names in order, '' for a column without one.
    ``duplicate_of`` is ``delivery_id/path`` of the file with the same bytes."""

    model_config = ConfigDict(extra="forbid")

    file: str
    path: str
    sha256: str
    size: int
    mtime_ns: int
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    header: list[str] = []
    rows_read: int = 0
    records: int = 0
    footers: int = 0
    blanks: int = 0
    malformed: int = 0
    status: Status = "loaded"
    duplicate_of: str | None = None

    @property
    def key(self) -> FileKey:
        """What tells whether the file in the drop folder has been touched since."""
        return self.path, self.size, self.mtime_ns


class DroppedColumn(BaseModel):
    """A column that announces data which is never taken in."""

    header: str
    kind: str


class Delivery(BaseModel):
    """The files of one feed that arrived together, and what became of them. ``received_at`` is ISO 8601 in UTC.

    ``corrects``: the delivery whose returned rows these are; they add to it.
    """

    model_config = ConfigDict(extra="forbid")

    delivery_id: str
    company: str
    feed: str
    dataset: str
    mode: str
    status: Status
    code: str | None = None
    message: str | None = None
    message_zh: str | None = None
    delivered_on: date
    corrects: str | None = None
    received_at: str
    feed_fingerprint: str
    headers_fingerprint: str = ""
    code_version: str = LANDING_VERSION
    files: list[FileReport] = []
    columns: dict[str, str] = {}
    drift: list[str] = []
    dropped_sensitive: list[DroppedColumn] = []
    warnings: list[str] = []

    @property
    def rows_read(self) -> int:
        """Rows of all its files, as landing counted them."""
        return sum(f.rows_read for f in self.files)

    @property
    def order(self) -> tuple[date, str]:
        """Deliveries of a feed are in effect in this order."""
        return self.delivered_on, self.delivery_id


def delivery_folder(settings: Settings, company: str, delivery_id: str) -> Path:
    """Where a delivery's ``data.parquet`` and manifest lie."""
    return settings.landing / company / delivery_id


def read_delivery(path: Path) -> Delivery:
    """A manifest, from its file or its folder. Raises FileNotFoundError, or pydantic's ValidationError."""
    manifest = path / MANIFEST if path.is_dir() else path
    return Delivery.model_validate_json(manifest.read_text(encoding="utf-8"))


def deliveries(settings: Settings, company: str | None = None) -> list[Delivery]:
    """Every manifest of one company or of all, sorted by company, feed and order of effect."""
    found = (read_delivery(m) for m in _manifests(settings.landing, company or "*"))
    return sorted(found, key=lambda d: (d.company, d.feed, d.order))


def _manifests(landing: Path, company: str) -> Iterator[Path]:
    # folders being written are hidden; pathlib's * matches them, so they are left out by name
    for path in landing.glob(f"{company}/d_*/{MANIFEST}"):
        if not PurePosixPath(path.relative_to(landing)).parts[0].startswith("."):
            yield path


def current_deliveries(
    settings: Settings, company: Company, feed: str, usable: Callable[[Delivery], bool] = lambda _: True
) -> list[Delivery]:
    """The good deliveries of a feed that are in effect: the newest for ``snapshot``, all for ``delta`` and ``append``,
    sorted by (delivered_on, delivery_id). Corrected returns are in effect with the delivery they correct. A delivery
    that is not ``usable`` counts as if it had not come."""
    loaded = [d for d in deliveries(settings, company.company) if d.feed == feed and d.status == "loaded"]
    good = [d for d in loaded if usable(d)]
    whole = [d for d in good if d.corrects is None]
    standing = {d.delivery_id for d in (whole[-1:] if company.feeds[feed].mode == "snapshot" else whole)}
    return [d for d in good if (d.corrects or d.delivery_id) in standing]
