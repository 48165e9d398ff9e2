"""The night, without an orchestrator: load each company, then merge everything that is loaded into a release.

A load may fail for one delivery of one company and says so in its report. A merge is all or nothing: it publishes a
whole, audited release or leaves the current one as it is.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from assets.erase.rows import refuse_erased, withdraw_files
from assets.erase.tombstones import open_tombstones
from assets.landing import Delivery, deliveries, delivery_folder, find_deliveries, land_company
from assets.landing.delivery import DATA, LANDING_VERSION
from assets.locks import company_lock, merge_lock
from assets.merge import Merge, in_effect, open_merge
from assets.register import STAGES
from assets.register.engines import stage_connection
from assets.register.events import build_events
from assets.release import audit_release, build_release, publish, unchanged
from assets.retention import enforce_retention
from assets.standard import Ledger, LedgerImbalance, is_current, judged, standardise
from expectations.checks import CheckResult
from expectations.feeds import Company
from expectations.suites import import_ahead
from resources.duck import ROW_GROUP, connect
from resources.engine import Connection, SparkFailed
from resources.files import clear_asides
from resources.machine import trouble
from resources.settings import Settings
from resources.workers import tell, workers

Progress = Callable[[str], None]
"""Is told in a few words what is being done now."""

REGISTER: dict[str, Callable[[Merge, Connection], object]] = {**STAGES, "events": build_events}
"""The stages of the register in order; each can run by itself once those before it have."""


@dataclass(frozen=True)
class DeliveryReport:
    """One delivery after a load. ``ledger`` is None where it was not judged: it failed, waits or is a repeat.

    ``in_effect``: the merge takes it. ``is_new``: judged by this load, not by one before. ``message`` says why it
    cannot be used and what to do; a fault of this program while judging is told here too.
    """

    delivery: Delivery
    ledger: Ledger | None = None
    in_effect: bool = False
    is_new: bool = False
    message: str | None = None
    message_zh: str | None = None

    @property
    def failed(self) -> bool:
        """Whether somebody must act before the delivery can be used."""
        return self.message is not None and self.delivery.status in ("failed", "loaded")


@dataclass(frozen=True)
class LoadReport:
    """What a load of one company did: its deliveries, in the order they take effect."""

    company: str
    deliveries: tuple[DeliveryReport, ...] = ()

    @property
    def failed(self) -> tuple[DeliveryReport, ...]:
        """The deliveries that could not be used."""
        return tuple(d for d in self.deliveries if d.failed)


@dataclass(frozen=True)
class MergeReport:
    """What a merge did. ``release`` is the folder that is current now; ``stages`` the seconds each stage took,
    ``removed`` what was past its limit, by place."""

    release: Path
    published: bool
    checks: tuple[CheckResult, ...] = ()
    stages: dict[str, float] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)


def load_company(
    settings: Settings,
    company: Company,
    *,
    feeds: Collection[str] | None = None,
    only_stored: bool = False,
    progress: Progress | None = None,
) -> LoadReport:
    """Land what the company dropped and judge every delivery that could be read.

    ``feeds`` limits the load to some of its feeds. What was landed and judged before is not read again; where a rule or
    what the feed file says of the values changed, it is judged again from what was landed, whether or not its file
    still lies there. ``only_stored`` leaves new deliveries alone. Never raises
    for a delivery: each failure is in the report, with its remedy, and touches no other delivery.
    """
    tell = progress or _silent
    with company_lock(settings, company.company):
        for folder in (settings.landing, settings.standard):
            clear_asides(folder / company.company)
        landed = land_company(
            settings,
            company,
            feeds=feeds,
            only_stored=only_stored,
            progress=lambda _, __, what: tell(f"{company.company}: reading {what}"),
        )
        stored = _stored(settings, company, feeds, {d.delivery_id for d in landed})
        reports = []
        to_judge = (*landed, *stored)
        with connect(_for_rows(settings, to_judge)) as con:
            erased = open_tombstones(con, settings)
            for delivery in to_judge:
                tell(f"{company.company}: judging {delivery.feed} of {delivery.delivered_on}")
                reports.append(_judge(settings, company, delivery, con, erased=erased))
            if erased:
                withdraw_files(settings, company, con)
        effective = {d.delivery_id for feed in company.feeds for d in in_effect(settings, company, feed)}
    marked = (replace(r, in_effect=r.delivery.delivery_id in effective) for r in reports)
    return LoadReport(company.company, tuple(marked))


def _for_rows(settings: Settings, judged_next: Collection[Delivery]) -> Settings:
    """One thread where no delivery has work for two: preparing the second costs a small one a third of its time."""
    largest = max((d.rows_read for d in judged_next), default=0)
    return settings if largest > ROW_GROUP else replace(settings, threads=1)


class LoadError(RuntimeError):
    """An unexpected error of one company's load, in words that quote nothing of what was sent."""


ENDED = (
    "a process that loads was ended from outside, most likely because the machine's memory was full: lower "
    "REGISTER_MEMORY or REGISTER_THREADS and run again; what was loaded is kept"
)

APART_FROM = 64 * 2**20
"""From so many bytes of news on, loads are worth processes of their own: reading cells and headers is Python's work,
and two threads of one process wait for each other there."""


def load_all(
    settings: Settings, companies: Collection[Company], *, progress: Progress | None = None
) -> Iterator[tuple[str, LoadReport | LoadError]]:
    """Load several companies, as many at a time as there are threads; yields each company's slug as it is done.

    Side by side, since one load keeps little more than one processor busy: reading a file is a stream, and a small
    delivery is mostly planning. Those that have most news begin first, so that none of them is left to work alone at
    the end. An unexpected error of one company is its result and touches no other. A script that calls this must do so
    under ``if __name__ == "__main__"``: its processes import it again.
    """
    count = max(1, min(settings.threads, len(companies)))
    mine = settings.shared(count)
    news = {c.company: news_bytes(settings, c) for c in companies}
    # threads share the one Spark session of a process
    apart = count > 1 and settings.engine == "duckdb" and sum(news.values()) >= APART_FROM
    with workers(count, progress or _silent, apart=apart) as pool:
        largest_first = sorted(companies, key=lambda c: (-news[c.company], c.company))
        jobs = {pool.submit(_load_one, mine, company): company.company for company in largest_first}
        for job in as_completed(jobs):
            error = job.exception()
            if isinstance(error, BrokenProcessPool):
                error = LoadError(ENDED)
            if error is not None and not isinstance(error, LoadError):
                raise error
            yield jobs[job], job.result() if error is None else error


def _load_one(settings: Settings, company: Company) -> LoadReport:
    """A worker's job. Raises LoadError, which can be handed from process to process."""
    try:
        return load_company(settings, company, progress=tell)
    except SparkFailed as error:
        raise LoadError(f"{error}; what was loaded before stays in use") from error
    except Exception as error:
        if what := trouble(error):
            raise LoadError(f"{what}; what was loaded before stays in use") from error
        # of an error in the program its kind and place, since its text could quote a cell
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise LoadError(
            f"an error in the program: {type(error).__name__} in {place.name}, line {place.lineno}"
        ) from error


def news_bytes(settings: Settings, company: Company) -> int:
    """About how much a load of the company has to do: the bytes in its drop folder, and 0 if it has no news. Something
    where the machine keeps it from being known: the load meets the same and says it."""
    try:
        if not has_news(settings, company):
            return 0
    except OSError:
        return 1
    size = 1  # what was landed may have to be judged anew with nothing in the folder
    for folder, _, names in os.walk(settings.drop / company.company):
        for name in names:
            with suppress(FileNotFoundError):
                size += os.stat(os.path.join(folder, name)).st_size
    return size


def _judge(
    settings: Settings,
    company: Company,
    delivery: Delivery,
    con: duckdb.DuckDBPyConnection,
    *,
    erased: bool,
) -> DeliveryReport:
    """Judge one delivery; with ``erased``, take out the rows of people who were erased."""
    if delivery.status != "loaded":
        return DeliveryReport(delivery, message=delivery.message, message_zh=delivery.message_zh)
    known = judged(settings, company, delivery)
    try:
        ledger = standardise(settings, company, delivery, con)  # one that was judged is at most checked again
        if known is None and erased and refuse_erased(con, settings, company, delivery):
            ledger = standardise(settings, company, delivery, con)
    except LedgerImbalance as e:
        words = f"{delivery.delivery_id}：行数不平衡（程序错误），请联系管理员。"
        return DeliveryReport(delivery, message=str(e), message_zh=words)
    return DeliveryReport(delivery, ledger, is_new=known is None)


def _stored(
    settings: Settings, company: Company, feeds: Collection[str] | None, but: Collection[str]
) -> list[Delivery]:
    """The good deliveries whose files lie in the drop folder no more."""
    return [
        d
        for d in deliveries(settings, company.company)
        if d.status == "loaded"
        and d.feed in company.feeds
        and d.dataset == company.feeds[d.feed].dataset
        and (feeds is None or d.feed in feeds)
        and d.delivery_id not in but
        and (delivery_folder(settings, company.company, d.delivery_id) / DATA).exists()
    ]


def has_news(settings: Settings, company: Company) -> bool:
    """Whether a load of the company would do anything: files that no delivery holds as they are now, deliveries that
    failed, or ones that another feed file or another version of the code would read or judge differently."""
    dropped = {f.key for p in find_deliveries(settings, company) for f in p.files}
    held: set[tuple[str, int, int]] = set()
    for delivery in deliveries(settings, company.company):
        files = {f.key for f in delivery.files}
        if files & dropped and not _is_settled(settings, company, delivery):
            return True
        held |= files
    if not dropped <= held:
        return True
    return any(not is_current(settings, company, d) for d in _stored(settings, company, None, ()))


def _is_settled(settings: Settings, company: Company, delivery: Delivery) -> bool:
    return (
        delivery.status in ("loaded", "duplicate")
        and delivery.feed in company.feeds
        and delivery.feed_fingerprint == company.fingerprint(delivery.feed)
        and delivery.headers_fingerprint == company.headers_fingerprint(delivery.feed)
        and delivery.code_version == LANDING_VERSION
        and (delivery.status == "duplicate" or is_current(settings, company, delivery))
    )


def run_merge(settings: Settings, *, force: bool = False, progress: Progress | None = None) -> MergeReport:
    """Merge everything that is loaded into a new release and publish it.

    With unchanged deliveries, configuration and code the current release is left as it is, unless ``force``.
    Raises :class:`assets.merge.NothingToMerge` when nothing was ever loaded, :class:`assets.release.AuditFailed` when
    a check that must hold did not, :class:`resources.lock.Held` while another merge runs; the current release then
    stays as it is.
    """
    tell = progress or _silent
    started_at = datetime.now(UTC)
    seconds: dict[str, float] = {}

    @contextmanager
    def timed(name: str) -> Iterator[None]:
        tell(name)
        start = time.monotonic()
        yield
        seconds[name] = round(time.monotonic() - start, 2)

    with merge_lock(settings):
        merge = open_merge(settings)
        if merge.previous and not force and unchanged(merge):
            return MergeReport(merge.previous, published=False, removed=enforce_retention(merge).places)
        import_ahead()
        for name, build in REGISTER.items():
            with timed(f"register: {name}"), stage_connection(settings, name) as con:
                build(merge, con)
        with timed("release: building"), connect(settings) as con:
            candidate = build_release(merge, con, started_at=started_at)
        with timed("release: auditing"), connect(settings) as con:
            checks = audit_release(candidate, merge, con)
        with timed("release: publishing"):
            folder = publish(candidate, merge)
            removed = enforce_retention(merge)
    return MergeReport(folder, published=True, checks=tuple(checks), stages=seconds, removed=removed.places)


def _silent(_: str) -> None:
    pass
