"""The conservation ledger of a delivery: what was read is what was accepted, set aside, doubled or skipped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

LEDGER = "ledger.json"


class LedgerImbalance(RuntimeError):
    """Rows were lost or made up between reading and writing: a fault of this program, never of the sender."""


class FileLedger(BaseModel):
    """One file's rows."""

    model_config = ConfigDict(extra="forbid")

    file: str
    rows_read: int
    accepted: int
    quarantined: int
    duplicate: int
    skipped: int

    @property
    def balance(self) -> int:
        """Rows read that are nowhere; negative: rows from nowhere."""
        return self.rows_read - self.accepted - self.quarantined - self.duplicate - self.skipped


class UnknownCommunity(BaseModel):
    """Rows of a file set aside because nobody declared their community; see ``assets/standard/communities.py``."""

    model_config = ConfigDict(extra="forbid")

    file: str
    name: str | None
    rows: int
    closest: list[str]
    why: str | None


class Ledger(BaseModel):
    """One delivery's rows, per file, and how often each reason (set aside) and warning (let in) was given.

    ``alarms`` say in words what is wrong with a whole file; ``communities`` which names are in no feed file.
    """

    model_config = ConfigDict(extra="forbid")

    delivery_id: str
    company: str
    feed: str
    dataset: str
    delivered_on: date
    standard_version: str
    landing_fingerprint: str
    files: list[FileLedger]
    reasons: dict[str, int]
    warnings: dict[str, int]
    alarms: list[str]
    communities: list[UnknownCommunity] = []

    def check(self) -> None:
        """Raise :class:`LedgerImbalance` naming every file that does not add up."""
        wrong = [f for f in self.files if f.balance]
        if wrong:
            said = "; ".join(
                f"{f.file}: {f.rows_read} read, {f.accepted} accepted, {f.quarantined} quarantined, "
                f"{f.duplicate} duplicate, {f.skipped} skipped"
                for f in wrong
            )
            raise LedgerImbalance(
                f"{self.company}/{self.delivery_id}: rows do not add up in {said}; nothing was written, "
                "load the delivery again and report this"
            )


def read_ledger(path: Path) -> Ledger:
    """A ledger, from its file or its delivery's folder. Raises FileNotFoundError, or pydantic's ValidationError."""
    file = path / LEDGER if path.is_dir() else path
    return Ledger.model_validate_json(file.read_text(encoding="utf-8"))
