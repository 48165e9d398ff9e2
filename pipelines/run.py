"""Runs started by hand: the same jobs on the same instance as the night's, in this process and without console noise,
so that the operators' page shows them like any other."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from assets.nightly import has_news
from expectations.feeds import FeedError, load_company
from pipelines.definitions import build_defs
from pipelines.instance import open_instance
from pipelines.jobs import load_job, merge_job
from pipelines.partitions import sync_partitions
from resources.settings import Settings

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
        self._defs = build_defs({"announce": announce})

    def companies(self) -> list[str]:
        """The companies of the configuration, their partitions made."""
        return sync_partitions(self._instance, self._settings)

    def has_news(self, company: str) -> bool:
        """Whether a load run of the company would do anything but cost its start. A broken feed file is news."""
        try:
            return has_news(self._settings, load_company(self._settings.feeds / f"{company}.yaml"))
        except FeedError:
            return True

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
        yield Runner(settings, instance, announce)
