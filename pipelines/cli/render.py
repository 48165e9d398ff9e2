"""The tables a person reads after a night. Colour only underlines what the words say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from assets.communities import Unknown
from assets.release import Release
from assets.release.page import PAGE
from assets.status import CompanyStatus
from assets.summary import OUTCOMES, Problem, Summary
from pipelines.cli.console import out

_STATES = {"fine": "green", "late": "yellow", "failing": "red", "silent": "red", "unusable": "red"}


def show_summary(found: Summary, *, published: bool | None, errors: Mapping[str, str], seconds: float | None) -> None:
    """The night: companies, register, ids, release, and last, where the eye stays, what needs a person.

    ``published`` is None where no merge was tried. ``errors`` are shown where no problem tells them already.
    """
    out.print()
    out.print(_companies(found))
    if published is not None and found.release:
        out.print(_register(found, published=published))
    _show_problems(found.problems, errors)
    if published is not None:
        _show_release(found, published=published, seconds=seconds)


def _table(title: str | None = None, **style: Any) -> Table:
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, **({"title_style": "bold"} | style))


def plain_table(*columns: str) -> Table:
    """A table with these columns; those of numbers to the right."""
    table = _table()
    for name in columns:
        table.add_column(name, justify="right" if name == "rows" else "left", overflow="fold")
    return table


def _companies(found: Summary) -> Table:
    table = _table("Companies · rows of the deliveries in effect", show_footer=True)
    table.add_column("company", _count_states(found), no_wrap=True)
    table.add_column("state")
    table.add_column("files", str(sum(c.files for c in found.companies)), justify="right")
    for outcome in OUTCOMES:
        total = sum(getattr(c, outcome) for c in found.companies)
        table.add_column(outcome.removeprefix("rows_"), f"{total:,}", justify="right")
    for c in found.companies:
        figures = [f"{getattr(c, outcome):,}" for outcome in OUTCOMES]
        table.add_row(c.company, _state(c.state), str(c.files), *figures)
    return table


def _count_states(found: Summary) -> str:
    fine = sum(c.state == "fine" for c in found.companies)
    return f"{fine} of {len(found.companies)} fine"


def _state(state: str) -> Text:
    return Text(state, style=_STATES.get(state, ""))


def _register(found: Summary, *, published: bool) -> Table:
    table = _table("Register")
    table.add_column("table")
    table.add_column("rows", justify="right")
    table.add_column("ids tonight" if published else "ids, when it was made")
    kinds = {"houses": "house", "residents": "resident", "vehicles": "vehicle"}
    for name, rows in found.register.items():
        events = found.id_events.get(kinds.get(name, ""), {})
        said = ", ".join(f"{n:,} {change}" for change, n in events.items())
        table.add_row(name, f"{rows:,}", said or ("no change" if name in kinds else ""))
    return table


def _show_problems(problems: Sequence[Problem], errors: Mapping[str, str]) -> None:
    told = [p.message for p in problems]
    rest = {where: text for where, text in errors.items() if not any(t in text for t in told)}
    if not problems and not rest:
        return
    table = _table("What needs somebody", title_style="bold red", show_lines=True)
    table.add_column("company", no_wrap=True)
    table.add_column("what", no_wrap=True)
    table.add_column("message and remedy", overflow="fold")
    for p in problems:
        message = escape(p.message) + (f"\n[dim]{escape(p.message_zh)}[/]" if p.message_zh else "")
        table.add_row(p.company or "–", p.what, message)
    for where, text in rest.items():
        table.add_row(where, "error", escape(text))
    out.print(table)


def _show_release(found: Summary, *, published: bool, seconds: float | None) -> None:
    took = f" in {seconds:.0f} s" if seconds is not None else ""
    if found.release is None:
        out.print(f"[bold red]✗ no release{took}[/]")
        return
    if published:
        said = f"[bold green]✓ released[/] {found.release}{took}"
    else:
        said = f"[bold]· still current[/] {found.release}{took}"
    checks = found.checks
    out.print(
        f"{said}, {checks['passed']} checks passed, {checks['warnings']} warned, {checks['errors']} failed",
        highlight=False,
    )
    if found.folder:
        for name, what in (
            ("curated.duckdb", "open to analysts"),
            ("restricted.duckdb", "encrypted"),
            (PAGE, "every check"),
        ):
            out.print(f"  {found.folder / name}  [dim]{what}[/]", highlight=False, soft_wrap=True)


def show_status(statuses: Sequence[CompanyStatus], release: Release | None) -> None:
    """Every company and the current release."""
    table = _table()
    for name in ("company", "state", "newest good delivery"):
        table.add_column(name)
    table.add_column("age, h", justify="right")
    table.add_column("allowed, h", justify="right")
    table.add_column("what to do", overflow="fold")
    for s in statuses:
        todo = [s.error] if s.error else [*(d.message for d in s.broken), s.clock_trouble]
        table.add_row(
            s.company,
            _state(s.state),
            str(s.newest_on or "none"),
            "" if s.age_hours is None else f"{s.age_hours:.1f}",
            str(s.fresh_within_hours or ""),
            escape("\n".join(t for t in todo if t)),
        )
    out.print(table)
    if release is None:
        out.print("no release yet; community-register merge makes one")
    else:
        out.print(
            f"current release {release.release_id}, as of {release.as_of}: {release.folder}",
            highlight=False,
            soft_wrap=True,
        )


def show_communities(unknown: Sequence[Unknown]) -> None:
    """The communities that rows name and no feed file declares; nothing where there are none."""
    if not unknown:
        return
    table = _table("Communities nobody declared · 未登记的小区", show_lines=True)
    table.add_column("company · 公司", no_wrap=True)
    table.add_column("name · 名称", overflow="fold")
    table.add_column("rows · 行", justify="right")
    table.add_column("closest · 相近", overflow="fold")
    table.add_column("what to do · 处理", overflow="fold")
    for u in unknown:
        said = f"{escape(u.message)}\n[dim]{escape(u.message_zh)}[/]"
        table.add_row(u.company, escape(u.name or "–"), f"{u.rows:,}", escape("\n".join(u.closest)) or "–", said)
    out.print(table)


def show_releases(releases: Sequence[Release]) -> None:
    """The kept releases, newest last."""
    table = _table()
    for name in ("release", "as of", "current"):
        table.add_column(name)
    for name in ("houses", "residents", "vehicles", "access_events"):
        table.add_column(name, justify="right")
    for r in releases:
        sizes = (f"{r.rows[t]:,}" for t in ("houses", "residents", "vehicles", "access_events"))
        table.add_row(r.release_id, r.as_of, "✓" if r.is_current else "", *sizes)
    out.print(table)
