"""The register in one go: its stages in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from assets.register.accuracy import build_accuracy
from assets.register.evidence import build_evidence
from assets.register.houses import build_houses
from assets.register.inputs import read_inputs
from assets.register.ledger import update_ledger
from assets.register.links import build_links
from assets.register.places import build_communities
from assets.register.report import RegisterReport, id_events, measure_churn
from assets.register.residents import build_residents
from assets.register.sources import build_sources
from assets.register.stage import Connection, Counts
from assets.register.vehicles import build_vehicles
from expectations.contracts.tables import TABLES

if TYPE_CHECKING:
    from assets.merge import Merge

STAGES: dict[str, Callable[[Merge, Connection], Counts]] = {
    "inputs": read_inputs,
    "houses": build_houses,
    "residents": build_residents,
    "vehicles": build_vehicles,
    "links": build_links,
    "communities": build_communities,
    "sources": build_sources,
    "evidence": build_evidence,
    "ledger": update_ledger,
    "accuracy": build_accuracy,
}
"""The stages, in an order that satisfies their needs; each reads and writes below ``merge.work`` only."""


def build_register(merge: Merge, con: Connection) -> RegisterReport:
    """Build every register table but the events below ``merge.tables``, and the next night's state below
    ``merge.state``."""
    report = RegisterReport()
    for name, stage in STAGES.items():
        started = time.perf_counter()
        counts = stage(merge, con)
        report.seconds[name] = time.perf_counter() - started
        for what, number in counts.items():
            (report.tables if what in TABLES else report.counts)[what] = number
    report.id_events = id_events(merge, con)
    report.churn = measure_churn(merge, con)
    return report
