"""Names and phones."""

from __future__ import annotations

from assets.standard.rules.part import Context, Judgement, Part
from assets.standard.sql import compact, folded, matches, normal
from expectations.contracts.model import Field
from resources.duck import quote

AREA_CODE = "0551"
"""The city's own area code, for numbers written without one."""

_DOTTED = r"(\p{Han})[•・‧．.·･](\p{Han})"
_LOST = r"[?□\x{FFFD}\x{E000}-\x{F8FF}\x{F0000}-\x{10FFFD}]"
_MOBILE = "^1[3-9][0-9]{9}$"
_DIALLED = r"^(?:\+86|0086|86)(1[3-9][0-9]{9}|0[0-9]{9,11})$"


def name(field: Field, ctx: Context) -> Part:
    """A name: width folded, no spaces within Han names, one dot between Han characters.

    Masked (``*``) and damaged names (stand-ins, private-use characters) are kept as partial evidence.
    """
    column = field.name
    han = matches("spelled", r"\p{Han}")

    def dotted(x: str) -> str:
        return f"regexp_replace({x}, {quote(_DOTTED)}, '\\1·\\2', 'g')"

    partial, masked, damaged = f"{column}_is_partial", f"{column}__masked", f"{column}__damaged"
    return Part(
        layers=(
            {"spelled": normal("key")},
            {"spelled": f"CASE WHEN {han} THEN replace(spelled, ' ', '') ELSE spelled END"},
            # twice: a single character between two dots belongs to both
            {column: dotted(dotted("spelled"))},
            {
                masked: f"coalesce(contains({column}, '*'), false)",
                damaged: f"coalesce({matches(column, _LOST)}, false)",
            },
            {partial: f"{masked} OR {damaged}"},
        ),
        judgements=(Judgement("value_masked", column, masked), Judgement("name_damaged", column, damaged)),
        key=f"raw_{column}",
        gives=(column, partial, masked, damaged),
    )


def phone(field: Field, ctx: Context) -> Part:
    """All valid numbers of a cell, in order: mobiles, landlines without the hyphen, local numbers with the area code.

    Numbers are parted by ``, 、 ; /`` and, where the whole is no number, by white space. Most cells are one bare
    mobile number, which takes none of the long way.
    """
    column, raw = field.name, f"raw_{field.name}"
    plain = matches(raw, _MOBILE)
    cells, numbers = f"{column}__cells", f"{column}__numbers"
    bare = "regexp_replace({0}, '[-\\s()]', '', 'g')"

    def read(x: str) -> str:
        local = f"regexp_replace({bare.format(x)}, '{_DIALLED}', '\\1', 'g')"
        return f"""CASE WHEN {matches(local, f"{_MOBILE}|^0[0-9]{{9,11}}$")} THEN {local}
            WHEN {matches(local, "^[1-9][0-9]{6,7}$")} THEN '{AREA_CODE}' || {local}
            WHEN contains({local}, '*') THEN {local} END"""

    split = f"regexp_split_to_array(trim({folded(raw)}), '[,、;/]')"
    words = f"regexp_split_to_array(trim(x), '{chr(92)}s+')"
    parted = f"list_transform({split}, lambda x: CASE WHEN {read('x')} IS NULL THEN {words} ELSE [x] END)"
    return Part(
        layers=(
            {
                cells: f"""CASE WHEN {plain} THEN NULL
                    ELSE list_filter(flatten({parted}), lambda x: {bare.format("x")} <> '') END"""
            },
            {
                numbers: f"""CASE WHEN {plain} THEN [{raw}]
                    ELSE list_transform({cells}, lambda x: {read("x")}) END"""
            },
            {
                f"{column}s": f"""CASE WHEN {raw} IS NULL THEN CAST([] AS VARCHAR[]) WHEN {cells} IS NULL THEN {numbers}
                    ELSE list_filter({numbers}, lambda x: x IS NOT NULL AND NOT contains(x, '*')) END"""
            },
            {
                column: f"{column}s[1]",
                f"{column}_weak": f"CASE WHEN {cells} IS NOT NULL THEN "
                f"list_filter({numbers}, lambda x: contains(x, '*'))[1] END",
                f"{column}__invalid": f"{cells} IS NOT NULL AND len(list_filter({numbers}, lambda x: x IS NULL)) > 0",
            },
        ),
        judgements=(
            Judgement("value_masked", column, f"{column}_weak IS NOT NULL"),
            Judgement("phone_invalid", column, f"{column}__invalid"),
        ),
    )
