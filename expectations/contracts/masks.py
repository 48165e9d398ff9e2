"""How a direct identifier looks in an open table: one SQL expression per mask, ``{column}`` is the value."""

from __future__ import annotations

MASKS: dict[str, str] = {
    # the first character and one star: 张三 and 张三丰 look the same
    "name": "left({column}, 1) || '*'",
    # a mobile keeps three and four digits; a landline only its last two
    "phone": "CASE WHEN length({column}) = 11 AND left({column}, 1) = '1'"
    " THEN left({column}, 3) || '****' || right({column}, 4) ELSE '****' || right({column}, 2) END",
    "plate": "left({column}, 2) || '***' || right({column}, 2)",
    "birth_year": "CAST(year({column}) AS INTEGER)",
}
