"""When things run: the night's schedule, and the sensors that start the merge, load files dropped by day, and keep
the partitions equal to the configuration.

The decisions are plain functions of the time and of what has run; the schedule and the sensors only ask them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

from assets.landing import deliveries, find_deliveries
from assets.landing.plan import DropFile
from expectations.feeds import FeedError, load_company
from expectations.policy import Policy, PolicyError, Schedule, load_policy
from pipelines.jobs import load_job, merge_job
from pipelines.partitions import COMPANIES, configured_companies, partition_changes, sync_partitions
from pipelines.resources import Installation
from resources.machine import uptime
from resources.settings import Settings

NIGHT = "register/night"
_PARTITION = "dagster/partition"
_FINISHED = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED}
_QUIET_SECONDS = 30
"""A file that was written to less than this long ago may still be growing."""
_SET_BACK = timedelta(hours=1)
"""A clock that was set back by less is a clock that was set right in passing."""


def now() -> datetime:
    """The present; a function of its own so that tests can name another."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Night:
    """The night that began last: its date (local, of its start) and when the merge stops waiting for late loads."""

    date: date
    deadline: datetime


def night_of(moment: datetime, schedule: Schedule) -> Night:
    """The night that ``moment`` falls into: from one start until the next."""
    zone = ZoneInfo(schedule.zone)
    start, deadline = time.fromisoformat(schedule.start), time.fromisoformat(schedule.deadline)
    local = moment.astimezone(zone)
    day = local.date() if local.time() >= start else local.date() - timedelta(days=1)
    ends = day if deadline > start else day + timedelta(days=1)
    return Night(day, datetime.combine(ends, deadline, zone))


def merge_is_due(
    moment: datetime,
    night: Night,
    companies: Iterable[str],
    runs: Mapping[str, Iterable[dg.DagsterRunStatus]],
) -> tuple[bool, str]:
    """Whether the merge of a night should start, and why (not).

    ``runs`` are the states of the night's load runs by company. Every company must have a run and none may be under
    way, unless the deadline has passed; without any run of this night there is nothing to wait for.
    """
    if not any(list(states) for states in runs.values()):
        return False, f"no load of {night.date} has been started"
    open_ = sorted(
        c for c in companies if not list(runs.get(c, ())) or any(s not in _FINISHED for s in runs.get(c, ()))
    )
    if not open_:
        return True, f"all loads of {night.date} have finished"
    if moment >= night.deadline:
        return True, f"deadline {night.deadline:%H:%M} has passed; not waiting for {', '.join(open_)}"
    return False, f"waiting for {', '.join(open_)} until {night.deadline:%H:%M}"


def _policy(settings: Settings) -> Policy:
    """The operator's policy; the defaults while ``register.yaml`` is broken, so that the loads still run and the
    merge is what fails, with the message."""
    try:
        return load_policy(settings.config)
    except PolicyError:
        return Policy()


def _cron(schedule: Schedule) -> str:
    start = time.fromisoformat(schedule.start)
    return f"{start.minute} {start.hour} * * *"


def nightly_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """The schedule that starts one load run per company."""
    policy = _policy(settings).schedule

    @dg.schedule(
        name="nightly",
        job=load_job,
        cron_schedule=_cron(policy),
        execution_timezone=policy.zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Starts one load run per company; the sensor merge_when_loaded does the rest of the night.",
    )
    def nightly(
        context: dg.ScheduleEvaluationContext, installation: Installation
    ) -> list[dg.RunRequest] | dg.SkipReason:
        settings = installation.settings()
        night = night_of(context.scheduled_execution_time, _policy(settings).schedule)
        companies = sync_partitions(context.instance, settings)
        if not companies:
            return dg.SkipReason(f"no company in {settings.feeds}; add <company>.yaml there")
        return _loads(companies, night.date.isoformat())

    return nightly


@dataclass(frozen=True)
class Look:
    """What the sensor of the merge remembers: the night it was in, whether that night's merge was started, and when it
    looked last, by the clock (``at``) and by the machine's own count (``up``), both in seconds."""

    night: str = ""
    merged: bool = False
    at: float = 0.0
    up: float = 0.0

    def set_back(self, moment: datetime) -> timedelta:
        """By how much the clock was set back since. Nothing where the machine was started anew meanwhile: its count is
        then too short to tell."""
        passed, told = uptime() - self.up, moment.timestamp() - self.at
        return timedelta(seconds=max(0.0, passed - told)) if self.at else timedelta()


def next_look(last: Look, moment: datetime, night: Night) -> tuple[Look, str | None]:
    """What to remember from now on; and where the night must begin anew, why.

    With a clock that was ahead a night runs before its day, and when its day has come Dagster takes it for done: its
    schedule starts nothing at a time it has passed before. Such a night gets another name and runs once more.
    """
    today = night.date.isoformat()
    seen = replace(last, at=moment.timestamp(), up=uptime())
    if not last.night.startswith(today):
        return replace(seen, night=today, merged=False), None
    back = last.set_back(moment)
    if back < _SET_BACK:
        return seen, None
    why = f"the clock was set back by {back.total_seconds() / 3600:.0f} hours, so {last.night} ran before its time"
    return replace(seen, night=f"{today} again {moment:%H:%M}", merged=False), why


@dg.sensor(
    jobs=[merge_job, load_job],
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts the merge when tonight's loads have finished, or at the deadline of register.yaml. A night "
    "that a wrong clock ran early is run again when its time has come.",
)
def merge_when_loaded(
    context: dg.SensorEvaluationContext, installation: Installation
) -> dg.RunRequest | list[dg.RunRequest] | dg.SkipReason:
    """One merge a night: the run key is the night."""
    settings = installation.settings()
    moment = now()
    night = night_of(moment, _policy(settings).schedule)
    look, early = next_look(_last_look(context.cursor), moment, night)
    context.update_cursor(json.dumps(vars(look)))
    if early:
        context.log.warning(f"{early}; it is run again")
        return _loads(sync_partitions(context.instance, settings), look.night)
    if look.merged:
        return dg.SkipReason(f"the merge of {look.night} was started")
    found = context.instance.get_runs(dg.RunsFilter(job_name=load_job.name, tags={NIGHT: look.night}))
    runs: dict[str, list[dg.DagsterRunStatus]] = {}
    for run in found:
        runs.setdefault(run.tags.get(_PARTITION, ""), []).append(run.status)
    due, why = merge_is_due(moment, night, configured_companies(settings), runs)
    if not due:
        return dg.SkipReason(why)
    context.log.info(why)
    context.update_cursor(json.dumps(vars(replace(look, merged=True))))
    return dg.RunRequest(run_key=look.night, job_name=merge_job.name, tags={NIGHT: look.night})


def _last_look(cursor: str | None) -> Look:
    try:
        return Look(**json.loads(cursor or "{}"))
    except (json.JSONDecodeError, TypeError):
        return Look(night=cursor or "", merged=True)  # of a version that remembered only the night it had merged


def _loads(companies: Iterable[str], night: str) -> list[dg.RunRequest]:
    """One load run a company."""
    return [
        dg.RunRequest(run_key=f"{night}:{c}", job_name=load_job.name, partition_key=c, tags={NIGHT: night})
        for c in companies
    ]


@dg.sensor(
    job=load_job,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Loads a company when files were dropped that no delivery holds yet and that have stopped growing.",
)
def dropped_files(context: dg.SensorEvaluationContext, installation: Installation) -> dg.SensorResult:
    """The cursor holds, per company, a digest of its drop folder at the last look, and whether every file in it was
    held by a delivery then. A load is asked for when new files look the same twice; the digest is in the run key, so
    that the same files are asked for once. Manifests are read only where the folder has changed."""
    settings = installation.settings()
    seen: dict[str, list[object]] = json.loads(context.cursor or "{}")
    looks: dict[str, list[object]] = {}
    requests = []
    for company in context.instance.get_dynamic_partitions(str(COMPANIES.name)):
        dropped = _dropped(settings, company)
        digest = _digest(dropped)
        if seen.get(company) == [digest, True]:
            looks[company] = [digest, True]
            continue
        new = new_files(settings, company, dropped)
        looks[company] = [digest, not new]
        if new and seen.get(company) == [digest, False] and _is_quiet(new):
            requests.append(dg.RunRequest(run_key=f"drop:{company}:{digest}", partition_key=company))
    return dg.SensorResult(requests, cursor=json.dumps(looks, sort_keys=True))


def _dropped(settings: Settings, company: str) -> list[DropFile]:
    """The files of a company's feeds. None where its feed file is broken or gone: its run would only say so again."""
    try:
        feeds = load_company(settings.feeds / f"{company}.yaml")
    except (FeedError, FileNotFoundError):
        return []
    return list({f.file: f for planned in find_deliveries(settings, feeds) for f in planned.files}.values())


def new_files(settings: Settings, company: str, dropped: Iterable[DropFile]) -> list[DropFile]:
    """The dropped files that no delivery holds as they are now."""
    held = {f.key for d in deliveries(settings, company) for f in d.files}
    return [f for f in dropped if f.key not in held]


def _is_quiet(files: Iterable[DropFile]) -> bool:
    # a time far in the future is a wrong clock's and says nothing: to wait until it has come could take for ever
    return abs(now().timestamp() - max(f.mtime_ns for f in files) / 1e9) >= _QUIET_SECONDS


def _digest(files: Iterable[DropFile]) -> str:
    text = "\n".join(sorted(f"{f.file}|{f.size}|{f.mtime_ns}" for f in files))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dg.sensor(
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Keeps one partition per feed file: a new company gets one, a removed company loses its own.",
)
def companies(context: dg.SensorEvaluationContext, installation: Installation) -> dg.SensorResult | dg.SkipReason:
    """The partitions follow config/feeds."""
    settings = installation.settings()
    present = list(context.instance.get_dynamic_partitions(str(COMPANIES.name)))
    added, removed = partition_changes(settings, present)
    if not added and not removed:
        return dg.SkipReason(f"{len(present)} companies, as configured in {Path(settings.feeds).name}/")
    return dg.SensorResult(
        dynamic_partitions_requests=[
            *([COMPANIES.build_add_request(added)] if added else []),
            *([COMPANIES.build_delete_request(removed)] if removed else []),
        ]
    )


SENSORS = [merge_when_loaded, dropped_files, companies]
