"""The standard layer: one contract per dataset drives how records are read, judged and counted."""

from __future__ import annotations

from assets.standard.ledger import FileLedger, Ledger, LedgerImbalance, UnknownCommunity, read_ledger
from assets.standard.standardise import (
    DUPLICATE,
    QUARANTINED,
    SKIPPED,
    is_current,
    judged,
    standard_folder,
    standardise,
)
from assets.standard.validate import ACCEPTED, CHECKS, DeliveryChecks, read_delivery_checks

__all__ = [
    "ACCEPTED",
    "CHECKS",
    "DUPLICATE",
    "QUARANTINED",
    "SKIPPED",
    "DeliveryChecks",
    "FileLedger",
    "Ledger",
    "LedgerImbalance",
    "UnknownCommunity",
    "is_current",
    "judged",
    "read_delivery_checks",
    "read_ledger",
    "standard_folder",
    "standardise",
]
