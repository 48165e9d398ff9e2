"""ID numbers, as GB 11643-1999 and the exports that damage them have it."""

from __future__ import annotations

from datetime import date

from .conftest import ONLY, Run

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_character(body: str) -> str:
    """The oracle: the standard's own formula, by character."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def whole(body: str) -> str:
    return body + check_character(body)


GOOD = whole("34019919900307123")
CARD = whole("91015619880808001")
TAIWAN = whole("83000019850601001")

# sent, id type sent → id_number, id_type, verified, weak, warnings
CASES = {
    "published, lower x": ("11010519491231002x", None, "11010519491231002X", "resident_id", True, None, []),
    "published, digits": ("440524188001010014", None, None, None, False, "440524188001010014", ["id_invalid"]),
    "full width": ("１１０１０５１９４９１２３１００２Ｘ", None, "11010519491231002X", "resident_id", True, None, []),
    "spaces, hyphen": ("110105 19491231-002X", None, "11010519491231002X", "resident_id", True, None, []),
    "apostrophe": (f"'{GOOD}", None, GOOD, "resident_id", True, None, []),
    "type sent": (GOOD, "112", GOOD, "temporary_resident_id", True, None, []),
    "passport sent, looks like one": (GOOD, "414", GOOD, "resident_id", True, None, []),
    "Hong Kong permit": ("810000199408230021", None, "810000199408230021", "resident_id", True, None, []),
    "Taiwan permit": (TAIWAN, None, TAIWAN, "resident_id", True, None, []),
    "new permanent card": (CARD, None, CARD, "permanent_residence_card", True, None, []),
    "old permanent card": ("USA340199010203", None, "USA340199010203", "permanent_residence_card", False, None, []),
    "15 digits": ("340199900307123", None, whole("34019919900307123"), "resident_id", False, None, []),
    "15 digits, no date": ("340199901307123", None, None, None, False, "340199901307123", ["id_invalid"]),
    "wrong check": (GOOD[:17] + ("1" if GOOD[17] != "1" else "2"), None, None, None, False, ..., ["id_invalid"]),
    "no date": (whole("34019919900230123"), None, None, None, False, ..., ["id_invalid"]),
    "the 31st of April": (whole("34019919900431123"), None, None, None, False, ..., ["id_invalid"]),
    "the 29th, no leap year": (whole("34019919900229123"), None, None, None, False, ..., ["id_invalid"]),
    "the 29th": (whole("34019919920229123"), None, whole("34019919920229123"), "resident_id", True, None, []),
    "the 31st": (whole("34019919901231123"), None, whole("34019919901231123"), "resident_id", True, None, []),
    "month 13": (whole("34019919901301123"), None, None, None, False, ..., ["id_invalid"]),
    "month 0": (whole("34019919900001123"), None, None, None, False, ..., ["id_invalid"]),
    "day 0": (whole("34019919900100123"), None, None, None, False, ..., ["id_invalid"]),
    "birth to come": (whole("34019920261121001"), None, None, None, False, ..., ["id_invalid"]),
    "born on the day": (whole("34019920261120001"), None, whole("34019920261120001"), "resident_id", True, None, []),
    "17 digits": (GOOD[:17], None, None, None, False, GOOD[:17], ["id_invalid"]),
    "masked": ("340199********1234", None, None, None, False, "340199********1234", ["value_masked"]),
    "scientific": ("3.40199E+17", None, None, None, False, None, ["id_damaged"]),
    "scientific, long": ("3.40199199003071E+17", None, None, None, False, None, ["id_damaged"]),
    "tail 000": ("340199199003071000", None, None, None, False, "340199199003071", ["id_damaged"]),
    "PRC passport": ("E12345678", None, "E12345678", "passport", False, None, []),
    "PRC passport, lettered": ("EA1234567", None, "EA1234567", "passport", False, None, []),
    "passport, foreign": ("X 12-34567", "护照", "X1234567", "passport", False, None, []),
    "foreign, no type": ("X1234567", None, None, None, False, "X1234567", ["id_invalid"]),
    "Taiwan pass": ("01234567", "511", "01234567", "taiwan_pass", False, None, []),
    "passport too long": ("X1234567890123456789", "414", None, "passport", False, ..., ["id_invalid"]),
    "blank": (None, None, None, None, False, None, []),
    "only an apostrophe": ("'", None, None, None, False, None, []),
}


def test_every_form(run: Run) -> None:
    rows = [
        {"community": "翡翠湖", "building": "1", "room": "101", "name": f"甲{n}", "id_number": sent, "id_type": kind}
        for n, (sent, kind, *_) in enumerate(CASES.values())
    ]
    judged = run("residents", rows)
    for n, (case, (sent, _, number, kind, verified, weak, warnings)) in enumerate(CASES.items(), start=1):
        row = judged.accepted["a.csv", n]
        got = (row["id_number"], row["id_type"], row["id_verified"], row["id_weak"], row["warnings"])
        told = [f"{w}:id_number" for w in warnings]
        assert got == (number, kind, verified, sent if weak is ... else weak, told), case
    assert judged.accepted["a.csv", 1]["community_id"] == ONLY


def test_a_valid_number_tells_birth_and_sex(run: Run) -> None:
    base = {"community": "翡翠湖", "building": "1", "room": "101", "id_number": GOOD}
    born = date(1990, 3, 7)
    cases = [
        ({"sex": "男", "birth_date": "1990-03-07"}, "male", born, []),
        ({"sex": None, "birth_date": None}, "male", born, []),
        ({"sex": "未知", "birth_date": "1990.3.7"}, "male", born, []),
        ({"sex": "女", "birth_date": "1990-03-08"}, "male", born, ["birth_conflict:birth_date", "sex_conflict:sex"]),
        ({"sex": "X", "birth_date": "1900-01-01"}, "male", born, ["code_unknown:sex", "date_placeholder:birth_date"]),
        ({"id_number": "340199900307124", "sex": "男"}, "female", born, ["sex_conflict:sex"]),
        ({"id_number": "E12345678", "sex": "女", "birth_date": "1991-1-1"}, "female", date(1991, 1, 1), []),
    ]
    judged = run("residents", [{**base, "name": f"甲{n}", **c[0]} for n, c in enumerate(cases)])
    for n, (sent, sex, birth, warnings) in enumerate(cases, start=1):
        row = judged.accepted["a.csv", n]
        assert (row["sex"], row["birth_date"], row["warnings"]) == (sex, birth, warnings), sent


def test_numbers_rounded_with_a_right_check_are_found_by_their_file(run: Run) -> None:
    """One in eleven rounded numbers passes the check; where a fifth of a file ends in 000, none is believed."""
    lucky = next(n for n in (f"34019919900307{s}000" for s in range(10)) if check_character(n[:17]) == n[17])
    base = {"community": "翡翠湖", "building": "1", "room": "101"}
    clean = [whole(f"34019919900307{n:03}") for n in range(100, 120)]
    rows = [
        {**base, "name": f"甲{f}{n}", "id_number": number, "file": f}
        for f, numbers in (("clean", [*clean, lucky]), ("rounded", [*clean[:3], lucky]))
        for n, number in enumerate(numbers)
    ]
    judged = run("residents", [{**r, "row_number": n} for n, r in enumerate(rows, start=1)])
    kept, lost = judged.row(21, "clean"), judged.row(25, "rounded")
    assert (kept["id_number"], kept["warnings"]) == (lucky, [])
    assert (lost["id_number"], lost["id_weak"], lost["warnings"]) == (None, lucky[:15], ["id_damaged:id_number"])


def test_a_vehicles_holder_is_judged_alike(run: Run) -> None:
    row = run("vehicles", [{"community": "翡翠湖", "plate": "皖A12345", "owner_id_number": "3.4E+17"}]).row()
    assert (row["owner_id_number"], row["owner_id_verified"]) == (None, False)
    assert row["warnings"] == ["id_damaged:owner_id_number"]
