"""Landing a company's deliveries: each alone, whole or not at all."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import duckdb

from assets.landing.delivery import (
    DATA,
    LANDING_VERSION,
    MANIFEST,
    Delivery,
    DroppedColumn,
    FileReport,
    deliveries,
    delivery_folder,
)
from assets.landing.errors import LandingError
from assets.landing.layout import HEADER_WITHIN, Layout, Mapper
from assets.landing.plan import (
    SETTLE_SECONDS,
    DropFile,
    PlannedDelivery,
    check_unchanged,
    find_deliveries,
    fingerprinted,
    settled,
)
from assets.landing.readers.open import open_parts
from assets.landing.readers.part import Part
from assets.landing.write import write_data
from expectations.feeds import Company
from resources.duck import connect
from resources.files import folder_aside, write_text
from resources.settings import Settings

T = TypeVar("T")
log = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]
"""Called with deliveries done, deliveries in all, and what is being read."""


@dataclass
class _Shelf:
    """What has been landed of one company, and whose bytes were taken in by whom."""

    landed: list[Delivery]
    known: dict[tuple[str, int, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = {(f.path, f.size, f.mtime_ns): f.sha256 for d in self.landed for f in d.files if f.sha256}

    def find(self, delivery_id: str) -> Delivery | None:
        return next((d for d in self.landed if d.delivery_id == delivery_id), None)

    def put(self, delivery: Delivery) -> None:
        self.landed = [d for d in self.landed if d.delivery_id != delivery.delivery_id] + [delivery]

    def superseded_by(self, planned: PlannedDelivery) -> list[Delivery]:
        """Deliveries of the same feed and day that this one replaces: they hold an older state of its files."""
        names = {f.file for f in planned.files}
        return [
            d
            for d in self.landed
            if (d.feed, d.delivered_on) == (planned.feed, planned.delivered_on)
            and d.delivery_id != planned.delivery_id
            and not names.isdisjoint(f.path for f in d.files)
        ]

    def duplicates(self, planned: PlannedDelivery) -> dict[str, str]:
        """File -> ``delivery_id/path`` of the file with the same bytes that an earlier delivery of the feed took in.
        Earlier means by (delivered_on, path), whatever the order of arrival."""
        replaced = {d.delivery_id for d in self.superseded_by(planned)} | {planned.delivery_id}
        mine = (planned.delivered_on, planned.files[0].file)
        taken: dict[str, str] = {}
        for d in sorted(self.landed, key=_place):
            if d.feed == planned.feed and d.status == "loaded" and d.delivery_id not in replaced and _place(d) < mine:
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


def _place(delivery: Delivery) -> tuple[object, str]:
    return delivery.delivered_on, min(f.path for f in delivery.files)


def land_company(
    settings: Settings,
    company: Company,
    *,
    feeds: Collection[str] | None = None,
    progress: Progress | None = None,
    settle_seconds: float = SETTLE_SECONDS,
) -> list[Delivery]:
    """Land every new delivery in the company's drop folder, or only those of some feeds.

    Each delivery is read alone: one that cannot be read is ``failed`` with a code and messages, one being written is
    ``waiting``; neither is raised, and neither replaces what was landed before. Deliveries landed before from the same
    bytes, feed and code are not read again; failed ones are. Returns the deliveries lying in the drop folder, in order.
    """
    shelf = _Shelf(deliveries(settings, company.company))
    planned = [p for p in find_deliveries(settings, company) if feeds is None or p.feed in feeds]
    out: list[Delivery] = []
    with connect(settings) as con:
        for i, plan in enumerate(planned):
            if progress is not None:
                progress(i, len(planned), f"{plan.feed} {plan.delivered_on}")
            delivery = _land(settings, con, company, plan, shelf, settle_seconds)
            # two folders may hold the same delivery: the same bytes of the same day
            if all(d.delivery_id != delivery.delivery_id for d in out):
                out.append(delivery)
    if progress is not None:
        progress(len(planned), len(planned), "landed")
    return out


def _land(
    settings: Settings,
    con: duckdb.DuckDBPyConnection,
    company: Company,
    plan: PlannedDelivery,
    shelf: _Shelf,
    settle_seconds: float,
) -> Delivery:
    """Land one delivery, or find it landed."""
    try:
        settled(plan, settle_seconds)
        plan = fingerprinted(plan, shelf.known)
        check_unchanged(plan.files)
    except LandingError as e:
        return _manifest(company, plan, "waiting", error=e)
    duplicates = shelf.duplicates(plan)
    before = shelf.find(plan.delivery_id)
    if before is not None and _is_current(before, company, plan, duplicates):
        return before
    if len(duplicates) == len(plan.files):
        delivery = _manifest(company, plan, "duplicate", files=_duplicate_reports(plan, duplicates))
        _store(settings, delivery)
    else:
        delivery = _read_alone(settings, con, company, plan, duplicates)
        if delivery.status == "failed" and before is not None and before.status == "loaded":
            _keep(settings, before, delivery)
            return delivery
        if delivery.status == "waiting":
            return delivery
        if delivery.status == "failed":
            _store(settings, delivery)
    shelf.put(delivery)
    if delivery.status == "loaded":
        for old in shelf.superseded_by(plan):
            _remove(delivery_folder(settings, company.company, old.delivery_id))
            shelf.landed.remove(old)
    return delivery


def _is_current(before: Delivery, company: Company, plan: PlannedDelivery, duplicates: dict[str, str]) -> bool:
    """Whether a landed delivery would come out the same if it were read again."""
    return (
        before.status in ("loaded", "duplicate")
        and before.feed_fingerprint == company.fingerprint(plan.feed)
        and before.code_version == LANDING_VERSION
        and {f.path for f in before.files if f.status == "duplicate"} == set(duplicates)
    )


def _read_alone(
    settings: Settings,
    con: duckdb.DuckDBPyConnection,
    company: Company,
    plan: PlannedDelivery,
    duplicates: dict[str, str],
) -> Delivery:
    """Read a delivery into its folder; whatever goes wrong is told in the returned manifest."""
    folder = delivery_folder(settings, company.company, plan.delivery_id)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".unpack_", dir=folder.parent) as spool,
            folder_aside(folder) as aside,
        ):
            delivery = _read(con, company, plan, duplicates, Path(spool), aside / DATA)
            check_unchanged(plan.files)
            write_text(aside / MANIFEST, delivery.model_dump_json(indent=1))
        return delivery
    except LandingError as e:
        status = "waiting" if e.code == "still_writing" else "failed"
        return _manifest(company, plan, status, error=e, files=_failed_reports(plan, duplicates))
    except Exception as e:
        # a defect of ours must not stop the other deliveries; its text could hold a cell's value, its traceback is
        # for the operator's log
        log.exception("landing %s %s failed", company.company, plan.delivery_id)
        error = LandingError("internal", file=plan.files[0].file, error=type(e).__name__)
        return _manifest(company, plan, "failed", error=error, files=_failed_reports(plan, duplicates))


def _read(
    con: duckdb.DuckDBPyConnection,
    company: Company,
    plan: PlannedDelivery,
    duplicates: dict[str, str],
    spool: Path,
    target: Path,
) -> Delivery:
    """Read all parts of a delivery into ``target``. Raises :class:`LandingError`."""
    mapper = Mapper(company, plan.feed)
    found: list[tuple[DropFile, Part, Layout]] = []
    reports = _duplicate_reports(plan, duplicates)
    warnings: list[str] = []
    for n, file in enumerate(plan.files):
        if file.file in duplicates:
            continue
        folder = spool / str(n)
        folder.mkdir()
        for part in open_parts(file.path, file.file, mapper, folder):
            layout = _layout(con, mapper, part)
            if layout is None:
                warnings.append(f"{part.file}: no record and no header in it; left out")
                reports.append(_report(file, part, None, {}))
            else:
                found.append((file, part, layout))
    first = plan.files[0].file
    if not found:
        raise LandingError("header_only", file=first)
    counts = write_data(con, plan, mapper, [(part, layout) for _, part, layout in found], target)
    totals = {kind: sum(c.get(kind, 0) for c in counts.values()) for kind in ("record", "malformed")}
    if not totals["record"]:
        raise LandingError("all_malformed" if totals["malformed"] else "header_only", file=first)
    reports += [_report(file, part, layout, counts.get(part.file, {})) for file, part, layout in found]
    layouts = [layout for _, _, layout in found]
    return _manifest(
        company, plan, "loaded", files=reports,
        columns={h: f for layout in layouts for h, f in layout.columns.items()},
        drift=_distinct(h for layout in layouts for h in layout.drift),
        dropped=_distinct(d for layout in layouts for d in layout.dropped),
        warnings=warnings + [note for _, part, _ in found for note in part.notes],
    )  # fmt: skip


def _layout(con: duckdb.DuckDBPyConnection, mapper: Mapper, part: Part) -> Layout | None:
    """How the part's columns map; None for a part without records: an empty list, or a sheet of notes."""
    if part.preview is None:
        names = part.names(con)
        return mapper.map(names, part.file) if names else None
    header = mapper.find_header(part.preview)
    if header is not None:
        return mapper.map(mapper.fit(header, part.preview), part.file, header.row)
    if part.format == "xlsx" and "!" in part.file and len(part.preview) < HEADER_WITHIN:
        return None
    raise LandingError("no_header", file=part.file, rows=HEADER_WITHIN, expected=mapper.expected)


def _report(file: DropFile, part: Part, layout: Layout | None, counts: dict[str, int]) -> FileReport:
    return FileReport(
        file=part.file, path=file.file, sha256=file.sha256 or "", size=file.size, mtime_ns=file.mtime_ns,
        format=part.format, encoding=part.encoding, delimiter=part.delimiter,
        header_row=layout.header_row or None if layout else None, rows_read=sum(counts.values()),
        records=counts.get("record", 0), footers=counts.get("footer", 0), blanks=counts.get("blank", 0),
        malformed=counts.get("malformed", 0),
    )  # fmt: skip


def _duplicate_reports(plan: PlannedDelivery, duplicates: dict[str, str]) -> list[FileReport]:
    return [
        _unread(f, "duplicate", duplicate_of=duplicates[f.file]) for f in plan.files if f.file in duplicates
    ]  # fmt: skip


def _failed_reports(plan: PlannedDelivery, duplicates: dict[str, str]) -> list[FileReport]:
    failed = [_unread(f, "failed") for f in plan.files if f.file not in duplicates]
    return _duplicate_reports(plan, duplicates) + failed


def _unread(file: DropFile, status: str, duplicate_of: str | None = None) -> FileReport:
    return FileReport.model_validate(
        {
            "file": file.file, "path": file.file, "sha256": file.sha256 or "", "size": file.size,
            "mtime_ns": file.mtime_ns, "status": status, "duplicate_of": duplicate_of,
        }
    )  # fmt: skip


def _manifest(
    company: Company,
    plan: PlannedDelivery,
    status: str,
    *,
    error: LandingError | None = None,
    files: Sequence[FileReport] | None = None,
    columns: dict[str, str] | None = None,
    drift: Sequence[str] = (),
    dropped: Sequence[tuple[str, str]] = (),
    warnings: Sequence[str] = (),
) -> Delivery:
    feed = company.feeds[plan.feed]
    return Delivery.model_validate(
        {
            "delivery_id": plan.delivery_id, "company": plan.company, "feed": plan.feed, "dataset": feed.dataset,
            "mode": feed.mode, "status": status, "delivered_on": plan.delivered_on, "received_at": plan.received_at,
            "code": error and error.code, "message": error and error.message, "message_zh": error and error.message_zh,
            "feed_fingerprint": company.fingerprint(plan.feed), "columns": columns or {}, "drift": list(drift),
            "files": files or [_unread(f, status) for f in plan.files],
            "dropped_sensitive": [DroppedColumn(header=h, kind=k) for h, k in dropped], "warnings": list(warnings),
        }
    )  # fmt: skip


def _store(settings: Settings, delivery: Delivery) -> None:
    """Write a manifest without data, in place of whatever stood there."""
    with folder_aside(delivery_folder(settings, delivery.company, delivery.delivery_id)) as aside:
        write_text(aside / MANIFEST, delivery.model_dump_json(indent=1))


def _keep(settings: Settings, before: Delivery, failed: Delivery) -> None:
    """The good data stay in use though reading them anew failed; the manifest says so."""
    note = f"read again and failed ({failed.code}), the earlier reading stays in use: {failed.message}"
    kept = before.model_copy(update={"warnings": _distinct([*before.warnings, note])})
    folder = delivery_folder(settings, before.company, before.delivery_id)
    write_text(folder / MANIFEST, kept.model_dump_json(indent=1))


def _remove(folder: Path) -> None:
    """Take a folder away at once for readers: renamed first, then deleted."""
    aside = folder.with_name(f".{folder.name}.old")
    os.rename(folder, aside)
    shutil.rmtree(aside)


def _distinct(values: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(values))
