"""One rule for each kind of field, and one for each dataset's records."""

from __future__ import annotations

from assets.standard.rules import dates, house, identity, person, plain, plate, times
from assets.standard.rules.part import Context, Judgement, Layer, Part, Rule, Spellings, each
from assets.standard.rules.records import RECORD_RULES

RULES: dict[str, Rule] = {
    "text": each(plain.text),
    "code_text": each(plain.code_text),
    "code": each(plain.code),
    "integer": each(plain.integer),
    "area": each(plain.area),
    "real_estate_number": each(plain.real_estate_number),
    "vin": each(plain.vin),
    "community": plain.community,
    "house": house.house,
    "name": person.name,
    "phone": person.phone,
    "id_number": each(identity.id_number),
    "plate": each(plate.plate),
    "date": each(dates.date),
    "birth_date": each(dates.birth_date),
    "timestamp": each(times.timestamp),
    "event_time": each(times.event_time),
}
"""Kind of field -> rule."""


def field_parts(ctx: Context) -> list[Part]:
    """The parts of a dataset's fields, kind by kind."""
    kinds = dict.fromkeys(f.kind for f in ctx.dataset.fields)
    return [p for kind in kinds for p in RULES[kind](tuple(f for f in ctx.dataset.fields if f.kind == kind), ctx)]


def record_part(ctx: Context) -> Part:
    """What a dataset's records say over and above their fields."""
    return RECORD_RULES[ctx.dataset.name](ctx)


__all__ = ["RULES", "Context", "Judgement", "Layer", "Part", "Spellings", "field_parts", "record_part"]
