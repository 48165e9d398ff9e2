"""``quarantine``: what was set aside, and the files that take it back to the companies. Prints counts only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from assets.quarantine import SetAside, Written, set_aside, write_returns
from expectations.contracts.reasons import REASONS
from expectations.feeds import Company, load_companies, load_company
from pipelines.cli.console import ConfigOption, DataOption, JsonOption, fail, out, print_json, settings_from, steps
from resources.settings import Settings

quarantine_app = typer.Typer(
    help="Rows that were set aside: list them, see why, write them back to the companies.", no_args_is_help=True
)
CompanyOption = Annotated[str | None, typer.Option("--company", help="Only this company (its slug).")]
SinceOption = Annotated[
    datetime | None,
    typer.Option("--since", formats=["%Y-%m-%d"], help="Only deliveries of this day and later."),
]


def chosen(settings: Settings, company: str | None) -> Iterable[Company]:
    """One company, or all whose feed file can be used; a broken file is said and passed over."""
    if company is not None:
        path = settings.feeds / f"{company}.yaml"
        if not path.exists():
            known = ", ".join(sorted(p.stem for p in settings.feeds.glob("*.yaml"))) or "none"
            raise typer.BadParameter(f"there is no feed file for {company!r}; known: {known}", param_hint="--company")
        return [load_company(path)]
    companies, broken = load_companies(settings.feeds)
    for error in broken.values():
        fail(str(error))
    return companies.values()


@quarantine_app.command("list")
def list_(
    company: CompanyOption = None,
    since: SinceOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the deliveries in effect of which rows were set aside, with the most frequent reasons."""
    settings = settings_from(data, config)
    found = [s for c in chosen(settings, company) for s in set_aside(settings, c, since.date() if since else None)]
    if as_json:
        print_json([s.as_json() for s in found])
        return
    table = Table(box=box.SIMPLE_HEAD, show_footer=True)
    table.add_column("company", no_wrap=True)
    table.add_column("delivery", no_wrap=True)
    table.add_column("feed", "all", no_wrap=True)
    table.add_column("day", no_wrap=True)
    table.add_column("set aside", f"{sum(s.rows for s in found):,}", justify="right")
    table.add_column("reasons", overflow="fold")
    for s in found:
        d = s.delivery
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in list(s.reasons.items())[:3])
        more = f", {len(s.reasons) - 3} more" if len(s.reasons) > 3 else ""
        what = f"{d.feed} (corrects {d.corrects})" if d.corrects else d.feed
        table.add_row(d.company, d.delivery_id, what, str(d.delivered_on), f"{s.rows:,}", escape(reasons + more))
    out.print(table if found else "nothing is set aside · 没有退回的记录")


@quarantine_app.command()
def show(
    delivery: Annotated[str, typer.Argument(help="The delivery's id, or an unmistakable beginning of it.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show why rows of one delivery were set aside, and what the company should do: counts and words, no values."""
    settings = settings_from(data, config)
    held = [s for c in chosen(settings, None) for s in set_aside(settings, c)]
    found = [s for s in held if s.delivery.delivery_id.startswith(delivery)]
    if len(found) != 1:
        said = f"{len(found)} deliveries begin with it" if found else "no delivery in effect with rows set aside has it"
        fail(f"{delivery}: {said}; see: quarantine list")
        raise typer.Exit(1)
    (one,) = found
    if as_json:
        print_json(one.as_json() | {"files": [f.model_dump() for f in one.ledger.files if f.quarantined]})
        return
    _show(one)


@quarantine_app.command("return")
def return_(
    *,
    company: CompanyOption = None,
    since: SinceOption = None,
    to: Annotated[
        Path | None,
        typer.Option("--out", help="Folder to write to [default: the data root's returns/].", show_default=False),
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the rows set aside back in the company's own columns, with the reason beside each row.

    A folder per delivery: a workbook, or delimited text as it was sent, with an account of the reasons. The files hold
    personal data: they are readable by their owner alone and go to the company that sent the rows.
    """
    settings = settings_from(data, config)
    done: list[Written] = []
    errors: dict[str, str] = {}
    companies = list(chosen(settings, company))
    with steps(len(companies)) as bar:
        for one in companies:
            bar.say(one.company)
            try:
                day = since.date() if since else None
                done += write_returns(settings, one, since=day, out=to.resolve() if to else None, progress=bar.say)
            except OSError as e:
                # one company's folder may be full or closed; its neighbours get theirs
                errors[one.company] = f"{one.company}: {e.strerror}: {e.filename}; nothing of this delivery was written"
            bar.done()
    if as_json:
        print_json({"returns": [_plain(w) for w in done], "errors": errors})
    else:
        _show_returns(done)
    for message in errors.values():
        fail(message)
    raise typer.Exit(1 if errors else 0)


def _plain(written: Written) -> dict[str, object]:
    said = written.told.model_dump(mode="json", exclude={"fingerprint"})
    return said | {"folder": str(written.folder), "is_new": written.is_new}


def _show_returns(done: list[Written]) -> None:
    if not done:
        out.print("nothing is set aside · 没有退回的记录")
        return
    for w in done:
        mark = "[green]✓[/]" if w.is_new else "·"
        kept = "" if w.told.exact else ", some columns are empty: the file is gone or changed"
        said = f"{w.told.company} {w.told.feed} {w.told.delivered_on}: {w.told.rows:,} rows"
        out.print(f"{mark} {said}{'' if w.is_new else ', as before'}{kept}", highlight=False)
        out.print(f"  {escape(str(w.folder))}", highlight=False, soft_wrap=True)


def _show(one: SetAside) -> None:
    d = one.delivery
    out.print(
        f"[bold]{d.delivery_id}[/] · {d.company} · {d.feed} · {d.delivered_on} · {one.rows:,} rows set aside, "
        f"{one.accepted:,} accepted",
        highlight=False,
        soft_wrap=True,
    )
    reasons = Table(box=box.SIMPLE_HEAD)
    for name in ("reason", "rows", "what and what to do · 原因与更正办法"):
        reasons.add_column(name, overflow="fold", justify="right" if name == "rows" else "left")
    for key, rows in one.reasons.items():
        code = key.partition(":")[0]
        words = REASONS.get(code)
        said = (
            f"{words.meaning}; {words.remedy}\n[dim]{words.meaning_zh}；应为：{words.expected_zh}。{words.remedy_zh}[/]"
            if words
            else ""
        )
        reasons.add_row(key, f"{rows:,}", said)
    out.print(reasons)
    files = Table(box=box.SIMPLE_HEAD)
    for name in ("file", "read", "accepted", "set aside"):
        files.add_column(name, overflow="fold", justify="left" if name == "file" else "right")
    for f in one.ledger.files:
        if f.quarantined:
            files.add_row(escape(f.file), f"{f.rows_read:,}", f"{f.accepted:,}", f"{f.quarantined:,}")
    out.print(files)
