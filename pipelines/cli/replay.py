"""``replay``: what is stored, judged by the rules and feed files of now."""

from __future__ import annotations

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from assets.quarantine import Replayed
from assets.quarantine import replay as judge_anew
from pipelines.cli.console import ConfigOption, DataOption, JsonOption, fail, out, print_json, settings_from, steps
from pipelines.cli.quarantine import CompanyOption, chosen


def replay(
    company: CompanyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge what is stored anew, after a rule, a header alias, a community or a code map changed.

       Nothing new is loaded.
    Rows set aside that are understood now come in, and rows that a stricter rule refuses go out. The next merge takes
       the outcome. Files are read again only where their headers or form are described differently.
    """
    settings = settings_from(data, config)
    done: list[Replayed] = []
    companies = list(chosen(settings, company))
    with steps(len(companies)) as bar:
        for one in companies:
            done += judge_anew(settings, one, progress=bar.say)
            bar.done()
    if as_json:
        print_json([r.as_json() for r in done])
    else:
        _show(done)
    failed = [r for r in done if r.message]
    for r in failed:
        fail(r.message or "")
    raise typer.Exit(1 if failed else 0)


def _show(done: list[Replayed]) -> None:
    anew = [r for r in done if r.is_new]
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("company", "feed", "day", "delivery"):
        table.add_column(name, no_wrap=True)
    for name in ("accepted", "set aside"):
        table.add_column(name, justify="right")
    for r in anew:
        d = r.delivery
        changes = (_change(r, "accepted"), _change(r, "quarantined"))
        table.add_row(d.company, d.feed, str(d.delivered_on), d.delivery_id, *changes)
    if anew:
        out.print(table)
    out.print(f"{len(anew)} of {len(done)} stored deliveries judged anew", highlight=False)
    for r in done:
        if r.needs_file:
            said = f"{r.delivery.company} {r.delivery.delivery_id}: its headers or form are described differently now"
            out.print(escape(f"! {said}, and its file is gone; put it back into the drop folder"), highlight=False)


def _change(r: Replayed, outcome: str) -> str:
    after = sum(getattr(f, outcome) for f in r.after.files) if r.after else 0
    if r.before is None:
        return f"{after:,}"
    before = sum(getattr(f, outcome) for f in r.before.files)
    return f"{before:,} → {after:,}" if before != after else f"{after:,}"
