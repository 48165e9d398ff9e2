"""Damaged deliveries loaded by the thousand: each must be taken in or refused with words, and harm nobody else."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import random
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

import yaml

from assets.landing import find_deliveries, unclaimed_files
from assets.nightly import DeliveryReport, load_company
from benchmarks.faults.mutations import Damaged, Original, damage, original
from benchmarks.faults.progress import Tell
from benchmarks.meter import peak_gib
from expectations.feeds import Company, load_companies
from resources.sample_city.company import write_company
from resources.sample_city.tiers import plan_city
from resources.settings import Settings

_BATCH = 40
_WORKERS = 2
_PATIENCE = 1200.0
_CONTROL = "control_99"
"""A company whose small sound file lies beside every batch: whatever happens to the others, it is loaded."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_PERSONAL = re.compile(r"\d{15}|\d{17}[\dXx]|1[3-9]\d{9}|[\u4e00-\u9fff][A-Z][A-Z0-9]{5,6}")
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["benchmarks.faults.deliveries", "lxml.etree", "lxml.html"])


@dataclass(frozen=True)
class Trial:
    """What became of one damaged delivery. ``wrong`` is empty for a good outcome, loaded or not."""

    seed: int
    outcome: str
    damage: str
    rows: int = 0
    wrong: tuple[str, ...] = ()


@dataclass
class Tally:
    """Trials by outcome, and what was wrong, each with its seed."""

    mutations: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    damages: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    peak_gib: float = 0.0
    seconds: float = 0.0


def write_originals(root: Path) -> None:
    """The files of one night of the made-up hamlet, all ten dialects, with a control company's."""
    plan = plan_city("hamlet", 1)
    for company in plan.companies:
        write_company(plan, company, root, root / "truth", 1)
    feeds = root / "config" / "feeds"
    control = yaml.safe_load((feeds / "gbk_csv_01.yaml").read_text(encoding="utf-8"))
    control |= {"company": _CONTROL, "feeds": {"vehicles": control["feeds"]["vehicles"]}}
    (feeds / f"{_CONTROL}.yaml").write_text(yaml.safe_dump(control, allow_unicode=True), encoding="utf-8")
    (root / "drop" / _CONTROL).mkdir()
    (vehicles,) = (root / "drop" / "gbk_csv_01").glob("车辆登记*.csv")
    shutil.copy2(vehicles, root / "drop" / _CONTROL)


@cache
def _originals(root: Path) -> list[Original]:
    files = sorted(p for p in (root / "drop").rglob("*") if p.is_file() and p.parent.name != _CONTROL)
    return [original(p.parent.name, p.name, p.read_bytes()) for p in files]


def damaged(root: Path, seed: int) -> Damaged:
    """The delivery of a seed, the same each time."""
    draw = random.Random(seed)
    return damage(draw.choice(_originals(root)), draw)


def run_mutations(
    seeds: Sequence[int], tell: Tell, *, save: Path | None = None, seconds: float = float("inf")
) -> Tally:
    """Load a damaged delivery per seed, or as many as fit into ``seconds``; what came of it. ``save``: a folder in
    which the damaged files are kept."""
    start = time.monotonic()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="mutations_") as folder, ThreadPoolExecutor(_WORKERS) as pool:
        root = Path(folder)
        tell.say("making up the originals")
        write_originals(root)
        tell.say("loading")
        for seed in seeds if save else ():
            _save(damaged(root, seed), save / f"m{seed}")
        batches = [seeds[i : i + _BATCH] for i in range(0, len(seeds), _BATCH)]
        jobs = [pool.submit(_apart, root, batch) for batch in batches]
        for job in as_completed(jobs):
            if time.monotonic() - start > seconds:
                pool.shutdown(cancel_futures=True)
                break
            trials, peak = job.result()
            tally.peak_gib = max(tally.peak_gib, peak)
            for trial in trials:
                _count_in(tally, trial)
            tell.done(len(trials))
    tally.seconds = round(time.monotonic() - start, 1)
    return tally


def _save(file: Damaged, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file.name).write_bytes(file.data)


def _count_in(tally: Tally, trial: Trial) -> None:
    tally.mutations += 1
    tally.outcomes[trial.outcome] += 1
    tally.rows += trial.rows
    tally.damages.update(set(trial.damage.split(", ")))
    tally.wrong += [f"--only {trial.seed} ({trial.damage}): {w}" for w in trial.wrong]


def _apart(root: Path, seeds: Sequence[int]) -> tuple[list[Trial], float]:
    """The trials of a batch in a process of its own. If it dies, each trial in one, to find the one that killed it."""
    here, there = _SERVER.Pipe(duplex=False)
    process = _SERVER.Process(target=_batch, args=(root, seeds, there))
    process.start()
    there.close()
    try:
        return here.recv() if here.poll(_PATIENCE) else _dead(root, seeds, "took too long")
    except EOFError:
        process.join()
        return _dead(root, seeds, f"the process died with {process.exitcode}")
    finally:
        process.kill()
        process.join()


def _dead(root: Path, seeds: Sequence[int], why: str) -> tuple[list[Trial], float]:
    if len(seeds) == 1:
        return [Trial(seeds[0], "died", ", ".join(damaged(root, seeds[0]).done), wrong=(why,))], 0.0
    alone = [_apart(root, [seed]) for seed in seeds]
    return [t for trials, _ in alone for t in trials], max(peak for _, peak in alone)


class _Log(logging.Handler):
    """What was logged as an error: a defect that was caught so that others could go on."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


def _batch(root: Path, seeds: Sequence[int], said: Connection) -> None:
    log = _Log()
    logging.getLogger().addHandler(log)
    with tempfile.TemporaryDirectory(prefix="batch_", dir=root) as folder:
        settings = Settings(data=Path(folder), config=root / "config", memory_limit="1GB", threads=1)
        trials = run_batch(settings, {seed: damaged(root, seed) for seed in seeds}, root / "drop" / _CONTROL)
    if log.said and trials:
        trials.append(Trial(seeds[0], "logged", "a batch from this seed on", wrong=tuple(log.said)))
    said.send((trials, peak_gib()))


def run_batch(settings: Settings, dropped: dict[int, Damaged], control: Path) -> list[Trial]:
    """Drop the damaged deliveries, each in a folder of its own, and load every company; judge what came of each."""
    companies, _ = load_companies(settings.feeds)
    shutil.copytree(control, settings.drop / _CONTROL)
    for seed, file in dropped.items():
        target = settings.drop / file.original.company / f"m{seed}" / file.name
        target.parent.mkdir(parents=True)
        target.write_bytes(file.data)
    _settle(settings.drop)
    reports: dict[str, list[DeliveryReport] | Exception] = {}
    for slug in sorted({f.original.company for f in dropped.values()} | {_CONTROL}):
        try:
            reports[slug] = list(load_company(settings, companies[slug]).deliveries)
        except Exception as e:
            reports[slug] = e
    unclaimed = {u.file: u.message + u.message_zh for u in unclaimed_files(settings, companies)}
    loaded = _Loaded(settings, companies, reports, unclaimed)
    trials = [_judge(loaded, seed, file) for seed, file in dropped.items()]
    beside = [*_beside(reports[_CONTROL]), *_left_behind(settings)]
    if beside:
        trials.append(Trial(min(dropped), "control", "a batch from this seed on", wrong=tuple(beside)))
    return trials


def _settle(drop: Path) -> None:
    """As if dropped a while ago: nothing waits for a file to be written to its end."""
    for path in drop.rglob("*"):
        os.utime(path, (time.time() - 60,) * 2)


def _beside(reports: list[DeliveryReport] | Exception) -> Iterator[str]:
    if isinstance(reports, Exception):
        yield f"the control company could not be loaded: {reports!r}"
    elif [(r.delivery.status, r.in_effect) for r in reports] != [("loaded", True)]:
        yield f"the control company came out as {[r.delivery.status for r in reports]}"


def _left_behind(settings: Settings) -> Iterator[str]:
    for folder in (settings.landing, settings.standard):
        yield from (f"left behind: {p.relative_to(settings.data)}" for p in folder.glob("*/.*"))


@dataclass(frozen=True)
class _Loaded:
    """A batch after its loads: per company its reports, or what its load raised; the messages on files of no feed."""

    settings: Settings
    companies: dict[str, Company]
    reports: dict[str, list[DeliveryReport] | Exception]
    unclaimed: dict[str, str]


def _judge(loaded: _Loaded, seed: int, file: Damaged) -> Trial:
    """What became of one delivery, and what is wrong about it."""
    done, dropped = ", ".join(file.done), f"m{seed}/{file.name}"
    found = loaded.reports[file.original.company]
    if isinstance(found, Exception):
        return Trial(seed, "raised", done, wrong=(f"the load raised {type(found).__name__}: {found}",))
    mine = [r for r in found if any(f.path == dropped for f in r.delivery.files)]
    if not mine:
        outcome, wrong = _unread(loaded, loaded.companies[file.original.company], dropped)
        return Trial(seed, outcome, done, wrong=wrong)
    (report,) = mine
    wrong = (*_accounted(report), *_explained(report, dropped), *_private(report, file.original))
    delivery = report.delivery
    if not report.ledger:
        failed = delivery.status == "failed"
        return Trial(seed, f"failed: {delivery.code}" if failed else delivery.status, done, wrong=wrong)
    rows = sum(f.rows_read for f in report.ledger.files)
    accepted = sum(f.accepted for f in report.ledger.files)
    return Trial(seed, "loaded" if accepted else "loaded, no row accepted", done, rows, wrong)


def _unread(loaded: _Loaded, company: Company, dropped: str) -> tuple[str, tuple[str, ...]]:
    """A file without a delivery: for no feed (then it is told), unfinished by its name, or another's double."""
    if any(f.file == dropped for p in find_deliveries(loaded.settings, company) for f in p.files):
        return "the same as another", ()
    if dropped.endswith(".part"):
        return "unfinished by its name", ()
    return "for no feed", () if dropped in loaded.unclaimed.get(dropped, "") else ("neither read nor told",)


def _accounted(report: DeliveryReport) -> Iterator[str]:
    """Judged exactly if it was loaded, and every row somewhere."""
    delivery = report.delivery
    if delivery.status not in ("loaded", "failed", "duplicate"):
        yield f"status {delivery.status}"
    if delivery.code == "internal":
        yield f"an error in the program: {delivery.message}"
    if delivery.status == "loaded" and report.ledger is None:
        yield f"not judged: {report.message}"
    for file in report.ledger.files if report.ledger else ():
        if file.balance:
            yield f"{file.balance} rows lost in {file.file}"
    read = sum(f.rows_read for f in delivery.files if f.status == "loaded")
    if report.ledger and read != sum(f.rows_read for f in report.ledger.files):
        yield f"{read} rows landed, another number judged"


def _explained(report: DeliveryReport, dropped: str) -> Iterator[str]:
    """A failure names the file in both languages, and says what to do."""
    if report.delivery.status != "failed":
        return
    for language, message in (("English", report.message), ("Chinese", report.message_zh)):
        if not message or dropped not in message:
            yield f"the {language} message does not name the file"
    rest = (report.message_zh or "").replace(dropped, "")
    if len(_HAN.findall(rest)) < 8 or "请" not in rest:
        yield "the Chinese message does not say what to do"


def _private(report: DeliveryReport, file: Original) -> Iterator[str]:
    """Nothing a person can be known by in what is told: the messages, and everything in the delivery's manifest."""
    # the header rows that a return is written with stay in the landing folder, with the rows themselves
    told = report.delivery.model_dump(mode="json", exclude={"files": {"__all__": {"header"}}})
    text = json.dumps([told, report.message, report.message_zh], ensure_ascii=False)
    known = {cell for row in file.grid[1:] for cell in row if _PERSONAL.fullmatch(cell)}
    if any(value in text for value in known):
        yield "a person's number is told"
