"""The standard layer: one contract per dataset drives how records are read, judged and counted."""

from __future__ import annotations

from assets.standard.ledger import FileLedger, Ledger, LedgerImbalance, read_ledger
from assets.standard.standardise import (
    ACCEPTED,
    DUPLICATE,
    QUARANTINED,
    SKIPPED,
    judged,
    standard_folder,
    standardise,
)

__all__ = [
    "ACCEPTED",
    "DUPLICATE",
    "QUARANTINED",
    "SKIPPED",
    "FileLedger",
    "Ledger",
    "LedgerImbalance",
    "judged",
    "read_ledger",
    "standard_folder",
    "standardise",
]
