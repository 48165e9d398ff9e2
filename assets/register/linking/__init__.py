"""Linking residents: Chinese evidence for what exact keys leave open, scored by Splink, settled with care.

:func:`link_residents` is the nightly part; the module ``train`` makes the stored model.
"""

from assets.register.linking.link import CANDIDATES, HOT_KEYS, LODGERS, PAIRS, TOLD, UNITS, link_residents
from assets.register.linking.model import SHIPPED, LinkingModel, ModelError, read_model, write_model

__all__ = [
    "CANDIDATES",
    "HOT_KEYS",
    "LODGERS",
    "PAIRS",
    "SHIPPED",
    "TOLD",
    "UNITS",
    "LinkingModel",
    "ModelError",
    "link_residents",
    "read_model",
    "write_model",
]
