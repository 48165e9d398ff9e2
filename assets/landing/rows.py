"""What kind of row a row is: a record, a footer, blank or malformed."""

from __future__ import annotations

import re

from resources.duck import quote

WHITE_SPACE = " \t\r\n\v\f\u00a0\u3000\ufeff\u200b"
"""What is trimmed off a cell: Python's and Excel's blanks, the ideographic space, marks of no width."""

# Read by Python and by RE2 alike. Totals and signatures, at the end of a table and after each group of it.
FOOTER = (
    r"^[\s（(【*]*("
    r"([本此]页|本栋|本楼|全部)?[合总小累共]\s*计([:：\s\d（()）】户人房面车条金数]|$)|.{0,20}小计\s*[:：]?$"
    r"|(制表|填表|打印|导出|审核|复核|核对|制单|统计|经办)(员|者|单位|部门|时间|日期|人|\s)*([:：]|$)"
    r"|(制表|填表|打印|导出|审核|复核|制单)(人|时间|日期|单位)"
    r"|[备附]?注\s*[:：]|说明\s*[:：]|以下空白|第\s*\d+\s*页|共\s*[\d,，]+\s*[条户人辆页行项]"
    r"|(?i:(sub|grand)?[ -]?total)\b"
    r")"
)
"""Matches the first cell that is not blank of a row that is no record."""

_FOOTER = re.compile(FOOTER)


def kind_of_odd_row(text: str, delimiter: str) -> str:
    """The kind of a delimited row that has not as many cells as the header: footer, blank or malformed.

    >>> kind_of_odd_row("合计,1322", ","), kind_of_odd_row(",,", ","), kind_of_odd_row("张三,3-2-50", ",")
    ('footer', 'blank', 'malformed')
    """
    for cell in text.split(delimiter, 64):
        value = cell.strip(WHITE_SPACE + '"')
        if value:
            # a total may hold the delimiter itself: 共 1,322 户
            return "footer" if _FOOTER.match(value) or _FOOTER.match(text) else "malformed"
    return "blank"


def trimmed(text: str) -> str:
    """SQL: a text without white space around it, null if nothing is left.

    Trimming a set of characters is DuckDB's slowest string function by far, and nearly no cell needs it: a cell that
    begins in ASCII or CJK text and ends in no white space is passed through, seven times as fast.
    """
    starts_clean = f"({text} >= '!' AND {text} < chr(127) OR {text} >= chr(12289) AND {text} < chr(65279))"
    ends_blank = " OR ".join(f"ends_with({text}, {quote(c)})" for c in WHITE_SPACE)
    trim = f"nullif(trim({text}, {quote(WHITE_SPACE)}), '')"
    return f"CASE WHEN {starts_clean} AND NOT ({ends_blank}) THEN {text} ELSE {trim} END"
