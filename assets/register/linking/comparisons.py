"""What is compared of two units, in which levels, and what each level is worth before anything is learned.

A level is SQL over the columns of ``sql/units.sql`` with ``_l`` and ``_r``; the first that holds counts. ``m`` is the
share of true pairs that show it, ``u`` of chance pairs. The values here are what is believed beforehand: training
draws them towards what it counts, and levels that no labelled pair shows keep them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison."""

    name: str
    sql: str
    m: float
    u: float
    local: bool = False
    """Chance agreement falls as the register grows: a phone and a house belong to a handful whatever its size."""


@dataclass(frozen=True)
class Comparison:
    """The levels of one kind of evidence, from the strongest; ``null`` is when it says nothing."""

    name: str
    null: str
    levels: tuple[Level, ...]
    learns_m: bool = True
    """Whether ``m`` is counted in labelled pairs. Not where the way they are labelled decides the outcome."""
    learns_u: bool = True
    """Whether ``u`` is counted in chance pairs."""
    term_frequency: str | None = None
    """The column whose share among the units replaces the first level's ``u``."""


ELSE = "else"
"""The level when no other holds."""


def _either(sql: str) -> str:
    """A condition that is not symmetric, tried both ways."""
    turned = re.sub(r"_([lr])\b", lambda side: "_r" if side[1] == "l" else "_l", sql)
    return f"(({sql}) OR ({turned}))"


def _share(column: str) -> str:
    return f"list_has_any({column}_l, {column}_r)"


NAME = Comparison(
    "name",
    "name_l IS NULL OR name_r IS NULL",
    (
        Level("same", "whole_name_l = whole_name_r", 0.955, 2e-4),
        Level("sounds alike", "sound_l = sound_r", 0.006, 1.2e-3),
        Level("looks alike", "shape_l = shape_r", 0.003, 2e-4),
        Level("characters in another order", "characters_l = characters_r", 0.003, 2e-5),
        Level(
            "partial name fits, 2 characters known",
            _either("fits_l IS NOT NULL AND known_l >= 2 AND name_r LIKE fits_l AND fits_r IS NULL"),
            0.008,
            5e-5,
        ),
        Level(
            "partial name fits",
            _either("fits_l IS NOT NULL AND name_r LIKE fits_l AND fits_r IS NULL") + " OR name_l = name_r",
            0.012,
            4e-4,
        ),
        Level("one character differs", "length(name_l) > 2 AND list_has_any(near_l, near_r)", 0.006, 4e-3),
        Level("same surname", "surname_l = surname_r", 0.004, 0.035),
        Level(ELSE, "ELSE", 0.006, 0.96),
    ),
    term_frequency="whole_name",
)

_PARTS = (
    "(year(birth_date_l) = year(birth_date_r))::INT + (month(birth_date_l) = month(birth_date_r))::INT "
    "+ (day(birth_date_l) = day(birth_date_r))::INT = 2"
)

BIRTH_DATE = Comparison(
    "birth_date",
    "birth_date_l IS NULL OR birth_date_r IS NULL",
    (
        Level("same", "birth_date_l = birth_date_r", 0.965, 5e-5),
        Level(
            "day and month swapped",
            "year(birth_date_l) = year(birth_date_r) AND month(birth_date_l) = day(birth_date_r) "
            "AND day(birth_date_l) = month(birth_date_r)",
            0.004,
            2e-5,
        ),
        Level("one part differs", _PARTS, 0.015, 4e-3),
        Level("same year", "year(birth_date_l) = year(birth_date_r)", 0.004, 0.014),
        Level(ELSE, "ELSE", 0.012, 0.98),
    ),
    # with a valid ID number, birth date and sex are the number's own
    learns_m=False,
)

SEX = Comparison(
    "sex",
    "sex_l IS NULL OR sex_r IS NULL",
    (Level("same", "sex_l = sex_r", 0.99, 0.5), Level(ELSE, "ELSE", 0.01, 0.5)),
    learns_m=False,
)

_HELD_AGAINST = _either(
    "id_number_l IS NOT NULL AND (id_start_r IS NOT NULL OR id_fits_r IS NOT NULL OR id_typed_r IS NOT NULL)"
)
_TYPED = "id_other_l = id_other_r OR id_typed_l = id_typed_r OR " + _either("list_contains(id_repairs_l, id_number_r)")
_FITS = "id_fits_l = id_fits_r OR " + _either("coalesce(id_number_r, id_typed_r) LIKE id_fits_l")
_STARTS = "id_start_l = id_start_r OR " + _either("id_start_l = left(coalesce(id_number_r, id_typed_r), 15)")

# The chances are those of two people born on one day: what a number says of the birth date is BIRTH_DATE's to weigh.
# Twins have numbers that follow each other, so the first 15 digits, one more than the birth date, are little.
ID_NUMBER = Comparison(
    "id_number",
    # two damaged numbers that differ may be one: only a whole one can contradict
    f"NOT {_HELD_AGAINST} AND NOT coalesce({_TYPED} OR {_FITS} OR {_STARTS}, false)",
    (
        Level("one digit wrong", _TYPED, 0.20, 2e-4),
        Level("masked number fits", _FITS, 0.20, 1e-4),
        Level("first 15 digits", _STARTS, 0.55, 0.03),
        Level(ELSE, "ELSE", 0.05, 0.9697),
    ),
    learns_m=False,
    learns_u=False,
)

PHONE = Comparison(
    "phone",
    # whoever is reached by an agent's phone has another one, or none
    f"(phone_masks_l IS NULL OR phone_masks_r IS NULL) AND NOT coalesce({_share('phones')}, false)",
    (
        Level("same, one person's", _share("own_phones"), 0.80, 4e-6, local=True),
        Level("same, a family's", _share("family_phones"), 0.05, 3e-4, local=True),
        Level("same, an agent's", _share("phones"), 0.01, 2e-3, local=True),
        Level("masked number fits", "list_has_any(phone_masks_l, phone_masks_r)", 0.02, 1e-6),
        Level(ELSE, "ELSE", 0.12, 0.9977),
    ),
)

PLACE = Comparison(
    "place",
    "communities_l IS NULL OR communities_r IS NULL",
    (
        Level("same house", _share("houses"), 0.40, 7e-4, local=True),
        Level("same household elsewhere", _share("kin"), 0.15, 2e-5, local=True),
        Level("same building", _share("buildings"), 0.08, 0.02, local=True),
        Level("same community", _share("communities"), 0.12, 0.10, local=True),
        Level(ELSE, "ELSE", 0.25, 0.88),
    ),
    # owners of several houses are what ID numbers bring together, two systems' records of one house hardly ever
    learns_m=False,
)

CAR = Comparison(
    "car",
    # whose car it is was told from name and house: in one house it says nothing new
    f"NOT coalesce({_share('cars')}, false) OR coalesce({_share('houses')}, false)",
    (Level("same", _share("cars"), 0.1, 2e-6, local=True), Level(ELSE, "ELSE", 0.9, 0.999998)),
    learns_m=False,
    learns_u=False,
)

COMPARISONS = (NAME, BIRTH_DATE, SEX, ID_NUMBER, PHONE, PLACE, CAR)

BARE_BITS, BARE_PHONE_BITS = 6, 9
"""From this weight on, a name with a birth date, or with a phone, is enough by itself. In a made-up city of 520,000
people 442 of 444 pairs with one name and one birth date between 6 and 8 bits were one person."""

TWINS_APART, TWINS_AT_HOME = 18, 40
"""Up to these ages two records of one birthday, in two homes and in one, may be twins, whom like names are given; later
on a name that differs by one character is a slip."""

PRIOR = 1.2e-5
"""The share of chance pairs of two units that are one person, in a register of :data:`POPULATION` units."""
POPULATION = 5000
"""What the ``u`` of local levels and :data:`PRIOR` above are said for."""

# What a pair must show before it is accepted, whatever its probability: SQL over the gamma columns, see corroborated.
_SAME_NAME = (
    "same",
    "sounds alike",
    "looks alike",
    "characters in another order",
    "partial name fits, 2 characters known",
)


def gamma(comparison: Comparison, level: str) -> int:
    """The number that stands for a level in the ``gamma_`` column: the strongest has the highest; -1 is null."""
    names = [v.name for v in comparison.levels]
    return len(names) - 1 - names.index(level)


def shows(comparison: Comparison, *levels: str) -> str:
    """SQL: the comparison came out at one of these levels."""
    return f"gamma_{comparison.name} IN ({', '.join(str(gamma(comparison, v)) for v in levels)})"


def corroborated() -> str:
    """SQL: what must hold besides the probability before two units are joined without a person looking.

    Name and house are never enough (siblings, namesakes). A name of which only the surname is known, or that differs
    by a character that neither sounds nor looks alike, needs what is left of an ID number, for twins share all the
    rest; or, with one birth date in one home, an age at which twins have parted (``is_grown``, ``is_elder``). Without
    that: a birth date with a phone, a house, a car or half a number; or, without birth dates to compare, a phone in one
    house or a household that is with both elsewhere. By itself, birth date or phone is enough only where the name is
    rare for the size of the register. Never when birth date or sex contradict.
    """
    misfit = shows(ID_NUMBER, ELSE)
    start = shows(ID_NUMBER, "first 15 digits")
    typed = shows(ID_NUMBER, "one digit wrong")
    number = shows(ID_NUMBER, "one digit wrong", "masked number fits")
    named = shows(NAME, *_SAME_NAME)
    hinted = shows(NAME, *_SAME_NAME, "partial name fits", "one character differs")
    surname_only = shows(NAME, "partial name fits")
    born = shows(BIRTH_DATE, "same", "day and month swapped")
    nearly_born = shows(BIRTH_DATE, "same", "day and month swapped", "one part differs")
    reached = shows(PHONE, "same, one person's", "same, a family's", "masked number fits")
    kin = shows(PLACE, "same household elsewhere")
    at_home = f"({shows(PLACE, 'same house')} OR {kin} OR {shows(CAR, 'same')})"
    alike = shows(NAME, "one character differs", "partial name fits", "same surname")
    grown = f"(is_elder OR is_grown AND NOT {shows(PLACE, 'same house')})"
    born_then = shows(BIRTH_DATE, "same")
    return f"""NOT ({misfit}) AND (
        {typed} AND ({hinted} OR gamma_name = -1 OR {reached})
        OR {number} AND {hinted} AND ({born} OR {reached} OR {at_home})
        OR gamma_sex <> 0 AND (
            {named} AND {born} AND ({reached} OR {at_home} OR {start} OR weight >= {BARE_BITS})
            OR {named} AND {nearly_born} AND {reached}
            OR {named} AND gamma_birth_date = -1 AND {reached} AND ({at_home} OR weight >= {BARE_PHONE_BITS})
            OR {surname_only} AND {born} AND ({reached} OR {kin})
            OR {named} AND gamma_birth_date = -1 AND {kin}
            OR ({alike} OR gamma_name = -1) AND {born_then} AND {grown} AND ({reached} OR {at_home})
        )
    )"""


def plausible() -> str:
    """SQL: whether a likely pair is worth a person's time. Relatives in one house with one phone are not: neither
    name nor birth date agree."""
    named = shows(NAME, *_SAME_NAME, "partial name fits", "one character differs")
    born = shows(BIRTH_DATE, "same", "day and month swapped", "one part differs")
    number = shows(ID_NUMBER, "one digit wrong", "masked number fits")
    return f"{named} AND (gamma_birth_date = -1 OR {born} OR {number}) OR {born} AND {number}"
