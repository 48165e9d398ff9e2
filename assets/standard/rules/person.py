"""Names and phones."""

from __future__ import annotations

from assets.standard.rules.part import Context, Judgement, Part
from assets.standard.rules.private_use import KNOWN
from assets.standard.sql import folded, matches, normal
from expectations.contracts.model import Field
from resources.duck import quote

AREA_CODE = "0551"
"""The city's own area code, for numbers written without one."""

_HAN = r"\p{Han}"
_PLAIN_NAME = r"^[\x{4E00}-\x{9FFF}]+$"
_DOTTED = r"(\p{Han})[•・‧．.･](\p{Han})"
_LOST = r"[?□\x{FFFD}\x{E000}-\x{F8FF}\x{F0000}-\x{10FFFD}]"
_BLANKS = r"\s+"
_FILLERS = r"[-\s()]"
_MOBILE = "^1[3-9][0-9]{9}$"
_DIALLED = r"^(?:\+86|0086|86)(1[3-9][0-9]{9}|0[0-9]{9,11})$"


def name(fields: tuple[Field, ...], ctx: Context) -> list[Part]:
    """A name: width folded, no spaces within Han names, one dot between Han characters.

    Private-use characters that GB 18030 knows become what they stand for. Masked (``*``) and damaged names (stand-ins,
    other private-use characters) are kept as partial evidence. A name of common Han characters only is in normal form
    already; each other distinct name is read once.
    """
    return [part for f in fields for part in _name_parts(f.name)]


def _name_parts(column: str) -> tuple[Part, Part]:
    raw, odd_name, masked, damaged = f"raw_{column}", f"{column}__odd", f"{column}__masked", f"{column}__damaged"
    plain = matches(raw, _PLAIN_NAME)
    unspaced = f"CASE WHEN {matches('spelled', _HAN)} THEN replace(spelled, ' ', '') ELSE spelled END"

    def dotted(x: str) -> str:
        return f"regexp_replace({x}, {quote(_DOTTED)}, '\\1·\\2', 'g')"

    odd = Part(
        layers=(
            {"known": f"translate(key, {quote(''.join(KNOWN))}, {quote(''.join(KNOWN.values()))})"},
            {"spelled": normal("known")},
            # twice: a single character between two dots belongs to both
            {odd_name: dotted(dotted(unspaced))},
            {masked: f"contains({odd_name}, '*')", damaged: matches(odd_name, _LOST)},
        ),
        judgements=(Judgement("value_masked", column, masked), Judgement("name_damaged", column, damaged)),
        reads=column,
        key=f"CASE WHEN NOT {plain} THEN {raw} END",
        gives={odd_name: "VARCHAR", masked: "BOOLEAN", damaged: "BOOLEAN"},
    )
    every = Part(
        layers=(
            {
                column: f"CASE WHEN {plain} THEN {raw} ELSE {odd_name} END",
                f"{column}_is_partial": f"coalesce({masked} OR {damaged}, false)",
            },
        ),
    )
    return odd, every


def _read_phone(x: str) -> str:
    """SQL from one number as written to one as kept; a masked number as it is, NULL for what is none."""
    bare = f"regexp_replace({x}, {quote(_FILLERS)}, '', 'g')"
    local = f"regexp_replace({bare}, {quote(_DIALLED)}, '\\1', 'g')"
    return f"""CASE WHEN {matches(local, f"{_MOBILE}|^0[0-9]{{9,11}}$")} THEN {local}
        WHEN {matches(local, "^[1-9][0-9]{6,7}$")} THEN '{AREA_CODE}' || {local}
        WHEN contains({local}, '*') THEN {local} END"""


def phone(fields: tuple[Field, ...], ctx: Context) -> list[Part]:
    """All valid numbers of a cell, in order: mobiles, landlines without the hyphen, local numbers with the area code.

    Numbers are parted by ``, 、 ; /`` and, where the whole is no number, by white space. Most cells are one bare
    mobile number and take none of the long way, which is walked once for each other distinct text.
    """
    return [part for f in fields for part in _phone_parts(f.name)]


def _phone_parts(column: str) -> tuple[Part, Part]:
    raw, listed, masked, invalid = f"raw_{column}", f"{column}__listed", f"{column}__masked", f"{column}__invalid"
    plain = matches(raw, _MOBILE)
    words = f"regexp_split_to_array(trim(x), {quote(_BLANKS)})"
    parted = f"list_transform(cells, lambda x: CASE WHEN {_read_phone('x')} IS NULL THEN {words} ELSE [x] END)"
    odd = Part(
        layers=(
            {"cells": f"regexp_split_to_array(trim({folded('key')}), '[,、;/]')"},
            {"cells": f"flatten({parted})"},
            {"cells": f"list_filter(cells, lambda x: regexp_replace(x, {quote(_FILLERS)}, '', 'g') <> '')"},
            {"numbers": f"list_transform(cells, lambda x: {_read_phone('x')})"},
            {
                listed: "list_filter(numbers, lambda x: NOT contains(x, '*'))",
                masked: "list_filter(numbers, lambda x: contains(x, '*'))[1]",
                invalid: "len(list_filter(numbers, lambda x: x IS NULL)) > 0",
            },
        ),
        judgements=(
            Judgement("value_masked", column, f"{masked} IS NOT NULL"),
            Judgement("phone_invalid", column, invalid),
        ),
        reads=column,
        key=f"CASE WHEN NOT {plain} THEN {raw} END",
        gives={listed: "VARCHAR[]", masked: "VARCHAR", invalid: "BOOLEAN"},
    )
    every = Part(
        layers=(
            {
                f"{column}s": f"CASE WHEN {plain} THEN [{raw}] ELSE coalesce({listed}, CAST([] AS VARCHAR[])) END",
                column: f"CASE WHEN {plain} THEN {raw} ELSE {listed}[1] END",
                f"{column}_weak": masked,
            },
        ),
    )
    return odd, every
