"""``review``: the pairs that wait for a person, and what was decided about them."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from assets import review
from expectations.contracts.evidence import RULES, words
from pipelines.cli.console import ConfigOption, DataOption, JsonOption, fail, out, print_json, settings_from
from pipelines.cli.explain import ValuesOption, finding_words
from pipelines.cli.render import show_communities

review_app = typer.Typer(
    help="Pairs that the evidence leaves open: list them, look at both sides, decide, take back.",
    no_args_is_help=True,
)
PairArgument = Annotated[str, typer.Argument(help="The pair's id, or an unmistakable beginning of it.")]
ByOption = Annotated[str, typer.Option("--by", help="Who decides.")]
NoteOption = Annotated[str, typer.Option("--note", help="Why; kept with the verdict.")]


class Said(StrEnum):
    """What may be decided."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


@review_app.command("list")
def list_(
    data: DataOption = None,
    config: ConfigOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show at most this many.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List the pairs nobody has decided about, those first whose decision changes most."""
    pairs = _or_fail(lambda: review.queue(settings_from(data, config), limit=limit))
    if as_json:
        print_json([_plain(p) for p in pairs])
        return
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("pair · 审核对", "effect", "likely · 概率", "evidence · 证据"):
        table.add_column(name, overflow="fold", no_wrap=name.startswith("pair"))
    for p in pairs:
        said = f"{finding_words(p.findings)}\n[dim]{finding_words(p.findings, zh=True)}[/]"
        table.add_row(p.pair_id, f"{p.effect:.1f}", f"{p.probability:.1%}", said)
    out.print(table if pairs else "nothing waits for a decision · 没有待审核的记录对")


@review_app.command()
def communities(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the community names that no feed file declares, with the rows set aside and the closest declared names.

    A name is accepted by writing it under aliases in the company's feed file.
    """
    from assets.communities import unknown_communities

    unknown = unknown_communities(settings_from(data, config))
    if as_json:
        print_json([asdict(u) for u in unknown])
    elif unknown:
        show_communities(unknown)
    else:
        out.print("every community is declared · 小区均已登记")


@review_app.command()
def show(
    pair: PairArgument,
    data: DataOption = None,
    config: ConfigOption = None,
    values: ValuesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show both sides of a pair with the evidence; personal values are masked without --values."""
    found = _or_fail(lambda: review.find_pair(settings_from(data, config), pair, values=values))
    if as_json:
        print_json(_plain(found))
    else:
        _show(found)


@review_app.command()
def decide(
    pair: PairArgument,
    verdict: Annotated[Said, typer.Argument(help="same, different or unsure.")],
    *,
    by: ByOption,
    note: NoteOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Decide about a pair. The next merge follows it; nobody is asked again."""
    decided = _or_fail(lambda: review.decide(settings_from(data, config), pair, verdict.value, by=by, note=note))
    before = f" (before: {decided.before})" if decided.before else ""
    out.print(f"✓ {decided.verdict.pair}: {verdict.value}{before}; the next merge follows it", highlight=False)


@review_app.command()
def undo(
    pair: PairArgument, by: ByOption, note: NoteOption = "", data: DataOption = None, config: ConfigOption = None
) -> None:
    """Take a decision back. From the next merge on it is as if nobody had decided."""
    undone = _or_fail(lambda: review.undo(settings_from(data, config), pair, by=by, note=note))
    out.print(f"✓ {undone.pair}: taken back; the next merge follows it", highlight=False)


@review_app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The CSV file to write.", dir_okay=False)],
    data: DataOption = None,
    config: ConfigOption = None,
    values: ValuesOption = False,
) -> None:
    """Write the queue as a spreadsheet (CSV); fill in the columns verdict, by and note, and import it."""
    pairs = _or_fail(lambda: review.export_sheet(settings_from(data, config), file, values=values))
    out.print(f"✓ {pairs} pairs: {file}", highlight=False, soft_wrap=True)


@review_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A sheet that export wrote.", exists=True, dir_okay=False)],
    by: Annotated[str, typer.Option("--by", help="Who decided, for rows whose column by is empty.")] = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Record the verdicts of a filled-in sheet: all of them, or none when one is wrong."""
    done = _or_fail(lambda: review.import_sheet(settings_from(data, config), file, by=by))
    out.print(
        f"✓ {len(done.recorded)} verdicts recorded, {done.unchanged} stood already, {done.blank} rows left blank",
        highlight=False,
    )
    for line in done.gone:
        out.print(f"  skipped, {escape(line)}", highlight=False, soft_wrap=True)


def _or_fail(work: Any) -> Any:
    try:
        return work()
    except (review.ReviewError, FileNotFoundError) as e:
        fail(str(e))
        raise typer.Exit(1) from e


def _plain(pair: review.Pair) -> dict[str, Any]:
    said = asdict(pair)
    for side in ("left", "right"):
        del said[side]["names"]
    said["says"] = {"en": finding_words(pair.findings), "zh": finding_words(pair.findings, zh=True)}
    return said


def _show(pair: review.Pair) -> None:
    rule = words(RULES, pair.rule)
    said = f"decided: {pair.decided}" if pair.decided else "nobody has decided"
    out.print(
        f"[bold]{pair.pair_id}[/] · {rule.meaning} · {rule.meaning_zh} · {pair.probability:.2%} · {said}",
        highlight=False,
        soft_wrap=True,
    )
    out.print(f"{finding_words(pair.findings)}\n{finding_words(pair.findings, zh=True)}", highlight=False)
    if pair.is_joined:
        out.print("Both records are one resident in this release. · 两条记录目前属于同一住户。", highlight=False)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("")
    table.add_column("left", overflow="fold")
    table.add_column("right", overflow="fold")
    sides = (pair.left, pair.right)
    table.add_row("resident", *(s.entity_id for s in sides))
    table.add_row("record", *(escape(f"{s.company}: {s.file}, row {s.row_number}") for s in sides))
    table.add_row("records in all", *(str(s.records) for s in sides))
    table.add_row("houses", *(escape("\n".join(s.houses)) for s in sides))
    for column in review.SHOWN:
        told = ["–" if s.values[column.name] is None else str(s.values[column.name]) for s in sides]
        table.add_row(f"{column.name} [dim]{column.meaning_zh}[/]", *map(escape, told))
    out.print(table)
