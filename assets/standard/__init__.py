"""The standard layer: one contract per dataset drives how records are read, judged and counted."""

from __future__ import annotations

from assets.standard.ledger import FileLedger, Ledger, LedgerImbalance, UnknownCommunity, read_ledger
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
    "UnknownCommunity",
    "judged",
    "read_ledger",
    "standard_folder",
    "standardise",
]
