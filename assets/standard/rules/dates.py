"""Dates: many spellings, one day; and the days that stand for none."""

from __future__ import annotations

from assets.standard.rules.part import Context, Judgement, Layer, Part
from assets.standard.sql import matches, normal, one_of
from expectations.contracts.model import Field
from resources.duck import quote

_YMD = r"^([0-9]{4}|[0-9]{2})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?$"
_CLOCK = r"[ T][0-9]{1,2}:[0-9]{2}.*$"
_NO_END = ("长期", "长期有效", "永久", "永久有效", "无固定期限")


def _date_layers(ctx: Context) -> tuple[Layer, ...]:
    """From ``key`` (text) to ``day`` (DATE or NULL): 1990-01-02, 1990/1/2, 1990.1.2, 1990年1月2日, 19900102, 90-1-2
    (a two-digit year after the delivery's is of the last century), days since 1899-12-30; with or without a clock."""
    year = f"""CASE WHEN length(ymd.y) = 4 THEN CAST(ymd.y AS INTEGER)
        WHEN CAST(ymd.y AS INTEGER) > {ctx.delivered_on.year % 100} THEN 1900 + CAST(ymd.y AS INTEGER)
        ELSE 2000 + CAST(ymd.y AS INTEGER) END"""
    return (
        {"spelled": normal("key")},
        {"spelled": f"regexp_replace(spelled, {quote(_CLOCK)}, '', 'g')"},
        {"ymd": f"regexp_extract(spelled, {quote(_YMD)}, ['y', 'm', 'd'])"},
        {
            "day": f"""CASE WHEN ymd.y <> '' THEN
                    TRY_CAST(({year}) || '-' || ymd.m || '-' || ymd.d AS DATE)
                WHEN {matches("spelled", "^[0-9]{8}$")} THEN
                    TRY_CAST(left(spelled, 4) || '-' || substr(spelled, 5, 2) || '-' || right(spelled, 2) AS DATE)
                WHEN {matches("spelled", "^[0-9]{5}([.][0-9]+)?$")} THEN
                    DATE '1899-12-30' + CAST(left(spelled, 5) AS INTEGER) END"""
        },
    )


def _date_part(field: Field, ctx: Context, no_end: str, placeholder: str) -> Part:
    """``no_end`` and ``placeholder`` are conditions over ``spelled`` and ``day``."""
    name = field.name
    empty, lost = f"{name}__placeholder", f"{name}__unreadable"
    return Part(
        layers=(
            *_date_layers(ctx),
            {"no_end": f"coalesce({no_end}, false)", empty: f"coalesce({placeholder}, false)"},
            {lost: f"spelled IS NOT NULL AND day IS NULL AND NOT no_end AND NOT {empty}"},
            {name: f"CASE WHEN NOT no_end AND NOT {empty} THEN day END"},
        ),
        judgements=(Judgement("date_placeholder", name, empty), Judgement("date_unreadable", name, lost)),
        reads=name,
        key=f"raw_{name}",
        gives={name: "DATE", empty: "BOOLEAN", lost: "BOOLEAN"},
    )


def date(field: Field, ctx: Context) -> Part:
    """The ends of a period. "For ever" (长期, 9999-12-31) is NULL as an end, and says nothing as a beginning."""
    forever = f"{one_of('spelled', _NO_END)} OR day = DATE '9999-12-31'"
    if field.name == "valid_to":
        return _date_part(field, ctx, forever, "day = DATE '1900-01-01'")
    return _date_part(field, ctx, "false", f"{forever} OR day = DATE '1900-01-01'")


def birth_date(field: Field, ctx: Context) -> Part:
    """A birth: after 1900-01-01 and not after the delivery."""
    impossible = f"day <= DATE '1900-01-01' OR day > DATE '{ctx.delivered_on}' OR {one_of('spelled', _NO_END)}"
    return _date_part(field, ctx, "false", impossible)
