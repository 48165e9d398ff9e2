"""Number plates (GA 36-2018)."""

from __future__ import annotations

from assets.standard.rules.part import Context, Judgement, Part
from assets.standard.sql import folded, matches
from expectations.contracts.model import Field
from resources.duck import quote

_P = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_L = "[A-HJ-Z]"
_N = "[A-HJ-NP-Z0-9]"

FORMS: dict[str, str] = {
    "standard": f"{_P}{_L}{_N}{{5}}",
    "new_energy_small": f"{_P}{_L}[A-HJK]{_N}[0-9]{{4}}",
    "new_energy_large": f"{_P}{_L}[0-9]{{5}}[A-HJK]",
    "trailer": f"{_P}{_L}{_N}{{4}}挂",
    "training": f"{_P}{_L}{_N}{{4}}学",
    "police": f"{_P}{_L}[A-D0-9][0-9]{{3}}警",
    "hk_entry": f"粤Z{_N}{{4}}港",
    "macao_entry": f"粤Z{_N}{{4}}澳",
    "embassy": "[0-9]{6}使",
    "consulate": f"{_P}{_L}[0-9]{{4}}领",
    "armed_police": f"WJ{_P}?[0-9]{{4}}[0-9TDSHBXJ]",
    "military": "[VKHBSLJNGCE][A-DJ-PR-TVY][0-9]{5}",
    "temporary": "[^临]{0,8}临[^临]{0,8}",
    "e_bike": r"[^\P{Han}无未不临车牌号]{2,4}[A-Z]{0,2}[0-9]{4,7}",
}
"""Form -> pattern. The names are plate classes, but for ``standard``: its class shows in the colour only. An e-bike's
number is local: the city's name before it."""

_ANY = "^(" + "|".join(FORMS.values()) + ")$"
_USUAL = "^(" + "|".join(FORMS[form] for form in ("standard", "new_energy_small", "new_energy_large")) + ")$"
_NO_PLATE = "^(0*|未识别|无牌|无牌车|无车牌|无号牌|无|未知)$"
_FILLERS = r"[\s·•・‧･.\-]"


def plate(field: Field, ctx: Context) -> Part:
    """A plate in one of the forms, without spaces and dots; the first of several in a cell.

    The letters O and I don't occur in a serial (from the third character on): there they are 0 and 1, with a
    warning. A missing or formless plate sets a vehicle aside; an event keeps its place without one.
    """
    column = field.name

    def bare(x: str) -> str:
        return f"regexp_replace({x}, '{_FILLERS}', '', 'g')"

    def corrected(x: str) -> str:
        return f"left({x}, 2) || translate(substr({x}, 3), 'OI', '01')"

    def formed(x: str) -> str:
        return f"CASE WHEN {matches(x, _ANY)} THEN {x} END"

    key_of_record = ctx.dataset.name == "vehicles"
    form_of = "CASE " + " ".join(f"WHEN {matches(column, f'^({p})$')} THEN '{f}'" for f, p in FORMS.items()) + " END"
    form, missing, invalid, fixed = (
        f"{column}__form",
        f"{column}__missing",
        f"{column}__invalid",
        f"{column}__corrected",
    )
    judgements = [
        Judgement("plate_invalid", column, f"coalesce({invalid}, false)", "quarantine" if key_of_record else "warning"),
        Judgement("plate_corrected", column, f"coalesce({fixed}, false)"),
    ]
    if key_of_record:
        judgements.append(Judgement("plate_missing", column, f"coalesce({missing}, true)"))
    return Part(
        layers=(
            # nearly all are written as they should be and take none of the long way
            {"odd": f"CASE WHEN NOT {matches('key', _USUAL)} THEN key END"},
            {"first": f"regexp_extract(upper({folded('odd')}), {quote('[^,、;/]+')})"},
            {"whole": bare("first"), "word": bare(f"regexp_extract(first, {quote(chr(92) + 'S+')})")},
            {
                missing: f"coalesce({matches('whole', _NO_PLATE)}, false)",
                "sent": f"CASE WHEN odd IS NULL THEN key ELSE coalesce({formed('whole')}, {formed('word')}) END",
            },
            {"mended": f"coalesce({formed(corrected('whole'))}, {formed(corrected('word'))})"},
            {column: f"CASE WHEN NOT {missing} THEN coalesce(sent, mended) END"},
            {
                invalid: f"{column} IS NULL AND NOT {missing}",
                fixed: f"{column} IS NOT NULL AND sent IS NULL",
                form: form_of,
            },
        ),
        judgements=tuple(judgements),
        reads=column,
        key=f"raw_{column}",
        gives={column: "VARCHAR", form: "VARCHAR", missing: "BOOLEAN", invalid: "BOOLEAN", fixed: "BOOLEAN"},
    )
