"""Times: many spellings, one moment on the clocks of Shanghai; and the moments a clock cannot have meant."""

from __future__ import annotations

from collections.abc import Callable

from assets.standard.rules.part import Context, Judgement, Layer, Part
from assets.standard.sql import SHANGHAI, folded, matches
from expectations.contracts.model import Field
from resources.duck import quote

CLOCK_RESET_BEFORE = "2010-01-01"
"""No access-control system of today was in use before: an earlier time is a clock that lost its battery."""

_OFFSET = r" ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_STAMP = r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} +[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?$"
_DAY = r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"
_COMPACT_DAY = "^(19|20)[0-9]{6}$"

Zoned = Callable[[str], str]
"""SQL from a clock reading of the feed's zone to one of Shanghai's."""


def timestamp(field: Field, ctx: Context) -> Part:
    """When the sender changed a record: local time of Shanghai; a bare day means its beginning."""
    name, raw = field.name, f"raw_{field.name}"
    return Part(
        layers=(*_auto_layers(raw, name, _zoned(SHANGHAI), bare_day=True, counter=False),),
        judgements=(Judgement("date_unreadable", name, f"{raw} IS NOT NULL AND {name} IS NULL"),),
    )


def event_time(field: Field, ctx: Context) -> Part:
    """When somebody passed: the key of an event, so a time that can't be is set aside.

    A bare day is no time of passing. ``event_date`` is the day in Shanghai.
    """
    name, raw, local, time = field.name, f"raw_{field.name}", f"{field.name}__local", ctx.feed.time
    zoned = _zoned(time.zone)
    layers = (
        _auto_layers(raw, local, zoned, bare_day=False, counter=True)
        if time.format == "auto"
        else ({local: _by_pattern(raw, time.format, zoned)},)
    )
    return Part(
        layers=(*layers, {name: _moment(local), "event_date": f"CAST({local} AS DATE)"}),
        judgements=(
            Judgement("time_unreadable", name, f"{local} IS NULL"),
            Judgement("time_clock_reset", name, f"{local} < TIMESTAMP '{CLOCK_RESET_BEFORE}'"),
            Judgement("time_in_future", name, f"{local} >= DATE '{ctx.delivered_on}' + 2"),
        ),
    )


def _zoned(zone: str) -> Zoned:
    """China has kept +08:00 all year since 1991, so Shanghai's own readings need no zone tables."""
    if zone == SHANGHAI:
        return lambda x: x
    return lambda x: f"timezone('{SHANGHAI}', timezone({quote(zone)}, {x}))"


def _moment(local: str) -> str:
    """From a reading of Shanghai's clocks to the moment, a twentieth of the time that zone tables take. They differ
    before 1992 only, in times that no access-control system can have sent."""
    return f"make_timestamptz(epoch_us({local}) - {8 * 3600 * 1_000_000})"


def _by_pattern(raw: str, pattern: str, zoned: Zoned) -> str:
    parsed = f"try_strptime({folded(raw)}, {quote(pattern)})"
    if "%z" in pattern.lower():
        return f"timezone('{SHANGHAI}', CAST({parsed} AS TIMESTAMPTZ))"
    return zoned(parsed)


def _auto_layers(raw: str, name: str, zoned: Zoned, *, bare_day: bool, counter: bool) -> tuple[Layer, ...]:
    """From ``raw`` (text) to ``name``: a TIMESTAMP on the clocks of Shanghai, or NULL.

    The two usual forms, 2026-11-20 08:15:00 and the same with T and +08:00, are cast as they are; the rest, NULL for
    those, is taken apart. ``bare_day`` and ``counter`` (digits short of the ten of seconds or the thirteen of
    milliseconds, which a clock counts from its reset) say whether such values are times.
    """
    usual, text, offset, stamp, kind = (f"{name}__{x}" for x in ("usual", "text", "offset", "stamp", "kind"))
    wide = f"strlen({text}) <> length({text})"
    chinese = f"regexp_replace(translate({folded(text)}, '/T年月', '- --'), '日 ?', ' ', 'g')"
    since_1970 = "epoch_ms({0} * CAST({1} AS BIGINT)) + INTERVAL 8 HOUR"
    readings = {
        "stamp": f"""CASE WHEN {offset} IS NULL THEN {zoned(f"TRY_CAST({stamp} AS TIMESTAMP)")}
            ELSE TRY_CAST({stamp} AS TIMESTAMP) + (480 - {offset}) * INTERVAL 1 MINUTE END""",
        "compact": zoned(f"try_strptime({stamp}, '%Y%m%d%H%M%S')"),
        "seconds": since_1970.format(1000, stamp),
        "millis": since_1970.format(1, stamp),
    }
    if counter:
        readings["counter"] = readings["millis"]
    if bare_day:
        readings["day"] = f"TRY_CAST({stamp} AS TIMESTAMP)"
    read = " ".join(f"WHEN {quote(k)} THEN {x}" for k, x in readings.items())
    return (
        {
            usual: f"""CASE WHEN length({raw}) = 19 AND substr({raw}, 17, 1) = ':' THEN
                    {zoned(f"TRY_CAST({raw} AS TIMESTAMP)")}
                WHEN length({raw}) = 25 AND substr({raw}, 17, 1) = ':' AND right({raw}, 6) = '+08:00' THEN
                    TRY_CAST(left({raw}, 19) AS TIMESTAMP) END"""
        },
        {text: f"CASE WHEN {usual} IS NULL THEN {raw} END"},
        {text: f"CASE WHEN {wide} THEN trim({chinese}) ELSE translate({text}, '/T', '- ') END"},
        {offset: _offset_minutes(text)},
        {stamp: f"CASE WHEN {offset} IS NULL THEN {text} ELSE regexp_replace({text}, '{_OFFSET}', '', 'g') END"},
        {
            kind: f"""CASE WHEN {matches(stamp, _COMPACT_DAY)} THEN NULL
                WHEN {matches(stamp, "^[0-9]{2,14}$")} THEN CASE length({stamp})
                    WHEN 10 THEN 'seconds' WHEN 13 THEN 'millis' WHEN 14 THEN 'compact' ELSE 'counter' END
                WHEN {matches(stamp, _STAMP)} THEN 'stamp' WHEN {matches(stamp, _DAY)} THEN 'day' END"""
        },
        {name: f"coalesce({usual}, CASE {kind} {read} END)"},
    )


def _offset_minutes(text: str) -> str:
    """SQL: minutes east of Greenwich as written at the end of a time; NULL when nothing is."""
    hours = f"CAST(regexp_extract({text}, '[+-]([0-9]{{2}}):?[0-9]{{0,2}}$', 1) AS INTEGER)"
    minutes = f"coalesce(TRY_CAST(regexp_extract({text}, '[+-][0-9]{{2}}:?([0-9]{{2}})$', 1) AS INTEGER), 0)"
    west = matches(text, "-[0-9]{2}:?[0-9]{0,2}$")
    return f"""CASE WHEN right({text}, 1) = 'Z' THEN 0
        WHEN length({text}) > 16 AND {matches(text, ":[0-9.]+" + _OFFSET)} THEN
            CASE WHEN {west} THEN -1 ELSE 1 END * (60 * {hours} + {minutes}) END"""
