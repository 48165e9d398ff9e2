"""The evidence behind entities: every link said truly, linear in size, in words that exist."""

from __future__ import annotations

from datetime import date

from register_nights import Register, Sent, car, house, id_number, person

from assets.register.evidence import LEVELS, REASONS
from assets.register.linking.comparisons import COMPARISONS
from expectations.contracts.evidence import EVENTS, FINDINGS, RULES, VERDICTS, cause_zh
from expectations.contracts.operations import ID_LEDGER

A = id_number(1)
PHONE = "13800000001"
BORN = date(1990, 1, 1)


def test_every_level_and_reason_of_linking_is_a_finding_with_words() -> None:
    for comparison in COMPARISONS:
        assert set(LEVELS[comparison.name]) == {level.name for level in comparison.levels}
    codes = {code for levels in LEVELS.values() for code in levels.values()} | set(REASONS.values())
    assert codes <= set(FINDINGS)
    for words in (*FINDINGS.values(), *RULES.values(), *VERDICTS.values(), *EVENTS.values()):
        assert words.meaning.isascii() and not words.meaning_zh.isascii()
    assert set(EVENTS) == set(ID_LEDGER.column("event").values)


def test_exact_links_say_what_the_two_records_share(register: Register) -> None:
    night = register.night(
        Sent(
            "residents",
            [
                person("张三", id=A, phone=PHONE, birth_date=BORN),
                person("张三", phone=PHONE, unit=None),
                person("张三", room="909", id=A, sex="male"),
                person("李四"),
            ],
        ),
        Sent("houses", [house("101"), house("101", area_m2=90.0)]),
        Sent("vehicles", [car("皖A12345"), car("皖A12345"), car("皖A12345", room="909")]),
    )
    found = {
        (r["entity_type"], r["left_row_number"], r["right_row_number"]): (r["rule"], sorted(r["findings"]))
        for r in night.rows("evidence")
    }
    assert found == {
        ("resident", 2, 4): ("id_number", ["id_same", "name_same"]),
        ("resident", 3, 2): (
            "name_phone_house",
            ["house_same", "house_unit_found", "name_same", "phone_same"],
        ),
        ("house", 2, 3): ("house_key", ["house_same"]),
        ("house", 4, 4): ("house_key", ["house_same"]),
        ("vehicle", 2, 3): ("plate", ["plate_same"]),
        ("vehicle", 2, 4): ("plate", ["plate_same"]),
    }
    entities = {r["entity_id"] for r in night.rows("evidence")}
    assert {s["entity_id"] for s in night.rows("sources") if s["match_rule"] != "single"} == entities


def test_codes_written_are_codes_with_words_and_nothing_personal(register: Register) -> None:
    night = register.night(
        Sent("residents", [person("张三", birth_date=BORN, phone=PHONE)] * 2 + [person("章三", birth_date=BORN)] * 2),
    )
    rows = night.rows("evidence")
    assert rows and {code for r in rows for code in r["findings"]} <= set(FINDINGS)
    assert {r["rule"] for r in rows} <= set(RULES)
    assert not [v for r in rows for v in r.values() if any(p in str(v) for p in ("张", "章", PHONE, "1990"))]


def test_causes_of_the_ledger_are_said_in_chinese_too(register: Register) -> None:
    first = register.night(Sent("residents", [person("张三", id=A), person("李四")]))
    second = register.night(Sent("residents", [person("王五")]), previous=first)
    causes = {r["cause"] for r in second.rows("id_ledger")}
    assert len(causes) == 2 and not [c for c in causes if cause_zh(c).isascii()]
