"""Identity documents: GB 11643-1999 numbers in SQL arithmetic, and what is left of damaged ones."""

from __future__ import annotations

from assets.standard.rules.part import Context, Judgement, Layer, Part
from assets.standard.sql import folded, matches, one_of, weighted_sum
from expectations.contracts.model import Field

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
ROUNDED_SHARE = 0.2
"""Above this share of 18-character numbers ending in 000, a file's ID column went through a spreadsheet number."""

_WHOLE = "^[1-9][0-9]{16}[0-9X]$"
"""A number of 18 characters as it should be written."""
_OTHER_DOCUMENTS = ("passport", "taiwan_pass", "hk_macao_pass", "driving_licence", "other")
_PRC_PASSPORT = r"^(E\d{8}|E[A-HJ-NP-Z]\d{7}|G\d{8}|[DSP]E?\d{7,8})$"
_SCIENTIFIC = r"^\d([.]\d+)?E[+]?\d{1,2}$"


def cleaned(x: str) -> str:
    """An ID number as compared: NFKC, upper case, no spaces, hyphens or leading apostrophe."""
    return f"CASE WHEN {matches(x, _WHOLE)} THEN {x} ELSE {_bare(x)} END"


def _bare(x: str) -> str:
    fillers = "' -''’‘' || chr(9)"
    return f"nullif(upper(translate({folded(x)}, {fillers}, '')), '')"


def id_number(field: Field, ctx: Context) -> Part:
    """The number of a document, its type, and whether its check character holds.

    Resident IDs (18; 15 turned into 18, never verified), residence permits and cards share one scheme; a passport or
    a pass is taken in its loose form. What fails is emptied and, where something is left of it, kept as weak
    evidence. Gives ``<prefix>id_verified``, ``<prefix>id_weak``, ``<field>__birth`` and ``<field>__sex`` too.
    """
    name = field.name
    prefix = name.removesuffix("id_number")
    has_type = any(f.name == "id_type" for f in ctx.dataset.fields)
    id_type = "id_type" if has_type else "CAST(NULL AS VARCHAR)"
    text, body, number, born = (f"{name}__{x}" for x in ("text", "body", "number", "born"))
    plain, day, dated, right, kind = (f"{name}__{x}" for x in ("plain", "day", "dated", "right", "kind"))
    rounded = one_of("file", ctx.rounded_files.get(name, ()))
    check = f"substr('{CHECK_CHARACTERS}', ({weighted_sum(number, WEIGHTS)}) % 11 + 1, 1)"
    layers: tuple[Layer, ...] = (
        {plain: matches(f"raw_{name}", _WHOLE)},
        {text: f"CASE WHEN {plain} THEN raw_{name} ELSE {_bare(f'raw_{name}')} END"},
        {
            # the first seventeen characters of the 18-character form
            body: f"""CASE WHEN {plain} THEN left({text}, 17)
                WHEN length({text}) = 18 AND {matches(text, _WHOLE)} THEN left({text}, 17)
                WHEN length({text}) = 15 AND {matches(text, "^[1-9][0-9]{14}$")}
                THEN left({text}, 6) || '19' || substr({text}, 7) END"""
        },
        {number: f"CAST({body} AS BIGINT)"},
        {day: f"{number} // 1000 % 100000000"},
        {
            # a quarter of the time of casting text; the 31st of a short month comes out in the next
            born: f"""CASE WHEN {day} // 100 % 100 BETWEEN 1 AND 12 AND {day} % 100 BETWEEN 1 AND 31
                THEN make_date({day} // 10000, {day} // 100 % 100, 1) + CAST({day} % 100 - 1 AS INTEGER) END"""
        },
        {born: f"CASE WHEN month({born}) = {day} // 100 % 100 THEN {born} END"},
        {
            dated: f"coalesce({born} BETWEEN DATE '1900-01-01' AND DATE '{ctx.delivered_on}', false)",
            right: f"coalesce({check} = substr({text}, 18, 1), false)",
        },
        {
            kind: f"""CASE WHEN {text} IS NULL THEN NULL
                WHEN contains({text}, '*') THEN 'masked'
                WHEN {body} IS NULL AND {matches(text, _SCIENTIFIC)} THEN 'scientific'
                WHEN {body} IS NOT NULL AND right({text}, 3) = '000' AND length({text}) = 18
                    AND (NOT {dated} OR NOT {right} OR {rounded}) THEN 'rounded'
                WHEN {dated} AND {right} THEN 'verified'
                WHEN {dated} AND length({text}) = 15 THEN 'short'
                WHEN {one_of(id_type, _OTHER_DOCUMENTS)} AND {matches(text, "^[A-Z0-9]{5,17}$")} THEN 'document'
                WHEN NOT coalesce({one_of(id_type, _OTHER_DOCUMENTS)}, false)
                    AND {matches(text, "^[A-Z]{3}[0-9]{12}$")} THEN 'old_card'
                WHEN {id_type} IS NULL AND {matches(text, _PRC_PASSPORT)} THEN 'passport'
                ELSE 'invalid' END"""
        },
        {
            name: f"""CASE WHEN {kind} IN ('verified', 'document', 'old_card', 'passport') THEN {text}
                WHEN {kind} = 'short' THEN {body} || {check} END""",
            f"{prefix}id_verified": f"coalesce({kind} = 'verified', false)",
            f"{prefix}id_weak": f"""CASE WHEN {kind} IN ('masked', 'invalid') THEN {text}
                WHEN {kind} = 'rounded' THEN left({text}, 15) END""",
            f"{name}__birth": f"CASE WHEN {kind} IN ('verified', 'short') THEN {born} END",
            f"{name}__sex": f"""CASE WHEN {kind} IN ('verified', 'short') THEN
                CASE WHEN {number} % 2 = 1 THEN 'male' ELSE 'female' END END""",
        },
    )
    if has_type:
        layers = (*layers, {"id_type": _type_by_form(kind, text)})
    return Part(
        layers=layers,
        judgements=(
            Judgement("value_masked", name, f"{kind} = 'masked'"),
            Judgement("id_damaged", name, f"{kind} IN ('scientific', 'rounded')"),
            Judgement("id_invalid", name, f"{kind} = 'invalid'"),
        ),
    )


def _type_by_form(kind: str, text: str) -> str:
    """The type of document: what was sent, unless the number's form says otherwise or nothing was sent."""
    resident = one_of("coalesce(id_type, 'other')", _OTHER_DOCUMENTS)
    return f"""CASE WHEN {kind} IN ('verified', 'short') AND {resident} THEN
            CASE WHEN left({text}, 1) = '9' THEN 'permanent_residence_card' ELSE 'resident_id' END
        WHEN {kind} = 'old_card' AND id_type IS NULL THEN 'permanent_residence_card'
        WHEN {kind} = 'passport' THEN 'passport'
        ELSE id_type END"""
