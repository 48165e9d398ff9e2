"""Landing a company's deliveries: each alone, whole or not at all."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import duckdb

from assets.landing.delivery import (
    DATA,
    LANDING_VERSION,
    MANIFEST,
    Delivery,
    DroppedColumn,
    FileReport,
    Status,
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
    named_date,
    settle,
)
from assets.landing.readers.open import open_parts
from assets.landing.readers.part import Part
from assets.landing.shelf import Shelf
from assets.landing.write import write_data
from expectations.feeds import Company
from resources.duck import connect
from resources.files import folder_aside, write_text
from resources.machine import trouble
from resources.settings import Settings

log = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]
"""Called with deliveries done, deliveries in all, and what is being read."""

Found = list[tuple[DropFile, Part, Layout]]
"""The parts of a delivery, each with the file it came from and how its columns map."""


def land_company(
    settings: Settings,
    company: Company,
    *,
    feeds: Collection[str] | None = None,
    only_stored: bool = False,
    progress: Progress | None = None,
    settle_seconds: float = SETTLE_SECONDS,
) -> list[Delivery]:
    """Land every new delivery in the company's drop folder, or only those of some feeds.

    ``only_stored``: read again what was landed before, where that must be, and leave what is new for another time.

    Each delivery is read alone: one that cannot be read is ``failed`` with a code and messages, one being written is
    ``waiting`` and leaves nothing behind; neither is raised, and neither replaces what was landed before. Deliveries
    landed before from the same bytes, feed and code are not read again; failed ones are. Returns the deliveries lying
    in the drop folder, in order.
    """
    shelf = Shelf(settings, company.company)
    planned = [p for p in find_deliveries(settings, company, shelf.taken) if feeds is None or p.feed in feeds]
    out: dict[str, Delivery] = {}
    with connect(settings) as con:
        loader = _Loader(con, company, shelf)
        for i, plan in enumerate(planned):
            if progress is not None:
                progress(i, len(planned), f"{plan.feed} {plan.delivered_on}")
            delivery = loader.land(plan, settle_seconds, only_stored=only_stored)
            if delivery is None:
                continue
            # two folders may hold the same delivery: the same bytes of the same day
            out.setdefault(delivery.delivery_id, delivery)
    if progress is not None:
        progress(len(planned), len(planned), "landed")
    return list(out.values())


class _Loader:
    """Lands the deliveries of one company, one after the other."""

    def __init__(self, con: duckdb.DuckDBPyConnection, company: Company, shelf: Shelf) -> None:
        self._con = con
        self._company = company
        self._shelf = shelf

    def land(self, plan: PlannedDelivery, settle_seconds: float, *, only_stored: bool) -> Delivery | None:
        """Land one delivery, or find it landed; None for a new one where only stored ones are wanted."""
        known = self._shelf.known
        try:
            # one read before has stopped growing, though its time may lie in the future for a day yet
            settle([f for f in plan.files if f.key not in known], settle_seconds)
            plan = fingerprinted(plan, known)
            check_unchanged(plan.files)
        except LandingError as e:
            return None if only_stored else self._manifest(plan, "waiting", error=e)
        before = self._shelf.find(plan.delivery_id)
        if only_stored and before is None:
            return None
        duplicates = self._shelf.duplicates(plan)
        if before is not None and self._is_current(before, duplicates):
            return before
        if len(duplicates) == len(plan.files):
            delivery = self._manifest(plan, "duplicate", files=_duplicates(plan, duplicates))
            self._shelf.store(delivery)
            return delivery
        delivery = self._read_alone(plan, duplicates)
        if delivery.status == "loaded":
            self._shelf.add(delivery)
            self._shelf.drop_superseded(plan)
        elif delivery.status == "failed" and before is not None and before.status == "loaded":
            self._shelf.keep(before, delivery)
        elif delivery.status == "failed":
            self._shelf.store(delivery)
        return delivery

    def _is_current(self, before: Delivery, duplicates: dict[str, str]) -> bool:
        """Whether a landed delivery would come out the same if it were read again."""
        return (
            before.status in ("loaded", "duplicate")
            and before.feed_fingerprint == self._company.fingerprint(before.feed)
            and before.headers_fingerprint == self._company.headers_fingerprint(before.feed)
            and before.code_version == LANDING_VERSION
            and {f.path for f in before.files if f.status == "duplicate"} == set(duplicates)
        )

    def _read_alone(self, plan: PlannedDelivery, duplicates: dict[str, str]) -> Delivery:
        """Read a delivery into its folder; whatever goes wrong is told in the returned manifest."""
        folder = self._shelf.folder(plan.delivery_id)
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with (
                tempfile.TemporaryDirectory(prefix=".unpack_", dir=folder.parent) as spool,
                folder_aside(folder) as aside,
            ):
                delivery = self._read(plan, duplicates, Path(spool), aside / DATA)
                check_unchanged(plan.files)
                write_text(aside / MANIFEST, delivery.model_dump_json(indent=1))
            return delivery
        except LandingError as e:
            error = _changed(plan) or e
        except Exception as e:
            error = _changed(plan) or _not_the_senders(e, plan)
        files = _duplicates(plan, duplicates)
        files += [_unread(f, "failed") for f in plan.files if f.file not in duplicates]
        return self._manifest(plan, "waiting" if error.code == "still_writing" else "failed", error=error, files=files)

    def _read(self, plan: PlannedDelivery, duplicates: dict[str, str], spool: Path, target: Path) -> Delivery:
        """Read all parts of a delivery into ``target``. Raises :class:`LandingError`."""
        mapper = Mapper(self._company, plan.feed)
        found: Found = []
        reports = _duplicates(plan, duplicates)
        warnings: list[str] = []
        for file in (f for f in plan.files if f.file not in duplicates):
            folder = Path(tempfile.mkdtemp(dir=spool))
            for part in open_parts(file.path, file.file, mapper, folder):
                layout = layout_of(self._con, mapper, part)
                if layout is None:
                    warnings.append(f"{part.file}: no records in it; left out")
                    reports.append(_report(file, part, None, {}))
                else:
                    found.append((file, part, layout))
        first = plan.files[0].file
        if not found:
            raise LandingError("header_only", file=first)
        replaces = mapper.feed.mode == "snapshot" and plan.corrects is None
        if replaces and all(layout.returned for _, _, layout in found):
            raise LandingError("return_renamed", file=first, feed=plan.feed)
        parts = [(part, layout) for _, part, layout in found]
        counts = write_data(self._con, plan, mapper, parts, target)
        if not any(c.get("record") for c in counts.values()):
            malformed = any(c.get("malformed") for c in counts.values())
            raise LandingError("all_malformed" if malformed else "header_only", file=first)
        reports += [_report(file, part, layout, counts.get(part.file, {})) for file, part, layout in found]
        return self._manifest(plan, "loaded", files=reports, found=found, warnings=warnings)

    def _manifest(
        self,
        plan: PlannedDelivery,
        status: Status,
        *,
        error: LandingError | None = None,
        files: Sequence[FileReport] = (),
        found: Found | None = None,
        warnings: Sequence[str] = (),
    ) -> Delivery:
        feed = self._company.feeds[plan.feed]
        layouts = [layout for _, _, layout in found or ()]
        dropped = dict.fromkeys(d for layout in layouts for d in layout.dropped)
        return Delivery(
            delivery_id=plan.delivery_id,
            company=plan.company,
            feed=plan.feed,
            dataset=feed.dataset,
            mode=feed.mode,
            status=status,
            code=error.code if error else None,
            message=error.message if error else None,
            message_zh=error.message_zh if error else None,
            delivered_on=plan.delivered_on,
            corrects=plan.corrects,
            received_at=plan.received_at,
            feed_fingerprint=self._company.fingerprint(plan.feed),
            headers_fingerprint=self._company.headers_fingerprint(plan.feed),
            files=list(files) or [_unread(f, status) for f in plan.files],
            columns={header: field for layout in layouts for header, field in layout.columns.items()},
            drift=list(dict.fromkeys(h for layout in layouts for h in layout.drift)),
            dropped_sensitive=[DroppedColumn(header=h, kind=k) for h, k in dropped],
            warnings=[*_ahead(plan), *warnings],
        )


def _ahead(plan: PlannedDelivery) -> Iterator[str]:
    """Files dated by a clock that is ahead."""
    for file in plan.files:
        if file.written_on > plan.delivered_on and not named_date(file.file):
            yield (
                f"{file.file}: its time is {file.written_on}, by a clock that is ahead; taken for a file of "
                f"{plan.delivered_on}, when it was found. Set the clock right, or put the date into the file's name"
            )


def _changed(plan: PlannedDelivery) -> LandingError | None:
    """A file that was replaced or taken away while it was read may look damaged; it is read again at the next load."""
    try:
        check_unchanged(plan.files)
    except LandingError as e:
        return e
    return None


def _not_the_senders(error: Exception, plan: PlannedDelivery) -> LandingError:
    """What to say of an error that no other file would have been spared: it must not stop the other deliveries."""
    if what := trouble(error):
        log.warning("landing of %s %s failed: %s", plan.company, plan.delivery_id, what)
        return LandingError("machine", file=plan.files[0].file, trouble=what)
    # a defect of ours. Its text may quote a cell, so it stays in the operator's log
    log.error("landing of %s %s failed", plan.company, plan.delivery_id, exc_info=error)
    return LandingError("internal", file=plan.files[0].file, error=type(error).__name__)


def layout_of(con: duckdb.DuckDBPyConnection, mapper: Mapper, part: Part) -> Layout | None:
    """How the part's columns map; None for a part without records: an empty list, or a sheet of notes."""
    if part.preview is None:
        names = part.names(con)
        return mapper.map(names, part.file) if names else None
    header = mapper.find_header(part.preview)
    if header is not None:
        return mapper.map(mapper.fit(header, part.preview), part.file, header.row)
    if part.format in ("xlsx", "xls") and "!" in part.file and len(part.preview) < HEADER_WITHIN:
        return None
    raise LandingError("no_header", file=part.file, rows=HEADER_WITHIN, expected=mapper.expected)


def _report(file: DropFile, part: Part, layout: Layout | None, counts: dict[str, int]) -> FileReport:
    return _unread(file, "loaded").model_copy(
        update={
            "file": part.file,
            "format": part.format,
            "encoding": part.encoding,
            "delimiter": part.delimiter,
            "header_row": (layout.header_row or None) if layout else None,
            "header": list(layout.names) if layout else [],
            "rows_read": sum(counts.values()),
            "records": counts.get("record", 0),
            "footers": counts.get("footer", 0),
            "blanks": counts.get("blank", 0),
            "malformed": counts.get("malformed", 0),
        }
    )


def _duplicates(plan: PlannedDelivery, duplicates: dict[str, str]) -> list[FileReport]:
    return [_unread(f, "duplicate", duplicates[f.file]) for f in plan.files if f.file in duplicates]


def _unread(file: DropFile, status: Status, duplicate_of: str | None = None) -> FileReport:
    return FileReport(
        file=file.file,
        path=file.file,
        sha256=file.sha256 or "",
        size=file.size,
        mtime_ns=file.mtime_ns,
        status=status,
        duplicate_of=duplicate_of,
    )
