"""Dates and times: many spellings, one value; and the values that stand for none."""

from __future__ import annotations

from assets.standard.rules.part import Context, Judgement, Layer, Part
from assets.standard.sql import SHANGHAI, folded, matches, normal, one_of
from expectations.contracts.model import Field
from resources.duck import quote

_YMD = r"^([0-9]{4}|[0-9]{2})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?$"
_CLOCK = r"[ T][0-9]{1,2}:[0-9]{2}.*$"
_NO_END = ("长期", "长期有效", "永久", "永久有效", "无固定期限")
_OFFSET = r" ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_STAMP = r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} +[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?$"
_COMPACT_DAY = "^(19|20)[0-9]{6}$"
_DAY = r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"
CLOCK_RESET_BEFORE = "2010-01-01"
"""No access-control system of today was in use before: an earlier time is a clock that lost its battery."""


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


def _local_layers(name: str, pattern: str, zone: str) -> tuple[Layer, ...]:
    """From ``raw_<name>`` (text) to ``<name>__local``: a TIMESTAMP on the clocks of Shanghai, or NULL.

    China has kept +08:00 all year since 1991, so adding eight hours is the conversion for every time that is
    accepted; other zones go through the zone tables.
    """
    raw, spelled, local = f"raw_{name}", f"{name}__spelled", f"{name}__local"
    here = "{0}" if zone == SHANGHAI else f"timezone('{SHANGHAI}', timezone({quote(zone)}, {{0}}))"
    if pattern != "auto":
        parsed = f"try_strptime({folded(raw)}, {quote(pattern)})"
        if "%z" in pattern.lower():
            return ({local: f"timezone('{SHANGHAI}', CAST({parsed} AS TIMESTAMPTZ))"},)
        return ({local: here.format(parsed)},)
    wide = f"strlen({raw}) <> length({raw})"
    chinese = f"regexp_replace(translate(nfkc({raw}), '/T年月', '- --'), '日 ?', ' ', 'g')"
    offset, stamp, kind = f"{name}__offset", f"{name}__stamp", f"{name}__kind"
    sign_and_minutes = f"""CASE WHEN right({spelled}, 6) = '+08:00' THEN 480
        WHEN right({spelled}, 1) = 'Z' THEN 0
        WHEN length({spelled}) > 19 AND {matches(spelled, ":[0-9.]+" + _OFFSET)} THEN
            (CASE WHEN {matches(spelled, "-[0-9]{2}:?[0-9]{0,2}$")} THEN -1 ELSE 1 END)
            * (60 * CAST(regexp_extract({spelled}, '[+-]([0-9]{{2}}):?[0-9]{{0,2}}$', 1) AS INTEGER)
               + coalesce(TRY_CAST(regexp_extract({spelled}, '[+-][0-9]{{2}}:?([0-9]{{2}})$', 1) AS INTEGER), 0)) END"""
    return (
        {spelled: f"CASE WHEN {wide} THEN trim({chinese}) ELSE translate({raw}, '/T', '- ') END"},
        {offset: sign_and_minutes},
        {stamp: f"CASE WHEN {offset} IS NULL THEN {spelled} ELSE regexp_replace({spelled}, '{_OFFSET}', '', 'g') END"},
        {
            # digits short of the ten of seconds or the thirteen of milliseconds: a counter since a clock was reset
            kind: f"""CASE WHEN {matches(stamp, _COMPACT_DAY)} THEN NULL
                WHEN {matches(stamp, "^[0-9]{2,14}$")} THEN CASE length({stamp})
                    WHEN 10 THEN 'seconds' WHEN 13 THEN 'millis' WHEN 14 THEN 'compact' ELSE 'counter' END
                WHEN {matches(stamp, _STAMP)} THEN 'stamp' WHEN {matches(stamp, _DAY)} THEN 'day' END"""
        },
        {
            local: f"""CASE {kind}
                WHEN 'stamp' THEN CASE WHEN {offset} IS NULL THEN {here.format(f"TRY_CAST({stamp} AS TIMESTAMP)")}
                    ELSE TRY_CAST({stamp} AS TIMESTAMP) + (480 - {offset}) * INTERVAL 1 MINUTE END
                WHEN 'compact' THEN {here.format(f"try_strptime({stamp}, '%Y%m%d%H%M%S')")}
                WHEN 'seconds' THEN epoch_ms(1000 * CAST({stamp} AS BIGINT)) + INTERVAL 8 HOUR
                WHEN 'millis' THEN epoch_ms(CAST({stamp} AS BIGINT)) + INTERVAL 8 HOUR
                WHEN 'counter' THEN epoch_ms(CAST({stamp} AS BIGINT)) + INTERVAL 8 HOUR
                WHEN 'day' THEN TRY_CAST({stamp} AS TIMESTAMP) END"""
        },
    )


def timestamp(field: Field, ctx: Context) -> Part:
    """When the sender changed a record: local time of Shanghai; a bare day means its beginning."""
    name = field.name
    return Part(
        layers=(
            *_local_layers(name, "auto", SHANGHAI),
            {name: f"CASE WHEN {name}__kind <> 'counter' THEN {name}__local END"},
        ),
        judgements=(Judgement("date_unreadable", name, f"raw_{name} IS NOT NULL AND {name} IS NULL"),),
    )


def event_time(field: Field, ctx: Context) -> Part:
    """When somebody passed: the key of an event, so a time that can't be is set aside.

    A bare day is no time of passing. ``event_date`` is the day in Shanghai.
    """
    name, local = field.name, f"{field.name}__local"
    layers = list(_local_layers(name, ctx.feed.time.format, ctx.feed.time.zone))
    if ctx.feed.time.format == "auto":
        layers.append({local: f"CASE WHEN {name}__kind <> 'day' THEN {local} END"})
    layers.append({name: f"timezone('{SHANGHAI}', {local})", "event_date": f"CAST({local} AS DATE)"})
    end = f"DATE '{ctx.delivered_on}' + 2"
    return Part(
        layers=tuple(layers),
        judgements=(
            Judgement("time_unreadable", name, f"{local} IS NULL"),
            Judgement("time_clock_reset", name, f"{local} < TIMESTAMP '{CLOCK_RESET_BEFORE}'"),
            Judgement("time_in_future", name, f"{local} >= {end}"),
        ),
    )
