"""Names and phones."""

from __future__ import annotations

from assets.standard.rules.private_use import KNOWN

from .conftest import Run
from .test_identity import GOOD

BASE = {"community": "翡翠湖", "building": "1", "room": "101"}

NAMES = {
    "张三": ("张三", False, []),
    "张　三": ("张三", False, []),
    "阿卜杜拉•买买提": ("阿卜杜拉·买买提", False, []),
    "阿卜杜拉・买买提": ("阿卜杜拉·买买提", False, []),
    "阿卜杜拉‧买买提": ("阿卜杜拉·买买提", False, []),
    "阿卜杜拉．买买提": ("阿卜杜拉·买买提", False, []),
    "阿卜杜拉.买买提": ("阿卜杜拉·买买提", False, []),
    "阿.卜.杜": ("阿·卜·杜", False, []),
    "John  Smith": ("John Smith", False, []),
    "Ｊｏｈｎ": ("John", False, []),
    "J. Smith": ("J. Smith", False, []),
    "张*": ("张*", True, ["value_masked:name"]),
    "张＊＊": ("张**", True, ["value_masked:name"]),
    "张?": ("张?", True, ["name_damaged:name"]),
    "张？三": ("张?三", True, ["name_damaged:name"]),
    "张□": ("张□", True, ["name_damaged:name"]),
    "张\ufffd": ("张\ufffd", True, ["name_damaged:name"]),
    "张\ue863": ("张䶮", False, []),
    "\ue816\ue855": ("𠂇𤇾", False, []),
    "张\ue001": ("张\ue001", True, ["name_damaged:name"]),
    "张\ue865": ("张\ue865", True, ["name_damaged:name"]),
    "*?": ("*?", True, ["name_damaged:name", "value_masked:name"]),
    "䶮𠮷": ("䶮𠮷", False, []),
    "安徽某某（集团）有限公司": ("安徽某某(集团)有限公司", False, []),
}


def test_names(run: Run) -> None:
    judged = run("residents", [{**BASE, "name": sent} for sent in NAMES])
    for n, (sent, expected) in enumerate(NAMES.items(), start=1):
        row = judged.accepted["a.csv", n]
        assert (row["name"], row["name_is_partial"], row["warnings"]) == expected, sent


def test_without_a_name_the_id_number_must_speak(run: Run) -> None:
    judged = run(
        "residents",
        [
            {**BASE, "id_number": GOOD},
            {**BASE, "id_number": "340199********1234"},
            {**BASE, "id_number": "E12345678"},
            dict(BASE),
        ],
    )
    assert judged.row(1)["warnings"] == ["name_missing:name"]
    assert judged.row(3)["warnings"] == ["name_missing:name"]
    for n in (2, 4):
        assert judged.quarantined["a.csv", n]["reasons"] == ["no_identity:name"]
    assert judged.quarantined["a.csv", 2]["warnings"] == ["value_masked:id_number"]


def test_a_known_private_use_character_stands_for_one_public_one() -> None:
    assert len(set(KNOWN.values())) == len(KNOWN) == 80
    assert not any(0xE000 <= ord(c) <= 0xF8FF for c in KNOWN.values())


# sent → first, all, masked, warned of
PHONES = {
    "13812345678": ("13812345678", ["13812345678"], None, []),
    "１３８１２３４５６７８": ("13812345678", ["13812345678"], None, []),
    "+86 138-1234-5678": ("13812345678", ["13812345678"], None, []),
    "008613812345678": ("13812345678", ["13812345678"], None, []),
    "138 1234 5678": ("13812345678", ["13812345678"], None, []),
    "0551-62345678": ("055162345678", ["055162345678"], None, []),
    "(0551)62345678": ("055162345678", ["055162345678"], None, []),
    "010-12345678": ("01012345678", ["01012345678"], None, []),
    "62345678": ("055162345678", ["055162345678"], None, []),
    "6234567": ("05516234567", ["05516234567"], None, []),
    "13812345678，62345678": ("13812345678", ["13812345678", "055162345678"], None, []),
    "13812345678、13912345678": ("13812345678", ["13812345678", "13912345678"], None, []),
    "13812345678 / 13912345678;": ("13812345678", ["13812345678", "13912345678"], None, []),
    "13812345678 13912345678": ("13812345678", ["13812345678", "13912345678"], None, []),
    "138****0000": (None, [], "138****0000", ["value_masked:phone"]),
    "138****0000/13912345678": ("13912345678", ["13912345678"], "138****0000", ["value_masked:phone"]),
    "12345": (None, [], None, ["phone_invalid:phone"]),
    "12812345678": (None, [], None, ["phone_invalid:phone"]),
    "1381234567；13912345678": ("13912345678", ["13912345678"], None, ["phone_invalid:phone"]),
    "1.38123E+10": (None, [], None, ["phone_invalid:phone"]),
    "-": (None, [], None, []),
    None: (None, [], None, []),
}


def test_phones(run: Run) -> None:
    rows = [{**BASE, "name": f"甲{n}", "phone": sent} for n, sent in enumerate(PHONES)]
    judged = run("residents", rows)
    for n, (sent, expected) in enumerate(PHONES.items(), start=1):
        row = judged.accepted["a.csv", n]
        assert (row["phone"], row["phones"], row["phone_weak"], row["warnings"]) == expected, sent
