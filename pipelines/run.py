"""Runs started by hand: the same jobs on the same instance as the night's, in this process and without console noise,
so that the operators' page shows them like any other."""

from __future__ import annotations

import gc
import logging
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from queue import SimpleQueue
from threading import Thread
from typing import Any

import dagster as dg

from assets.nightly import ENDED, news_bytes
from expectations.feeds import FeedError, load_company
from pipelines.definitions import build_defs
from pipelines.instance import open_instance
from pipelines.jobs import load_job, merge_job
from pipelines.partitions import sync_partitions
from resources.settings import Settings
from resources.workers import tell, workers

BESIDE_FROM = 8 * 2**20
"""From so many bytes of news on, a second process pays for its start: three seconds of imports."""

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Outcome:
    """How a run ended. ``errors``: step → message of each failed step, as the operators' page shows it."""

    run_id: str
    success: bool
    errors: Mapping[str, str] = field(default_factory=dict)


class Runner:
    """Executes jobs on one instance."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance, announce: Callable[[str], None]) -> None:
        self._instance = instance
        self._settings = settings
        self._announce = announce
        self._defs = build_defs({"announce": announce})

    def companies(self) -> list[str]:
        """The companies of the configuration, their partitions made."""
        return sync_partitions(self._instance, self._settings)

    def news(self, company: str) -> int:
        """About how many bytes a load run of the company would read; 0: it would only cost its start. A broken feed
        file is news: the run says what is wrong with it."""
        try:
            return news_bytes(self._settings, load_company(self._settings.feeds / f"{company}.yaml"))
        except FeedError:
            return 1

    def load_news(self, news: Mapping[str, int]) -> Iterator[tuple[str, Outcome]]:
        """The load runs of several companies, ``news`` of each being known, as they end.

        Where there is much to load, a second process works beside this one: two runs cannot share a process, since each
        sets logging up anew.
        """
        waiting = deque(sorted((c for c, size in news.items() if size), key=lambda c: (-news[c], c)))
        if len(waiting) < 2 or sum(news.values()) < BESIDE_FROM:
            yield from ((company, self.load(company)) for company in waiting)
            return
        ended: SimpleQueue[tuple[str, Outcome]] = SimpleQueue()
        with workers(1, self._announce, apart=True) as pool:
            beside = Thread(target=_hand_over, args=(self._settings, waiting, pool, ended), name="loads beside")
            beside.start()
            try:
                while (company := _next(waiting)) is not None:
                    yield company, self.load(company)
                    yield from _taken(ended)
            finally:
                waiting.clear()  # whoever stops here wants no more loads begun
                beside.join()
            yield from _taken(ended)

    def load(self, company: str) -> Outcome:
        """One company's load run."""
        return self._execute(load_job.name, partition_key=company, run_config=_QUIET)

    def merge(self, *, force: bool) -> Outcome:
        """The merge run."""
        options = {"ops": {"begin": {"config": {"force": force}}}}
        return self._execute(merge_job.name, run_config={**_QUIET, **options})

    def _execute(self, job: str, **options: Any) -> Outcome:
        result = self._defs.resolve_job_def(job).execute_in_process(
            instance=self._instance, raise_on_error=False, tags={"register/started_by": "command line"}, **options
        )
        failed = result.filter_events(lambda e: e.is_failure and not e.is_run_failure)
        failures = {e.step_key or job: _message(e) for e in failed}
        if not result.success and not failures:
            record = self._instance.get_run_by_id(result.run_id)
            failures = {job: f"run {result.run_id} failed before its first step ({record and record.status.value})"}
        return Outcome(result.run_id, result.success, failures)


def _next(waiting: deque[str]) -> str | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _taken(ended: SimpleQueue[tuple[str, Outcome]]) -> Iterator[tuple[str, Outcome]]:
    while not ended.empty():
        yield ended.get()


def _hand_over(
    settings: Settings, waiting: deque[str], pool: Executor, ended: SimpleQueue[tuple[str, Outcome]]
) -> None:
    """Hand companies that wait to the process beside this one, the next whenever it is done with one."""
    while (company := _next(waiting)) is not None:
        try:
            ended.put((company, pool.submit(_load_beside, settings, company).result()))
        except Exception as error:  # a run that fails has an outcome: what is raised is the process's own
            broken = isinstance(error, BrokenProcessPool)
            why = ENDED if broken else f"the run could not be started: {type(error).__name__}"
            ended.put((company, Outcome("", success=False, errors={load_job.name: why})))
            if broken:
                return


def _load_beside(settings: Settings, company: str) -> Outcome:
    return _runner_beside(settings).load(company)


@cache
def _runner_beside(settings: Settings) -> Runner:
    """The runner of the process beside; its instance is closed by the end of the process."""
    return ExitStack().enter_context(open_runner(settings, tell))


def _message(event: dg.DagsterEvent) -> str:
    """What a failed step says: the words of its Failure, else the innermost error's first line."""
    if not event.is_step_failure:
        return event.message or event.event_type_value
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip().splitlines()[0] if error else event.message or "failed"


@contextmanager
def open_runner(settings: Settings, announce: Callable[[str], None]) -> Iterator[Runner]:
    """A runner on the instance of this installation. Its runs are seen by ``community-register ui``."""
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    warnings.filterwarnings("ignore", category=dg.PreviewWarning)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with open_instance(settings) as instance:
        runner = Runner(settings, instance, announce)
        gc.freeze()  # what is imported stays: no search for garbage need go through it again
        yield runner
