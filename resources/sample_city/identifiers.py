"""Identifiers in their right forms, whole columns at a time.

Rules: GB 11643-1999 (resident ID numbers), GA 36-2018 (plates), GB 32100 (company codes), GB 16735 (VIN).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from resources.sample_city.arrays import ascii_strings, digits, share

ID_PREFIX = 340199
"""No county has this region code, so no made-up number can be a living person's."""

_ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_ID_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
# no sequence ending in 00: only such a number could end in 000 by itself, which is the mark of a damaged one
_MALE = np.array(range(1, 981, 2))
_FEMALE = np.array([s for s in range(2, 1000, 2) if s % 100][:490])
ID_SLOTS = 490
"""Numbers of one day and sex; each company draws from its own part, so that no two companies share one."""

_PATTERNS = (
    "DDDDD", "LDDDD", "DLDDD", "DDLDD", "DDDLD", "DDDDL", "LLDDD", "LDLDD", "LDDLD", "LDDDL", "DLLDD", "DLDLD",
    "DLDDL", "DDLLD", "DDLDL", "DDDLL",
)  # fmt: skip
_LETTERS = np.frombuffer(b"ABCDEFGHJKLMNPQRSTUVWXYZ", dtype=np.uint8)
_DIGITS = np.frombuffer(b"0123456789", dtype=np.uint8)
_SIZES = np.array([24 ** p.count("L") * 10 ** p.count("D") for p in _PATTERNS])
_STARTS = np.cumsum(_SIZES) - _SIZES
_STANDARD_SPACE = int(_SIZES.sum())
_NEW_ENERGY_SPACE = 10 * 34 * 10_000

_VIN_ALPHABET = np.frombuffer(b"ABCDEFGHJKLMNPRSTUVWXYZ0123456789", dtype=np.uint8)
_VIN_VALUES = np.array([*range(1, 9), *range(1, 6), 7, 9, *range(2, 10), *range(10)])
_VIN_WEIGHTS = np.array([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def id_slot_ranges(weights: np.ndarray) -> list[tuple[int, int]]:
    """Split the numbers of a day among companies in proportion to their people: [start, stop) for each."""
    counts = 1 + share(ID_SLOTS - len(weights), weights)
    stops = np.cumsum(counts)
    return [(int(b - n), int(b)) for b, n in zip(stops, counts, strict=True)]


def spread_births(
    rng: np.random.Generator, birth: np.ndarray, female: np.ndarray, slots: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Birth days and ID slots such that no two people share day, sex and slot.

    ``birth`` is datetime64[D]. Where more people were born on a day than there are numbers, some are moved
    by up to a year. Returns (birth, slot). Raises ValueError when the company has more people than numbers.
    """
    room = slots[1] - slots[0]
    birth = birth.copy()
    today = np.datetime64("2026-10-01")
    for _ in range(200):
        key = birth.astype(np.int64) * 2 + female
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        rank = np.arange(len(key)) - np.repeat(starts, np.diff(np.r_[starts, len(key)]))
        crowded = order[rank >= room]
        if not len(crowded):
            slot = np.empty(len(key), dtype=np.int64)
            slot[order] = slots[0] + rank
            # turned by the day, so that a company's numbers do not all carry one sequence
            return birth, (slot + birth.astype(np.int64) * 97) % ID_SLOTS
        moved = birth[crowded] - rng.integers(1, 400, len(crowded))
        birth[crowded] = np.minimum(moved, today)
    raise ValueError(f"{len(birth)} people do not fit {room} ID numbers a day and sex; make the company smaller")


def id_numbers(birth: np.ndarray, female: np.ndarray, slot: np.ndarray, prefix: np.ndarray) -> pa.StringArray:
    """18-character numbers with their check character; ``prefix`` is the six-digit region code of each."""
    sequence = np.where(female, _FEMALE[slot], _MALE[slot])
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    month = birth.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (birth - birth.astype("datetime64[M]")).astype(np.int64) + 1
    body = np.hstack([digits(prefix, 6), digits(year * 10_000 + month * 100 + day, 8), digits(sequence, 3)])
    check = _ID_CHECKS[(body.astype(np.int64) @ _ID_WEIGHTS) % 11]
    return ascii_strings(np.hstack([body + 48, check[:, None]]))


def _permute(index: np.ndarray, space: int, multiplier: int) -> np.ndarray:
    if np.gcd(multiplier, space) != 1:
        raise ValueError(f"{multiplier} and {space} share a factor: plates would repeat")
    return (index.astype(np.int64) * multiplier + 12_345) % space


def standard_serials(index: np.ndarray) -> pa.StringArray:
    """Five-character serials, a different one for each index below about seven million."""
    k = _permute(index, _STANDARD_SPACE, 1_618_033)
    pattern = np.searchsorted(_STARTS, k, side="right") - 1
    rest = k - _STARTS[pattern]
    is_letter = np.array([[c == "L" for c in p] for p in _PATTERNS])[pattern]
    out = np.empty((len(index), 5), dtype=np.uint8)
    for position in range(4, -1, -1):
        letter = is_letter[:, position]
        base = np.where(letter, 24, 10)
        value = rest % base
        rest = rest // base
        out[:, position] = np.where(letter, _LETTERS[value % 24], _DIGITS[value % 10])
    return ascii_strings(out)


def new_energy_serials(index: np.ndarray) -> pa.StringArray:
    """Six-character serials of small new-energy cars, a different one for each index below 3.4 million."""
    k = _permute(index, _NEW_ENERGY_SPACE, 1_618_033)
    alphabet = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", dtype=np.uint8)
    letter = np.frombuffer(b"DFABCEGHJK", dtype=np.uint8)[k // 340_000]
    second = alphabet[(k // 10_000) % 34]
    return ascii_strings(np.column_stack([letter, second, digits(k % 10_000, 4) + 48]))


def like_serials(index: np.ndarray) -> tuple[pa.StringArray, pa.StringArray]:
    """For each index below 51,840 two standard serials with their series (C or D): where the one has a letter, the
    other has the digit it is mistaken for. Neither has another such place, so no serial comes twice."""
    series, k = np.divmod(index.astype(np.int64), 25_920)
    place, rest = np.divmod(k * 6_151 % 25_920, 4 * 6**4)
    kind, rest = np.divmod(rest, 6**4)
    plain = np.frombuffer(b"134679", dtype=np.uint8)
    rows, column = np.arange(len(index)), np.arange(5)
    # the four plain digits stand around the place
    power = np.minimum(column - (column > place[:, None]), 3)
    first = plain[(rest[:, None] // 6**power) % 6]
    second = first.copy()
    first[rows, place] = np.frombuffer(b"BDSZ", dtype=np.uint8)[kind]
    second[rows, place] = np.frombuffer(b"8052", dtype=np.uint8)[kind]
    letter = np.frombuffer(b"CD", dtype=np.uint8)[series][:, None]
    return ascii_strings(np.hstack([letter, first])), ascii_strings(np.hstack([letter, second]))


def short_serials(index: np.ndarray) -> tuple[pa.StringArray, np.ndarray]:
    """Four-character serials (driving schools, Hong Kong and Macao cars) and, as there are few of them, the number
    (0 or 1) of the series that the index falls into; the pair is different for each index below 2.6 million."""
    k = _permute(index % 34**4, 34**4, 1_618_033)
    alphabet = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", dtype=np.uint8)
    codes = alphabet[np.column_stack([(k // 34**p) % 34 for p in range(4)])]
    return ascii_strings(codes), index // 34**4


def vins(rng: np.random.Generator, n: int) -> pa.StringArray:
    """17-character VINs with the right check digit at position 9."""
    k = rng.integers(0, len(_VIN_ALPHABET), (n, 17))
    k[:, 0] = 10  # L: built in China
    k[:, 13:] = rng.integers(len(_VIN_ALPHABET) - 10, len(_VIN_ALPHABET), (n, 4))
    total = (_VIN_VALUES[k] * _VIN_WEIGHTS).sum(axis=1) % 11
    codes = _VIN_ALPHABET[k]
    codes[:, 8] = np.where(total == 10, ord("X"), total + 48)
    return ascii_strings(codes)


def mobiles(rng: np.random.Generator, n: int) -> pa.StringArray:
    """Mobile numbers 1[3-9] and nine more digits."""
    return ascii_strings(digits(rng.integers(13_000_000_000, 20_000_000_000, n), 11) + 48)


def uscc(number: int) -> str:
    """A company code of Hefei with its check character (GB 32100); ``number`` tells companies apart."""
    body = f"91340100MA{number:07d}"
    total = sum(_USCC.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + _USCC[(31 - total % 31) % 31]
