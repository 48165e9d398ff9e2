"""Review: the pairs that the evidence leaves open, side by side, and what people decide about them."""

from assets.review.decide import Decided, decide, undo
from assets.review.pairs import SHOWN, Pair, ReviewError, Side, find_pair, queue
from assets.review.sheet import Imported, export_sheet, import_sheet

__all__ = [
    "SHOWN",
    "Decided",
    "Imported",
    "Pair",
    "ReviewError",
    "Side",
    "decide",
    "export_sheet",
    "find_pair",
    "import_sheet",
    "queue",
    "undo",
]
