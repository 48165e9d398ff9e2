"""``merge`` and ``load``: the night by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.console import ConfigOption, DataOption, JsonOption, Steps, print_json, settings_from, steps
from pipelines.cli.render import show_summary
from resources.settings import Settings

if TYPE_CHECKING:
    from assets.nightly import LoadError, LoadReport

Errors = dict[str, str]
"""Where → what a failed run or step said, beyond what the deliveries themselves tell."""

WithoutDagster = Annotated[
    bool,
    typer.Option(
        "--without-dagster",
        help="Work without an orchestrator: nothing is shown by the operators' page.",
    ),
]


def merge(
    data: DataOption = None,
    config: ConfigOption = None,
    force: Annotated[bool, typer.Option("--force", help="Release even when nothing has changed.")] = False,
    without_dagster: WithoutDagster = False,
    as_json: JsonOption = False,
) -> None:
    """Load every company, merge what is loaded and publish the release; say what happened.

    A company that cannot be loaded does not stop the others: it is shown, with what to do, and its last good
    delivery is used. Exit code 1 when no release could be made.
    """
    from assets.summary import summary

    settings = settings_from(data, config)
    started = time.monotonic()
    before = summary(settings).release
    with steps(len(list(settings.feeds.glob("*.yaml"))) + 1) as bar:  # the companies, and the merge
        loads, failed = (_plain if without_dagster else _orchestrated)(settings, bar, force)
    found = summary(settings)
    seconds = time.monotonic() - started
    published = found.release is not None and found.release != before
    if as_json:
        print_json(found.as_json() | {"published": published, "seconds": round(seconds, 1), "errors": loads | failed})
    else:
        show_summary(found, published=published and not failed, errors=loads | failed, seconds=seconds)
    raise typer.Exit(1 if failed else 0)


def load(
    company: Annotated[str, typer.Argument(help="The company's slug: the name of its feed file without .yaml.")],
    data: DataOption = None,
    config: ConfigOption = None,
    without_dagster: WithoutDagster = False,
    as_json: JsonOption = False,
) -> None:
    """Load one company: read what it dropped and judge every row. Nothing is merged or published."""
    from assets.summary import summary

    settings = settings_from(data, config)
    if not (settings.feeds / f"{company}.yaml").exists():
        known = ", ".join(sorted(p.stem for p in settings.feeds.glob("*.yaml"))) or "none"
        raise typer.BadParameter(f"there is no feed file for {company!r}; known: {known}", param_hint="COMPANY")
    with steps(1) as bar:
        errors = _load_plainly(settings, company, bar.say) if without_dagster else _load_run(settings, company, bar)
    found = summary(settings).of(company)
    if as_json:
        print_json(found.as_json() | {"errors": errors})
    else:
        show_summary(found, published=None, errors=errors, seconds=None)
    raise typer.Exit(1 if errors else 0)


def _orchestrated(settings: Settings, bar: Steps, force: bool) -> tuple[Errors, Errors]:
    """Load runs and the merge run on the Dagster instance: errors of the loads, errors of the merge."""
    from pipelines.run import open_runner

    errors: Errors = {}
    with open_runner(settings, bar.say) as runner:
        news = {company: runner.news(company) for company in runner.companies()}
        bar.done(sum(not size for size in news.values()))
        for company, outcome in runner.load_news(news):
            errors |= {f"{company}: {step}": message for step, message in outcome.errors.items()}
            bar.done()
        return errors, dict(runner.merge(force=force).errors)


def _plain(settings: Settings, bar: Steps, force: bool) -> tuple[Errors, Errors]:
    """The same without Dagster. An error of the merge goes up to the caller."""
    from assets.nightly import load_all, run_merge
    from expectations import feeds

    companies, broken = feeds.load_companies(settings.feeds)
    errors = {company: str(error) for company, error in broken.items()}
    for company, report in load_all(settings, companies.values(), progress=bar.say):
        errors |= _load_errors(company, report)
        bar.done()
    run_merge(settings, force=force, progress=bar.say)
    return errors, {}


def _load_plainly(settings: Settings, company: str, say: Callable[[str], None]) -> Errors:
    from assets.nightly import load_all
    from expectations import feeds

    try:
        loaded = load_all(settings, [feeds.load_company(settings.feeds / f"{company}.yaml")], progress=say)
    except feeds.FeedError as e:
        return {company: str(e)}
    return {step: message for slug, report in loaded for step, message in _load_errors(slug, report).items()}


def _load_errors(company: str, report: LoadReport | LoadError) -> Errors:
    """What could not be used, and why."""
    if isinstance(report, Exception):
        return {company: str(report)}
    return {f"{company}: {d.delivery.dataset}": d.message or "" for d in report.failed}


def _load_run(settings: Settings, company: str, bar: Steps) -> Errors:
    from pipelines.run import open_runner

    with open_runner(settings, bar.say) as runner:
        runner.companies()
        return dict(runner.load(company).errors)
