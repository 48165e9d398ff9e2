"""``releases``: what is kept, what is in one, what leads from one to another, going back, clearing away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, TypeVar

import typer
from rich.markup import escape

from pipelines.cli.console import (
    ConfigOption,
    DataOption,
    JsonOption,
    fail,
    out,
    print_json,
    settings_from,
    steps,
)
from pipelines.cli.render import plain_table, show_releases

releases_app = typer.Typer(
    help="The kept releases: list, look at, compare, make an older one current, clear away.", no_args_is_help=True
)
T = TypeVar("T")

_MOST = 50
"""More changes than this are counted, not listed; ``--json`` has them all."""


def _or_fail(work: Callable[[], T]) -> T:
    try:
        return work()
    except FileNotFoundError as e:
        fail(str(e))
        raise typer.Exit(1) from e


@releases_app.command("list")
def list_(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the kept releases, oldest first."""
    from assets.release import list_releases

    found = list_releases(settings_from(data, config))
    if as_json:
        print_json([asdict(r) for r in found])
    else:
        show_releases(found)


@releases_app.command()
def show(
    release_id: Annotated[str, typer.Argument(help="The release; default: the current one.")] = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a release is: from what and when, its rows, what it changed, its checks, its size."""
    from assets.release import describe_release

    found = _or_fail(lambda: describe_release(settings_from(data, config), release_id or None))
    if as_json:
        print_json(found)
        return
    current = ", current" if found["is_current"] else ""
    out.print(f"[bold]{found['release_id']}[/]{current}, as of {found['as_of']}", highlight=False)
    for name in ("created_at", "previous", "code_version", "content_fingerprint", "files", "bytes"):
        value = f"{found[name]:,}" if isinstance(found[name], int) else found[name]
        out.print(f"  {name.replace('_', ' ')}: {value}", highlight=False)
    table = plain_table("table", "rows", "changed by this release")
    for name, rows in found["rows"].items():
        table.add_row(name, f"{rows:,}", _counts(found["changes"].get(name, {})))
    out.print(table)
    checks = found["checks"]
    out.print(f"{checks['passed']} checks passed", highlight=False)
    if found["validation_page"]:
        out.print(f"  every check: {found['validation_page']}", highlight=False, soft_wrap=True)
    for word in ("failed", "warned"):
        for name in checks[word]:
            out.print(f"  {word}: {name}", highlight=False)


def _counts(changes: dict[str, int]) -> str:
    return ", ".join(f"{n:,} {change}" for change, n in changes.items())


@releases_app.command()
def diff(
    old: Annotated[str, typer.Argument(help="The release to start from; see: releases list.")],
    new: Annotated[str, typer.Argument(help="The release to get to; default: the current one.")] = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what leads from one kept release to another: created, updated, merged, split and retired entities.

    Names of columns are told, never values. Needs the key of the restricted database. A release that an audit held back
    can be compared too.
    """
    from assets.release import compared_folder, difference

    settings = settings_from(data, config)
    first, last = _or_fail(lambda: (compared_folder(settings, old), compared_folder(settings, new or None)))
    with steps(1) as bar:
        bar.say("comparing the two releases")
        found = difference(settings, first, last, most=None if as_json else _MOST)
    if as_json:
        print_json(found.as_json())
        return
    out.print(f"from {found.old} to {found.new}", highlight=False)
    for kind, changes in found.counts.items():
        out.print(f"  {kind}: {_counts(changes)}", highlight=False)
    if not found.counts:
        out.print("  no resident, house or vehicle is different")
        return
    table = plain_table("entity", "change", "other id", "changed columns")
    for c in found.changes:
        table.add_row(c.entity_id, c.change, c.other_id or "", ", ".join(c.changed_columns or ()))
    out.print(table)
    more = sum(n for changes in found.counts.values() for n in changes.values()) - len(found.changes)
    if more:
        out.print(f"… and {more:,} more: --json lists them all", highlight=False)


@releases_app.command()
def rollback(
    release_id: Annotated[str, typer.Argument(help="The release to make current; see: releases list.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a kept release current again, with its id ledger. The next merge follows it."""
    from assets.release import rollback as switch_to

    folder = _or_fail(lambda: switch_to(settings_from(data, config), release_id))
    if as_json:
        print_json({"current": release_id, "folder": str(folder)})
    else:
        out.print(f"✓ {release_id} is current: {folder}", highlight=False, soft_wrap=True)


@releases_app.command()
def prune(
    keep: Annotated[
        int, typer.Option(min=1, help="How many to keep [default: releases.keep].", show_default=False)
    ] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be cleared away.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Clear away releases beyond the newest few, their ledgers, and days that no kept release lists.

    The current release is never cleared away. Every merge does this by itself; this is for a smaller number, or after
    releases.keep was lowered.
    """
    from assets.nightly import merge_lock
    from assets.release import prune as clear_away
    from expectations.policy import load_policy

    settings = settings_from(data, config)
    number = keep or load_policy(settings.config).releases.keep
    with merge_lock(settings), steps(1) as bar:
        bar.say("clearing away")
        done = clear_away(settings, number, only_say=dry_run)
    if as_json:
        print_json(asdict(done) | {"dry_run": dry_run})
        return
    would = "would be cleared away" if dry_run else "cleared away"
    for what, names in (("release", done.releases), ("day", done.days), ("unfinished merge", done.merges)):
        for name in names:
            out.print(f"  {what} {name} {would}", highlight=False)
    out.print(f"✓ {len(done.kept)} releases kept, {len(done.releases)} {would}", highlight=False)


@releases_app.command("allow-churn")
def allow_churn(
    why: Annotated[str, typer.Option("--why", help="Why so many ids change, in your words, without personal data.")],
    by: Annotated[str, typer.Option("--by", help="Who has looked at it.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let the release through that was held back because too many ids change; then run the merge again.

    Holds for exactly these deliveries after exactly this release, and for nothing but the checks named churn. It is
    kept for good in the data root (acknowledged/churn.jsonl) and told in the release's table checks.
    """
    from assets.release import Acknowledged, acknowledge_churn

    settings = settings_from(data, config)
    try:
        said: Acknowledged = acknowledge_churn(settings, by=by, why=why)
    except ValueError as e:
        fail(str(e))
        raise typer.Exit(1) from e
    if as_json:
        print_json(said.model_dump(mode="json"))
        return
    for check in said.checks:
        out.print(f"  {escape(check)}", highlight=False, soft_wrap=True)
    out.print(f"✓ let through by {escape(said.by)}; run: community-register merge", highlight=False, soft_wrap=True)
