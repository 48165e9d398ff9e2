"""What a person wants to read after a night: what came in, what the register holds, what failed and what to do.

Read from what lies in the data folder, so it says the same however the night was run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assets.communities import Unknown, unknown_communities
from assets.landing import unclaimed_files
from assets.merge import current_release, in_effect
from assets.standard import read_ledger, standard_folder
from assets.status import company_statuses
from expectations.feeds import Company, load_companies
from resources.duck import connect, identifier, quote
from resources.settings import Settings

OUTCOMES = ("rows_read", "accepted", "quarantined", "duplicate", "skipped")
_SIZES = ("communities", "houses", "residents", "occupancies", "vehicles", "vehicle_holdings", "access_events")


@dataclass(frozen=True)
class CompanyFigures:
    """Rows of a company's deliveries in effect. ``state`` is that of :mod:`assets.status`; ``files`` counts files."""

    company: str
    name: str
    state: str
    files: int = 0
    rows_read: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicate: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class Problem:
    """Something a person should act on; the messages name file and remedy."""

    company: str | None
    what: str
    message: str
    message_zh: str | None = None


@dataclass(frozen=True)
class Summary:
    """The night in figures. ``register``: rows per table; ``id_events``: entity type → change → ids, of the current
    release; ``checks``: passed, warnings and errors; ``release`` is None before the first one."""

    companies: tuple[CompanyFigures, ...]
    problems: tuple[Problem, ...]
    release: str | None = None
    folder: Path | None = None
    register: dict[str, int] = field(default_factory=dict)
    id_events: dict[str, dict[str, int]] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)

    def of(self, company: str) -> Summary:
        """The part that concerns one company."""
        return Summary(
            tuple(c for c in self.companies if c.company == company),
            tuple(p for p in self.problems if p.company == company),
        )

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return asdict(self) | {"folder": str(self.folder) if self.folder else None}


def summary(settings: Settings) -> Summary:
    """The state of the data folder now."""
    companies, _ = load_companies(settings.feeds)
    statuses = company_statuses(settings)
    figures = [
        _figures(settings, companies[s.company], s.state)
        if s.company in companies
        else CompanyFigures(s.company, s.name, s.state)
        for s in statuses
    ]
    problems = [Problem(s.company, "feed file", s.error) for s in statuses if s.error]
    problems += [Problem(s.company, d.dataset, d.message or d.status, d.message_zh) for s in statuses for d in s.broken]
    problems += [
        Problem(u.company, "file of no feed", u.message, u.message_zh) for u in unclaimed_files(settings, companies)
    ]
    problems += _unknown(settings)
    problems += [
        Problem(s.company, "silent", f"{s.company}: nothing was ever delivered; ask {s.name} for the exports")
        for s in statuses
        if s.state == "silent"
    ]
    problems += [
        Problem(
            s.company,
            "late",
            f"{s.company}: the newest good delivery is {s.age_hours:.0f} h old, {s.fresh_within_hours} h are allowed",
        )
        for s in statuses
        if s.is_late and s.age_hours is not None
    ]
    problems += [Problem(s.company, "clock", s.clock_trouble) for s in statuses if s.clock_trouble]
    return _with_release(settings, figures, problems)


def _unknown(settings: Settings) -> list[Problem]:
    """One problem for each company that names communities nobody declared, its most frequent name told."""
    by_company: dict[str, list[Unknown]] = {}
    for unknown in unknown_communities(settings):
        if unknown.name is not None:
            by_company.setdefault(unknown.company, []).append(unknown)
    told = []
    for company, (first, *rest) in sorted(by_company.items()):
        more, more_zh = "", ""
        if rest:
            rows = sum(u.rows for u in rest)
            names = "1 more name" if len(rest) == 1 else f"{len(rest)} more names"
            more = f"; {names}, {rows:,} rows: community-register review communities"
            more_zh = f"；另有 {len(rest)} 个名称、{rows:,} 行，详见 community-register review communities"
        told.append(Problem(company, "unknown community", first.message + more, first.message_zh + more_zh))
    return told


def _figures(settings: Settings, company: Company, state: str) -> CompanyFigures:
    files = []
    for feed in company.feeds:
        for delivery in in_effect(settings, company, feed):
            files += read_ledger(standard_folder(settings, company.company, delivery.delivery_id)).files
    sums = {outcome: sum(getattr(f, outcome) for f in files) for outcome in OUTCOMES}
    return CompanyFigures(company.company, company.name, state, len(files), **sums)


def _with_release(settings: Settings, figures: Sequence[CompanyFigures], problems: Sequence[Problem]) -> Summary:
    folder = current_release(settings)
    if folder is None:
        return Summary(tuple(figures), tuple(problems))
    with connect(settings) as con:
        con.execute(f"ATTACH {quote(folder / 'curated.duckdb')} AS release (READ_ONLY)")
        con.execute("USE release")
        sizes = {t: _one(con.execute(f"SELECT count(*) FROM {identifier(t)}").fetchone()) for t in _SIZES}
        events: dict[str, dict[str, int]] = {}
        for entity, change, n in con.execute(
            "SELECT entity_type, change, count(*) FROM changes GROUP BY ALL ORDER BY ALL"
        ).fetchall():
            events.setdefault(entity, {})[change] = n
        passed, warnings, errors = con.execute(
            """SELECT count(*) FILTER (passed), count(*) FILTER (NOT passed AND severity = 'warning'),
                count(*) FILTER (NOT passed AND severity = 'error') FROM checks"""
        ).fetchall()[0]
    checks = {"passed": passed, "warnings": warnings, "errors": errors}
    return Summary(tuple(figures), tuple(problems), folder.name, folder, sizes, events, checks)


def _one(row: tuple[Any, ...] | None) -> int:
    return int(row[0]) if row else 0
