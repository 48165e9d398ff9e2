"""``explain``: what an id is, and why, in plain English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from assets.explain import Explanation, Link, Record, UnknownId
from assets.explain import explain as explain_id
from assets.standard.sql import SHANGHAI
from expectations.contracts.evidence import EVENTS, FINDINGS, RULES, VERDICTS, WHY, cause_zh, words
from expectations.contracts.tables import TABLES
from pipelines.cli.console import ConfigOption, DataOption, JsonOption, fail, out, print_json, settings_from

_KINDS = {"resident": ("resident", "住户"), "house": ("house", "房屋"), "vehicle": ("vehicle", "车辆")}
_MOST = 50
"""More records or links than this are counted, not listed; ``--json`` has them all."""

ValuesOption = Annotated[
    bool, typer.Option("--values", help="Show personal values in full, from the restricted database.")
]


def explain(
    entity_id: Annotated[str, typer.Argument(help="Any id ever published: r_…, h_… or v_….")],
    data: DataOption = None,
    config: ConfigOption = None,
    values: ValuesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say what an id is, which records make it and why, where its values are from, and what became of it.

    Needs the key of the restricted database. Without --values nothing personal is shown.
    """
    try:
        found = explain_id(settings_from(data, config), entity_id, values=values)
    except (UnknownId, FileNotFoundError) as e:
        fail(str(e))
        raise typer.Exit(1) from e
    if as_json:
        print_json(_with_words(found))
    else:
        show_explanation(found)


def _with_words(found: Explanation) -> dict[str, object]:
    said = asdict(found)
    for link in (*said["links"], *said["pairs"]):
        link["says"] = {"en": finding_words(link["findings"]), "zh": finding_words(link["findings"], zh=True)}
    for event in said["life"]:
        event["cause_zh"] = cause_zh(event["cause"])
    return said


def finding_words(findings: Iterable[str], *, zh: bool = False) -> str:
    """Findings as one sentence."""
    said = [words(FINDINGS, code) for code in findings]
    return "；".join(w.meaning_zh for w in said) if zh else "; ".join(w.meaning for w in said)


def show_explanation(found: Explanation) -> None:
    """The whole explanation, from what it is to what became of it."""
    _show_what(found)
    if found.records:
        out.print(_records(found.records))
        _show_links(found)
    _show_values(found)
    _show_pairs(found.pairs)
    _show_life(found)


def _say(english: str, chinese: str) -> None:
    out.print(escape(english), highlight=False, soft_wrap=True)
    out.print(escape(chinese), style="dim", highlight=False, soft_wrap=True)


def _head(english: str, chinese: str) -> None:
    out.print(f"\n[bold]{english} · {chinese}[/]", highlight=False)


def _show_what(found: Explanation) -> None:
    kind, kind_zh = _KINDS[found.entity_type]
    out.print(f"[bold]{found.asked}[/] · {kind} · {kind_zh} · release {found.release_id}", highlight=False)
    if found.entity_id is None:
        _say("This id is retired: no delivery in effect has a record of it.", "此编号已停用：有效批次中已无其记录。")
        return
    if found.entity_id != found.asked:
        _say(
            f"This id was merged; {found.entity_id} stands for it today and is explained here.",
            f"此编号已并入 {found.entity_id}，以下为后者的说明。",
        )
    n, companies = len(found.records), len({r.company for r in found.records})
    several = "one record" if n == 1 else f"{n} records"
    senders = "one company" if companies == 1 else f"{companies} companies"
    weakest = min((r.probability for r in found.records), default=1.0)
    _say(
        f"One {kind} made from {several} of {senders}; first seen {found.first_seen}, last {found.last_seen}"
        + (f"; {_weakest(weakest)}." if n > 1 else "."),
        f"该{kind_zh}由 {companies} 家公司的 {n} 条记录组成；首次出现 {found.first_seen}，最近 {found.last_seen}"
        + (f"；{_weakest_zh(weakest)}。" if n > 1 else "。"),
    )


def _weakest(probability: float) -> str:
    return "every link is certain" if probability == 1 else f"its weakest link is {_certain(probability)}"


def _weakest_zh(probability: float) -> str:
    return "各项联系均确定" if probability == 1 else f"最弱的联系：{_certain_zh(probability)}"


def _certain(probability: float) -> str:
    if probability == 1:
        return "certain"
    return f"{_percent(probability)} likely"


def _certain_zh(probability: float) -> str:
    return "确定" if probability == 1 else f"概率{_percent(probability, '高于 ')}"


def _percent(probability: float, over: str = "over ") -> str:
    return f"{over}99.99%" if 0.9999 < probability < 1 else f"{probability:.2%}"


def _records(records: list[Record]) -> Table:
    table = Table(title="\nRecords · 记录", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("#", justify="right")
    table.add_column("company · 公司", no_wrap=True)
    table.add_column("file · 文件", overflow="fold")
    table.add_column("row · 行", justify="right")
    table.add_column("received · 收到", no_wrap=True)
    table.add_column("held by · 依据", overflow="fold")
    for r in records[:_MOST]:
        rule = words(RULES, r.rule)
        held = f"{rule.meaning}\n[dim]{rule.meaning_zh}[/]"
        table.add_row(str(r.number), r.company, escape(r.file), str(r.row_number), str(r.received or "–"), held)
    if len(records) > _MOST:
        table.add_row("…", f"{len(records) - _MOST} more", "", "", "", "")
    return table


def _show_links(found: Explanation) -> None:
    _head("Why they belong together", "为何属于同一实体")
    if not found.links:
        _say("  There is one record only, so nothing had to be decided.", "  仅有一条记录，无需判定。")
    for link in found.links[:_MOST]:
        _show_link(f"records {link.left} and {link.right}", f"第 {link.left} 与第 {link.right} 条", link)
    if len(found.links) > _MOST:
        _say(f"  … and {len(found.links) - _MOST} more links", f"  …另有 {len(found.links) - _MOST} 条联系")


def _show_link(between: str, between_zh: str, link: Link) -> None:
    """One link in a sentence. Of a pair that was not joined first why, then what speaks for it."""
    why = [f for f in link.findings if f.startswith(WHY)]
    found = [f for f in link.findings if f not in why]
    outcome, outcome_zh = _outcome(link, why)
    pair = f"  [{link.pair_id}]" if link.pair_id else ""
    _say(
        f"  {between}: {outcome}. Found: {finding_words(found)}.{pair}",
        f"  {between_zh}：{outcome_zh}。发现：{finding_words(found, zh=True)}。",
    )


def _outcome(link: Link, why: list[str]) -> tuple[str, str]:
    rule, verdict = words(RULES, link.rule), words(VERDICTS, link.verdict)
    said, said_zh = finding_words(why), finding_words(why, zh=True)
    if link.rule == "review":
        on = link.decided_at.astimezone(ZoneInfo(SHANGHAI)).date() if link.decided_at else None
        who, who_zh = (f" ({link.decided_by}, {on})", f"（{link.decided_by}，{on}）") if on else ("", "")
        return f"{verdict.meaning}: {said}{who}", f"{verdict.meaning_zh}：{said_zh}{who_zh}"
    certain, certain_zh = _certain(link.probability), _certain_zh(link.probability)
    if link.verdict == "accepted":
        return f"{rule.meaning}, {certain}", f"{rule.meaning_zh}，{certain_zh}"
    reason, reason_zh = (f": {said}", f"：{said_zh}") if why else ("", "")
    return (
        f"{verdict.meaning}{reason}. By the evidence alone {certain}",
        f"{verdict.meaning_zh}{reason_zh}。仅凭证据{certain_zh}",
    )


def _show_values(found: Explanation) -> None:
    if not found.records:
        return
    _head("Which record each value is from", "各项数值来自哪条记录")
    meanings = {c.name: c for t in ("residents", "houses", "vehicles") for c in TABLES[t].columns}
    origins: dict[str, list[str]] = {}
    for record in found.records:
        for column in record.surviving_columns:
            origins.setdefault(column, []).append(str(record.number))
    if not origins:
        _say("  No value beyond its key is known.", "  除标识外无其他数值。")
    for column, numbers in sorted(origins.items()):
        value = f" = {found.values.get(column)}" if found.values is not None else ""
        zh = meanings[column].meaning_zh if column in meanings else column
        out.print(f"  {column} [dim]{zh}[/]: #{', '.join(numbers)}{escape(value)}", highlight=False, soft_wrap=True)
    if found.values is None:
        _say("  The values themselves are shown with --values.", "  如需显示数值，请加 --values。")


def _show_pairs(pairs: list[Link]) -> None:
    if not pairs:
        return
    _head("Looked at, and not joined", "比对后未合并")
    for link in pairs[:_MOST]:
        record = link.left or link.right
        _show_link(f"record {record} and a record of {link.other_id}", f"第 {record} 条与 {link.other_id} 的记录", link)


def _show_life(found: Explanation) -> None:
    _head("The life of the id", "编号的历史")
    for e in found.life:
        event = words(EVENTS, e.event)
        other = f" ({e.other_id})" if e.other_id else ""
        _say(
            f"  {e.on}  {e.entity_id} {event.meaning}{other}: {e.cause}",
            f"              {event.meaning_zh}{other}：{cause_zh(e.cause)}",
        )
