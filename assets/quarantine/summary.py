"""What is told besides the rows: the figures of the delivery, each reason with its remedy, and how to send it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from assets.quarantine.account import SetAside
from assets.quarantine.words import Clerk
from expectations.contracts.reasons import REASONS
from expectations.contracts.returned import REASON

Style = Literal["title", "section", "plain", "count"]


@dataclass(frozen=True)
class Line:
    """One line of the account: Chinese, English, and a figure where there is one."""

    style: Style
    zh: str
    en: str = ""
    figure: str = ""


def account(returned: SetAside, clerk: Clerk, *, exact: bool, on: date) -> list[Line]:
    """The account of one return. ``exact``: the cells are those of the file."""
    delivery, company = returned.delivery, clerk.company
    files = returned.ledger.files
    contact = " ".join(filter(None, (company.contact.name, company.contact.phone, company.contact.email)))
    lines = [
        Line("title", "退回记录说明", "Rows returned for correction"),
        Line("plain", f"公司：{company.name}", f"Company: {company.company}"),
        Line("plain", f"收件人：{contact or '（未登记）'}", f"To: {contact or '(nobody registered)'}"),
        Line(
            "plain",
            f"数据：{clerk.dataset.meaning_zh}，{delivery.delivered_on} 报送，批次 {delivery.delivery_id}",
            f"Data: {clerk.dataset.meaning}, delivered on {delivery.delivered_on}, delivery {delivery.delivery_id}",
        ),
        Line("plain", f"退回日期：{on}", f"Returned on: {on}"),
        Line("section", "行数", "Rows"),
    ]
    figures = (
        ("读取", "read", "rows_read"),
        ("已接收", "accepted", "accepted"),
        ("退回", "returned", "quarantined"),
        ("重复（不计）", "repeats, counted once", "duplicate"),
        ("空行和合计行", "blank rows and totals", "skipped"),
    )
    lines += [Line("count", zh, en, f"{sum(getattr(f, name) for f in files):,}") for zh, en, name in figures]
    lines.append(Line("section", "退回原因（一行可有多个原因）", "Reasons (a row may have several)"))
    lines += _told(returned.reasons, clerk)
    if returned.ledger.warnings:
        lines.append(Line("section", "已接收但请核对（不必退回）", "Let in, but please check (need not be sent again)"))
        lines += _told(dict(sorted(returned.ledger.warnings.items(), key=lambda w: (-w[1], w[0]))), clerk)
    if returned.ledger.alarms:
        lines.append(Line("section", "整份文件的问题", "Of a whole file"))
        lines += [Line("plain", "", alarm) for alarm in returned.ledger.alarms]
    return [*lines, *_what_to_do(returned, exact=exact)]


def _told(counts: Mapping[str, int], clerk: Clerk) -> list[Line]:
    lines = []
    for key, rows in counts.items():
        code, _, column = key.partition(":")
        reason = REASONS.get(code)
        english = f"{column}: {reason.meaning}; {reason.remedy}" if reason else key
        chinese = f"{clerk.problem(key)}。{reason.remedy_zh}" if reason else clerk.problem(key)
        lines.append(Line("count", chinese, english, f"{rows:,}"))
    return lines


def _what_to_do(returned: SetAside, *, exact: bool) -> list[Line]:
    feed = returned.delivery.feed
    lines = [
        Line("section", "如何更正", "What to do"),
        Line(
            "plain",
            f"1. 按“{REASON}”逐行更正有颜色的单元格；最好同时在本公司系统中更正，否则下次导出还会出现同样的问题。",
            f"1. Correct the coloured cells, row by row, as {REASON} says; best in your own system too, or the next "
            "export brings the same mistakes.",
        ),
        Line(
            "plain",
            "2. 不必删除“退回”开头的列，读取时会自动跳过；更正不了的行可以保留或删除。",
            "2. The columns that begin with 退回 may stay, they are passed over; so may rows that cannot be corrected.",
        ),
        Line(
            "plain",
            f"3. 保存后放回报送目录。文件名中的“退回_{feed}_{returned.delivery.delivery_id}”请勿改动：凭它把更正的行"
            "加到原来那一批，不会替换整份名单。",
            f"3. Save and drop it into your folder again. Leave 退回_{feed}_{returned.delivery.delivery_id} in the "
            "file's name: by it the rows are added to their delivery and do not replace the whole list.",
        ),
        Line(
            "plain",
            "4. 单元格前的撇号（'）用于防止被当作公式，读取时自动去掉。",
            "4. An apostrophe (') before a cell keeps it from being run as a formula; it is taken off again.",
        ),
    ]
    never = "、".join(d.header for d in returned.delivery.dropped_sensitive)
    if never:
        lines.append(
            Line(
                "plain",
                f"以下列不予接收，也不退回：{never}。请不要再报送。",
                f"Never taken in, and not returned: {never}. Please leave them out of the export.",
            )
        )
    if not exact:
        lines.append(
            Line(
                "plain",
                "原文件已不在报送目录或已改动：未登记的列没有保留，在此为空。",
                "The file is no longer in the drop folder as it was: columns nobody declared were not kept and are "
                "empty here.",
            )
        )
    return lines
