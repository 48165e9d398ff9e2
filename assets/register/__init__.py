"""The register: one row per real house, resident and vehicle, with ids that last, and the links between them.

:func:`build_register` runs the stages in order; each of them also runs by itself, given what the ones before it left
below ``merge.work``.
"""

from assets.register.build import STAGES, build_register
from assets.register.houses import build_houses
from assets.register.inputs import read_inputs
from assets.register.ledger import RETIRED, current_id, former_ids, update_ledger
from assets.register.links import build_links
from assets.register.places import build_communities
from assets.register.report import Churn, RegisterReport, id_events, measure_churn
from assets.register.residents import build_residents
from assets.register.sources import build_sources
from assets.register.stage import RegisterError
from assets.register.vehicles import build_vehicles

__all__ = [
    "RETIRED",
    "STAGES",
    "Churn",
    "RegisterError",
    "RegisterReport",
    "build_communities",
    "build_houses",
    "build_links",
    "build_register",
    "build_residents",
    "build_sources",
    "build_vehicles",
    "current_id",
    "former_ids",
    "id_events",
    "measure_churn",
    "read_inputs",
    "update_ledger",
]
