"""Every released table by name: DDL, masks, checks, the data dictionary and the docs follow from it.

``both`` tables are stored with full values in the restricted database and masked in the open one.
"""

from __future__ import annotations

from expectations.contracts.entities import (
    COMMUNITIES,
    HOUSES,
    INHABITANTS,
    OCCUPANCIES,
    RESIDENTS,
    VEHICLE_HOLDINGS,
    VEHICLES,
)
from expectations.contracts.model import Table
from expectations.contracts.operations import (
    ACCURACY,
    CHANGES,
    CHECKS,
    DATA_DICTIONARY,
    EVIDENCE,
    FORMER_IDS,
    ID_LEDGER,
    LOADS,
    QUARANTINE,
    QUARANTINE_SUMMARY,
    RELEASES,
    SOURCES,
)
from expectations.contracts.passes import ACCESS_EVENTS, ACCESS_HOURLY, COMMUNITY_PROFILE, COVERAGE, EVENTS_IDENTIFIED

_ALL = (
    COMMUNITIES,
    HOUSES,
    RESIDENTS,
    OCCUPANCIES,
    INHABITANTS,
    VEHICLES,
    VEHICLE_HOLDINGS,
    ACCESS_EVENTS,
    ACCESS_HOURLY,
    COMMUNITY_PROFILE,
    CHANGES,
    FORMER_IDS,
    LOADS,
    QUARANTINE_SUMMARY,
    COVERAGE,
    CHECKS,
    ACCURACY,
    RELEASES,
    DATA_DICTIONARY,
    SOURCES,
    EVIDENCE,
    QUARANTINE,
    ID_LEDGER,
    EVENTS_IDENTIFIED,
)
TABLES: dict[str, Table] = {t.name: t for t in _ALL}
"""Every released table by name, in the order people read them."""
