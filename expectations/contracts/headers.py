"""How a header of an export is compared with the well-known names of a field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from expectations.contracts.model import Dataset

_NOT_COMPARED = re.compile(r"[\s*()（）【】\u200b\ufeff]")
_VALUE = re.compile(r"\d{7}|[\u4e00-\u9fff][A-Z]·?[A-Z0-9]{5}")
_ORDINAL = frozenset({"序号", "no", "no.", "行号", "序", "#", "id序号", "rownum", "index"})


def fold_header(header: str) -> str:
    """The form in which headers are compared: NFKC, lower case, without white space and ``*()（）【】``.

    >>> fold_header("*证件号码（必填）"), fold_header("ＩＤ Card")
    ('证件号码必填', 'idcard')
    """
    return _NOT_COMPARED.sub("", unicodedata.normalize("NFKC", header)).lower()


def is_ordinal(header: str) -> bool:
    """Whether a header only counts the rows (序号, No., 行号): neither taken nor reported.

    >>> is_ordinal(" 序 号 "), is_ordinal("编号")
    (True, False)
    """
    return fold_header(header) in _ORDINAL


def told_header(header: str) -> str:
    """A header as it may be told in messages and reports: one that holds a long number or a plate is a value that
    slipped into the header row.

    >>> told_header("车辆备注2"), told_header("13812345678"), told_header("皖A12345")
    ('车辆备注2', '(a value, not shown)', '(a value, not shown)')
    """
    return "(a value, not shown)" if _VALUE.search(unicodedata.normalize("NFKC", header)) else header


def built_in_aliases(dataset: Dataset) -> dict[str, str]:
    """Folded well-known header -> field name."""
    return {fold_header(h): f.name for f in dataset.fields for h in f.headers}


def own_aliases(headers: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Folded header -> field name, for the aliases a feed adds (``Feed.headers``)."""
    return {fold_header(h): field for field, names in headers.items() for h in names}
