"""Kinds without inner structure: text, keys, codes, numbers, and the community a record belongs to."""

from __future__ import annotations

from assets.standard.rules.part import Context, Judgement, Part, Spellings
from assets.standard.sql import compact, folded, matches, normal, weighted_sum
from expectations.contracts.codes import CODE_LISTS
from expectations.contracts.model import Field

_VIN_LETTERS = ("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789")
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_REAL_ESTATE = r"^\d{12}[GJZ][A-Z]\d{5}[FLQW]\d{8}$"
_PUNCTUATION = r"[\s\p{P}\p{S}\x{200B}-\x{200D}\x{FEFF}]+"


def text(field: Field, ctx: Context) -> Part:
    """Text kept as sent, in normal form. Few distinct values (gates, brands)."""
    name = field.name
    return Part(layers=({name: normal("key")},), reads=name, key=f"raw_{name}", gives={name: "VARCHAR"})


def code_text(field: Field, ctx: Context) -> Part:
    """A key of the sender's own: many distinct values, compared as text, so only its width is folded."""
    raw = f"raw_{field.name}"
    wide = f"strlen({raw}) <> length({raw})"
    return Part(layers=({field.name: f"CASE WHEN {wide} THEN nullif(trim({folded(raw)}), '') ELSE {raw} END"},))


def code(field: Field, ctx: Context) -> Part:
    """A value of a code list: the feed's own map first, then the list; both compared without spaces and case."""
    assert field.code_list is not None
    known = tuple(ctx.feed.codes.get(field.name, {}).items()) + tuple(CODE_LISTS[field.code_list].lookup.items())
    spellings = Spellings(field.name, known, f"upper({compact('spelling')})")
    unknown = f"{field.name}__unknown"
    return Part(
        layers=(
            {"spelled": f"upper({compact('key')})"},
            {field.name: spellings.lookup("spelled")},
            {unknown: f"spelled IS NOT NULL AND {field.name} IS NULL"},
        ),
        judgements=(Judgement("code_unknown", field.name, unknown),),
        reads=field.name,
        key=f"raw_{field.name}",
        gives={field.name: "VARCHAR", unknown: "BOOLEAN"},
        spellings=(spellings,),
    )


def community(fields: tuple[Field, ...], ctx: Context) -> list[Part]:
    """The community by code, else by name or alias, compared without spaces and punctuation.

    Names that fold alike but mean two communities decide nothing.
    """

    def fold(x: str) -> str:
        return f"upper(regexp_replace({folded(x)}, '{_PUNCTUATION}', '', 'g'))"

    known = []
    for c in ctx.company.communities:
        known += [(name, c.community_id) for name in (c.name, *c.aliases, c.code) if name]
    spellings = Spellings("community", tuple(known), fold("spelling"), unique=True)
    parts = [
        Part(
            layers=({"spelled": fold("key")}, {f"{f.name}__id": spellings.lookup("spelled")}),
            reads=f.name,
            key=f"raw_{f.name}",
            gives={f"{f.name}__id": "VARCHAR"},
            spellings=(spellings,),
        )
        for f in fields
    ]
    joint = Part(
        layers=({"community_id": "coalesce(community_code__id, community__id)"},),
        judgements=(Judgement("community_unknown", "community", "community_id IS NULL"),),
    )
    return [*parts, joint]


def integer(field: Field, ctx: Context) -> Part:
    """A floor: a whole number from -5 to 120, with or without 层, 楼 or F."""
    name, raw = field.name, f"raw_{field.name}"
    number = f"TRY_CAST(regexp_replace(upper({compact(raw)}), '(层|楼|F)$', '', 'g') AS DOUBLE)"
    return Part(
        layers=(
            {f"{name}__number": number},
            {
                name: f"CASE WHEN {name}__number BETWEEN -5 AND 120 AND {name}__number = floor({name}__number) "
                f"THEN CAST({name}__number AS INTEGER) END"
            },
        ),
        judgements=(Judgement("number_invalid", name, f"{raw} IS NOT NULL AND {name} IS NULL"),),
    )


def area(field: Field, ctx: Context) -> Part:
    """Square metres, from 5 to 2000, with or without a unit (㎡ is m2 after NFKC) and thousands commas."""
    name, raw = field.name, f"raw_{field.name}"
    bare = f"replace(regexp_replace(upper({compact(raw)}), '(M2|平方米|平米|平)$', '', 'g'), ',', '')"
    return Part(
        layers=(
            {f"{name}__number": f"TRY_CAST({bare} AS DOUBLE)"},
            {name: f"CASE WHEN {name}__number BETWEEN 5 AND 2000 THEN {name}__number END"},
        ),
        judgements=(Judgement("number_invalid", name, f"{raw} IS NOT NULL AND {name} IS NULL"),),
    )


def real_estate_number(field: Field, ctx: Context) -> Part:
    """The real-estate unit number: 28 characters, often written in groups."""
    name, raw = field.name, f"raw_{field.name}"
    spelled = f"{name}__spelled"
    return Part(
        layers=(
            {spelled: f"upper({compact(raw)})"},
            {name: f"CASE WHEN {matches(spelled, _REAL_ESTATE)} THEN {spelled} END"},
        ),
        judgements=(Judgement("number_invalid", name, f"{raw} IS NOT NULL AND {name} IS NULL"),),
    )


def vin(field: Field, ctx: Context) -> Part:
    """The vehicle identification number: kept in any case; a wrong form or check digit (position 9) is a warning."""
    name = field.name
    digits = f"translate({name}, '{_VIN_LETTERS[0]}', '{_VIN_LETTERS[1]}')"
    form = matches(name, "^[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{8}$")
    # the check digit itself weighs nothing, but may be X: 0 in its place keeps the number a number
    number = f"TRY_CAST(left({digits}, 8) || '0' || substr({digits}, 10) AS BIGINT)"
    check = f"substr('0123456789X', ({weighted_sum(f'{name}__number', _VIN_WEIGHTS)}) % 11 + 1, 1)"
    return Part(
        layers=(
            {name: f"upper({compact(f'raw_{name}')})"},
            {f"{name}__number": f"CASE WHEN {form} THEN {number} END"},
            {f"{name}__right": f"coalesce({check} = substr({name}, 9, 1), false)"},
        ),
        judgements=(Judgement("vin_check", name, f"{name} IS NOT NULL AND NOT {name}__right"),),
    )
