"""The result of one check, whoever made it: an audit in SQL, a Great Expectations suite, a budget."""

from __future__ import annotations

from dataclasses import dataclass

from expectations.contracts.model import Severity

_SAID = 5
"""So many examples are in a message; all of them are in the table ``checks``."""


@dataclass(frozen=True)
class CheckResult:
    """One row of the ``checks`` table, and one Dagster asset check.

    A failed ``error`` stops the release; a failed ``warning`` does not. ``observed`` and ``expected`` hold counts,
    column names and rules, never a value of a record. ``examples`` name some of the rows that break it, by entity id or
    by file and row. ``columns`` are those that the check looks at. ``company`` is set where it concerns one company;
    ``remedy`` then says what to do, and ``message_zh`` says it all in the company's language.
    """

    check: str
    table: str
    passed: bool
    observed: str
    expected: str
    severity: Severity = "error"
    examples: tuple[str, ...] = ()
    company: str | None = None
    columns: tuple[str, ...] = ()
    remedy: str | None = None
    message_zh: str | None = None

    @property
    def stops(self) -> bool:
        """Whether a release with this result must not be let out."""
        return self.severity == "error" and not self.passed

    def __str__(self) -> str:
        whose = f" of {self.company}" if self.company else ""
        named = f" ({', '.join(self.examples[:_SAID])}{', …' if len(self.examples) > _SAID else ''})"
        found = self.observed + (named if self.examples else "")
        said = f"{self.table}.{self.check}{whose}: found {found}, expected {self.expected}"
        return f"{said}; {self.remedy}" if self.remedy else said
