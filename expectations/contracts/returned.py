"""What a return carries besides the company's own columns, and how a corrected one is known when it comes back.

A return holds the rows of one delivery that were set aside, with the reasons beside them. Dropped back, it adds its
rows to that delivery and never replaces it: the mark in its file name says which delivery it corrects.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from expectations.contracts.headers import fold_header

REASON = "退回原因"
REMEDY = "退回更正办法"
ROW = "退回行号"
FILE = "退回文件"
SENT = "退回原文"
"""The text of a row that could not be cut into cells."""

RETURN_HEADERS = (REASON, REMEDY, ROW, FILE, SENT)
"""The columns of ours; landing passes over them without a word."""

SUMMARY = "退回说明"
"""The sheet, or the beginning of the file name, of what is told besides the rows; landing passes over it."""

_FOLDED = frozenset(map(fold_header, RETURN_HEADERS))
_MARK = re.compile(r"退回_([a-z0-9_]{1,60})_(d_[0-9a-f]{12})")


class Mark(NamedTuple):
    """Which delivery a return corrects, and the feed it came by."""

    feed: str
    delivery_id: str

    def __str__(self) -> str:
        return f"退回_{self.feed}_{self.delivery_id}"


def mark_in(name: str) -> Mark | None:
    """The mark in a file name, if it has one.

    >>> mark_in("住户_20261120_退回_residents_d_0123456789ab (2).xlsx")
    Mark(feed='residents', delivery_id='d_0123456789ab')
    """
    found = _MARK.search(unicodedata.normalize("NFC", name).lower())
    return Mark(*found.groups()) if found else None


def is_return_header(header: str) -> bool:
    """Whether a column is one that a return adds."""
    return fold_header(header) in _FOLDED
