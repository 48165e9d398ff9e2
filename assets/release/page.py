"""The validation page of a release: every check on one page of HTML that opens anywhere, without network or scripts.

It holds what the table ``checks`` holds (counts, rules, references), so no value of a record is on it. It lies beside
the release as ``validation.html``; of a release that was refused, in ``releases/failed``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from assets.merge import Merge
from assets.release.candidate import Candidate
from expectations.checks import CheckResult
from resources.files import write_text

PAGE = "validation.html"
_STYLE = Path(__file__).with_name("validation.css")


def refused_page(candidate: Candidate) -> Path:
    """Where the page of a candidate that was refused is kept."""
    return candidate.final.parent / "failed" / f"{candidate.release_id}.html"


def write_page(candidate: Candidate, merge: Merge, results: Sequence[CheckResult]) -> None:
    """Write the page of a candidate beside its databases."""
    follows = merge.previous.name if merge.previous else "nothing: the first release"
    about = f"made {candidate.created_at:%Y-%m-%d %H:%M} UTC · business day {merge.as_of} · follows {follows}"
    write_text(candidate.folder / PAGE, validation_page(candidate.release_id, about, results))


def validation_page(title: str, about: str, results: Sequence[CheckResult]) -> str:
    """The whole page: a verdict, what failed first, then every check by table and by company."""
    broken = [r for r in results if not r.passed]
    broken.sort(key=lambda r: (r.severity, r.table, r.check, r.company or ""))  # "error" before "warning"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Validation of {escape(title)}</title><style>{_STYLE.read_text(encoding='utf-8')}</style></head>",
        f'<body><main><h1>Validation · {escape(title)}</h1><p class="about">{escape(about)}</p>',
        *_summary(results),
        *(["<h2>What does not hold · 未通过的检查</h2>", *map(_finding, broken)] if broken else []),
        "<h2>By table · 按数据表</h2>",
        _groups(results, lambda r: r.table),
        "<h2>By company · 按公司</h2>",
        _groups([r for r in results if r.company], lambda r: r.company or ""),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _tone(results: Iterable[CheckResult]) -> str:
    broken = [r for r in results if not r.passed]
    return "bad" if any(r.stops for r in broken) else "warn" if broken else "good"


def _summary(results: Sequence[CheckResult]) -> Iterator[str]:
    stops, warns = sum(r.stops for r in results), sum(not r.passed and not r.stops for r in results)
    verdict = {
        "good": "Every check holds · 全部通过",
        "warn": f"Released, with warnings: {warns} · 已发布，有 {warns} 项提醒",
        "bad": f"Not released, failed checks: {stops} · 未发布：{stops} 项检查未通过",
    }[_tone(results)]
    yield f'<p class="verdict {_tone(results)}">{verdict}</p><div class="tiles">'
    tiles = {
        "checks": len(results),
        "failed (errors)": stops,
        "warnings": warns,
        "tables and datasets": len({r.table for r in results}),
        "companies": len({r.company for r in results if r.company}),
    }
    for label, n in tiles.items():
        tone = {"failed (errors)": "bad", "warnings": "warn"}.get(label, "") if n else ""
        yield f'<div class="tile"><b class="{tone}">{n:,}</b><span>{label}</span></div>'
    yield "</div>"


def _finding(r: CheckResult) -> str:
    whose = f" · {escape(r.company)}" if r.company else ""
    told = {
        "found": r.observed,
        "expected": r.expected,
        "columns": ", ".join(r.columns),
        "rows": ", ".join(r.examples),
        "what to do": r.remedy or "",
        "说明": r.message_zh or "",
    }
    listed = "".join(f"<dt>{label}</dt><dd>{escape(text)}</dd>" for label, text in told.items() if text)
    name = f"<code>{escape(r.table)}.{escape(r.check)}</code>{whose}"
    return f'<section class="finding {r.severity}"><h3>{_chip([r])} {name}</h3><dl>{listed}</dl></section>'


def _chip(results: Sequence[CheckResult]) -> str:
    tone = _tone(results)
    broken = sum(not r.passed for r in results)
    words = {"good": "holds", "warn": "warning", "bad": "error"}[tone]
    return f'<span class="chip {tone}">{f"{broken} × " if broken > 1 else ""}{words}</span>'


def _groups(results: Sequence[CheckResult], group_of: Callable[[CheckResult], str]) -> str:
    """One line for each table or company, its checks folded away; what is broken comes first."""
    groups: dict[str, list[CheckResult]] = {}
    for r in results:
        groups.setdefault(group_of(r), []).append(r)
    order = {"bad": 0, "warn": 1, "good": 2}
    lines = "".join(
        f"<details><summary><code>{escape(name)}</code>{_chip(held)}<span>{len(held)} checks</span></summary>"
        f"{_checks(held)}</details>"
        for name, held in sorted(groups.items(), key=lambda g: (order[_tone(g[1])], g[0]))
    )
    return f'<div class="groups">{lines}</div>'


def _checks(results: Sequence[CheckResult]) -> str:
    several = len({r.table for r in results}) > 1
    rows = "".join(
        f"<tr><td>{_chip([r])}</td><td><code>{escape(f'{r.table}.' if several else '')}{escape(r.check)}</code>"
        f"{f' <span class=soft>{escape(r.company)}</span>' if r.company else ''}</td>"
        f'<td>{escape(r.observed)}</td><td class="soft">{escape(r.expected)}</td></tr>'
        for r in sorted(results, key=lambda r: (r.passed, r.severity, r.table, r.check, r.company or ""))
    )
    return f"<table><tr><th></th><th>check</th><th>found</th><th>expected</th></tr>{rows}</table>"
