"""Landing: any file of any company becomes text with its provenance, each delivery alone."""

from assets.landing.delivery import Delivery, FileReport, current_deliveries, deliveries, delivery_folder, read_delivery
from assets.landing.errors import LandingError
from assets.landing.load import land_company
from assets.landing.plan import PlannedDelivery, Unclaimed, find_deliveries, unclaimed_files

__all__ = [
    "Delivery",
    "FileReport",
    "LandingError",
    "PlannedDelivery",
    "Unclaimed",
    "current_deliveries",
    "deliveries",
    "delivery_folder",
    "find_deliveries",
    "land_company",
    "read_delivery",
    "unclaimed_files",
]
