"""The parts of linking by themselves: forms of names, repairs of numbers, settling, the stored model."""

from __future__ import annotations

import itertools
import json
from datetime import date
from pathlib import Path

import pytest
from register_nights import id_number

from assets.register.linking import ModelError, read_model, write_model
from assets.register.linking.lookalikes import SHAPES
from assets.register.linking.model import SHIPPED, believed
from assets.register.linking.names import name_forms, near_names, split_name
from assets.register.linking.numbers import repaired_numbers
from assets.register.linking.settle import Pair, Settled, Unit, settle


def forms(*names: str) -> list[dict]:
    return name_forms(names).to_pylist()


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("张三", ("张", "三")),
        ("欧阳娜娜", ("欧阳", "娜娜")),
        ("欧阳", ("欧", "阳")),
        ("买买提·吐尔逊", ("买买提", "吐尔逊")),
        ("SMITH ANNA", ("SMITH", "ANNA")),
    ],
)
def test_surname_and_given_name(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_names_are_compared_by_character_sound_and_shape() -> None:
    one, sound, shape, other = forms("张伟民", "章玮明", "张玮民", "张伟强")
    assert one["sound"] == sound["sound"] != other["sound"], "min and ming are told apart by few"
    assert one["shape"] == shape["shape"]


def test_whole_names_are_near_by_one_character_or_the_order_of_two() -> None:
    whole = ["张伟民", "张伟强", "张民伟", "李伟强", "SMITH ANNA"]
    near = {row["name"]: set(row["near"]) for row in near_names(whole).to_pylist()}
    assert near["张伟民"] & near["张伟强"], "one character differs"
    assert near["张伟民"] & near["张民伟"], "two characters change places"
    assert not near["张伟民"] & near["李伟强"]
    assert "SMITH ANNA" not in near, "of a name of letters one differs too easily"


def test_partial_names_say_what_they_can_stand_for() -> None:
    masked, damaged, unknown = forms("欧阳*", "黄?皓", "*建国")
    assert (masked["surname"], masked["fits"], masked["known"]) == ("欧阳", "欧阳_%", 2)
    assert (damaged["surname"], damaged["fits"], damaged["known"]) == ("黄", "黄_%皓", 2)
    assert (unknown["surname"], unknown["fits"]) == (None, "_%建国")


def test_shapes_are_classes() -> None:
    assert all(ord(first) not in SHAPES or SHAPES[ord(first)] == first for first in SHAPES.values())


def test_one_slip_of_the_hand_is_found_again() -> None:
    number = id_number(7)
    wrong = number[:12] + str((int(number[12]) + 3) % 10) + number[13:]
    slips = {
        wrong,
        number[:8] + number[9:],
        number[:8] + "7" + number[8:],
        number[:9] + number[10] + number[9] + number[11:],
    }
    found = {r["id_weak"]: r["repairs"] for r in repaired_numbers([*slips - {number}, "not a number"]).to_pylist()}
    assert set(found) == slips - {number}
    assert all(number in repairs for repairs in found.values())


BORN, LATER = date(1990, 1, 1), date(2015, 6, 1)
PEOPLE = {
    1: Unit(exclusive=1, birth_date=BORN, sex="male"),
    2: Unit(exclusive=2, birth_date=LATER, sex="male"),
    3: Unit(name="张三"),
    4: Unit(name="张三"),
    5: Unit(birth_date=BORN, sex="male", name="张三"),
    6: Unit(birth_date=LATER, sex="female", name="张三"),
}


def settled(*edges: tuple[int, int, float], largest: int = 20) -> Settled:
    """Every order of the edges gives one result."""
    made = [
        settle([Pair.of(*e) for e in order], PEOPLE, margin=3, most_units=largest)
        for order in itertools.permutations(edges)
    ]
    assert all(m == made[0] for m in made)
    return made[0]


def reasons(found: Settled) -> dict[tuple[int, int], str]:
    return {(p.left, p.right): verdict for p, verdict in found.verdicts.items()}


def test_the_strongest_pair_holds_and_two_numbers_never_meet() -> None:
    found = settled((1, 3, 20), (3, 4, 12), (2, 4, 8))
    assert found.group_of == {1: 1, 3: 1, 4: 1}
    assert reasons(found)[2, 4] == "two ID numbers"


def test_a_unit_claimed_by_two_stands_alone() -> None:
    found = settled((1, 3, 20), (2, 3, 18))
    assert found.group_of == {}
    assert set(reasons(found).values()) == {"ambiguous"}


def test_a_group_never_holds_two_who_contradict_each_other() -> None:
    found = settled((3, 5, 20), (3, 6, 12))
    assert found.group_of == {3: 3, 5: 3}
    assert reasons(found)[3, 6] == "contradiction"


def test_an_over_large_group_is_cut_at_its_weakest_pair() -> None:
    found = settled((3, 4, 20), (4, 5, 10), largest=2)
    assert found.group_of == {3: 3, 4: 3}
    assert reasons(found)[4, 5] == "too large"


def test_the_shipped_model_is_for_these_comparisons() -> None:
    model = read_model()
    assert model.about["trained_on"]
    larger = model.scaled(model.population * 100)["probability_two_random_records_match"]
    assert larger == pytest.approx(model.settings["probability_two_random_records_match"] / 100)


def test_a_model_for_other_comparisons_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    write_model(believed(), path)
    assert read_model(path) == believed()
    content = json.loads(SHIPPED.read_text(encoding="utf-8"))
    content["splink"]["comparisons"][0]["comparison_levels"][1]["sql_condition"] = "true"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelError, match="run: community-register train"):
        read_model(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="not a linking model"):
        read_model(path)
