"""How a column looks in an open table: one SQL expression per mask, ``{column}`` is the value."""

from __future__ import annotations

from expectations.contracts.model import Column

MASKS: dict[str, str] = {
    # the first character and one star: 张三 and 张三丰 look the same
    "name": "left({column}, 1) || '*'",
    # a mobile keeps three and four digits; a landline only its last two
    "phone": "CASE WHEN length({column}) = 11 AND left({column}, 1) = '1'"
    " THEN left({column}, 3) || '****' || right({column}, 4) ELSE '****' || right({column}, 2) END",
    "plate": "left({column}, 2) || '***' || right({column}, 2)",
    "birth_year": "CAST(year({column}) AS INTEGER)",
}

MASKED_FORMS: dict[str, str] = {
    "name": r"^.\*$",
    "phone": r"^(1[0-9]{2}\*{4}[0-9]{4}|\*{4}[0-9]{0,2})$",
    "plate": r"^.{2}\*{3}.{1,2}$",
}
"""What a masked text must look like (RE2), so that an audit can prove that the mask was applied."""

_TYPES = {"birth_year": "INTEGER"}


def open_type(column: Column) -> str:
    """The DuckDB type of a column in the open database."""
    return _TYPES.get(column.mask or "", "VARCHAR") if column.mask else column.type


def open_value(column: Column) -> str:
    """The SQL expression that makes the open value from the full one."""
    value = f'"{column.name}"'
    return MASKS[column.mask].format(column=value) if column.mask else value
