"""What the fields of a record say together, once each has been read."""

from __future__ import annotations

from collections.abc import Callable

from assets.standard.rules.part import Context, Judgement, Part


def residents(ctx: Context) -> Part:
    """A valid ID number knows sex and birth better than the columns do; who has neither number nor name is nobody."""
    return Part(
        layers=(
            {
                "birth__conflict": "coalesce(birth_date <> id_number__birth, false)",
                "sex__compared": "sex IN ('male', 'female') AND id_number__sex IS NOT NULL",
                "sex__conflict": "coalesce(sex IN ('male', 'female') AND sex <> id_number__sex, false)",
            },
            {"birth_date": "coalesce(id_number__birth, birth_date)", "sex": "coalesce(id_number__sex, sex)"},
        ),
        judgements=(
            Judgement("no_identity", "name", "name IS NULL AND id_number IS NULL"),
            Judgement("name_missing", "name", "name IS NULL AND id_number IS NOT NULL"),
            Judgement("birth_conflict", "birth_date", "birth__conflict"),
            Judgement("sex_conflict", "sex", "sex__conflict"),
        ),
    )


def houses(ctx: Context) -> Part:
    """A floor that was not sent is the room number without its last two digits."""
    from_room = "CASE WHEN regexp_matches(room, '^[0-9]{3,4}$') THEN CAST(left(room, length(room) - 2) AS INTEGER) END"
    return Part(layers=({"floor": f"coalesce(floor, CASE WHEN raw_floor IS NULL THEN {from_room} END)"},))


def vehicles(ctx: Context) -> Part:
    """The plate's form tells class and energy; of the standard form, only the colour tells small from large."""
    electric = "CASE WHEN regexp_matches(plate, '[A-E]') THEN 'electric' ELSE 'other_new_energy' END"
    letters = {"new_energy_small": "substr(plate, 3, 1)", "new_energy_large": "right(plate, 1)"}
    energy = " ".join(
        f"WHEN plate__form = '{form}' THEN {electric.replace('plate', letter, 1)}" for form, letter in letters.items()
    )
    return Part(
        layers=(
            {
                "energy": f"""CASE {energy} WHEN plate__form = 'temporary' THEN NULL
                    WHEN plate__form = 'e_bike' THEN 'electric'
                    WHEN plate__form IS NOT NULL THEN 'conventional' END""",
                "plate_class": """coalesce(plate_class, CASE WHEN plate__form <> 'standard' THEN plate__form
                    WHEN plate_colour = 'blue' THEN 'small' WHEN plate_colour = 'yellow' THEN 'large' END)""",
            },
        )
    )


def access_events(ctx: Context) -> Part:
    """Who passed, where the export doesn't say or says it in an unknown word: what the row holds tells."""
    person = "coalesce(name, id_number, phone, card_number) IS NOT NULL"
    vehicle = "plate IS NOT NULL OR coalesce(plate__invalid, false)"
    return Part(
        layers=(
            {
                "subject_kind": f"""coalesce(subject_kind, CASE WHEN {vehicle} THEN 'vehicle'
                    WHEN {person} THEN 'resident' ELSE 'unknown' END)"""
            },
        )
    )


RECORD_RULES: dict[str, Callable[[Context], Part]] = {
    f.__name__: f for f in (residents, houses, vehicles, access_events)
}
"""By dataset."""
