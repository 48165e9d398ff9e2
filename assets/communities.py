"""Communities that companies name and no feed file declares, summed over what is in effect: for the operator."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from assets.merge import in_effect
from assets.standard import read_ledger, standard_folder
from expectations.feeds import load_companies
from resources.settings import Settings


@dataclass(frozen=True)
class Unknown:
    """A name that a company's rows bear. ``name`` is None for rows without one and those that are not told; ``closest``
    are the declared names it may stand for, ``why`` says it of the first."""

    company: str
    name: str | None
    rows: int
    closest: tuple[str, ...]
    why: str | None
    files: tuple[str, ...]

    @property
    def message(self) -> str:
        """What to do, in English."""
        rows = f"{self.rows:,} row{'s' if self.rows != 1 else ''} set aside"
        feed_file = f"config/feeds/{self.company}.yaml"
        if self.name is None:
            return f"{rows}: the community is empty, a code or a text that nothing declared resembles"
        if not self.closest:
            return f"{rows}: {self.name} is not declared; add the community to {feed_file}"
        others = f" (or {', '.join(self.closest[1:])})" if len(self.closest) > 1 else ""
        return (
            f"{rows}: {self.name} is not declared; {self.closest[0]} is close ({self.why}){others}. If it is meant, "
            f"add the name to its aliases in {feed_file} and load again"
        )

    @property
    def message_zh(self) -> str:
        """The same in Chinese, without spaces, at which a table would break it."""
        if self.name is None:
            return f"未采用{self.rows:,}行：小区为空、为编码，或与已登记小区均不相近"
        if not self.closest:
            return f"未采用{self.rows:,}行：小区“{self.name}”未登记，请在该公司的配置文件中登记"
        return (
            f"未采用{self.rows:,}行：小区“{self.name}”未登记，与“{'”、“'.join(self.closest)}”相近；"
            f"如确为同一小区，请在配置文件中该小区下添加别名后重新加载"
        )


def unknown_communities(settings: Settings) -> list[Unknown]:
    """The unknown names of every company's deliveries in effect, most rows first."""
    companies, _ = load_companies(settings.feeds)
    rows: dict[tuple[str, str | None], int] = defaultdict(int)
    files: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    close: dict[tuple[str, str | None], tuple[tuple[str, ...], str | None]] = {}
    for company in companies.values():
        for feed in company.feeds:
            for delivery in in_effect(settings, company, feed):
                for said in read_ledger(standard_folder(settings, company.company, delivery.delivery_id)).communities:
                    key = company.company, said.name
                    rows[key] += said.rows
                    files[key].add(said.file)
                    close[key] = tuple(said.closest), said.why
    found = [Unknown(*key, rows[key], *close[key], tuple(sorted(files[key]))) for key in rows]
    return sorted(found, key=lambda u: (-u.rows, u.company, u.name or ""))
