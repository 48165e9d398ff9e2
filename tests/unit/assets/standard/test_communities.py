"""Unknown communities: counted by file, the closest declared ones named, never guessed, no person's name told."""

from __future__ import annotations

import pytest

from assets.standard.communities import USUAL, closest

from .conftest import Run

KNOWN = {n: n for n in ("翡翠湖畔花园", "金色名邸", "滨湖世家", "滨湖世纪城")} | {"翡翠湖": "翡翠湖畔花园"}


@pytest.mark.parametrize(
    ("name", "names", "why"),
    [
        ("翡翠湖畔花圆", ["翡翠湖畔花园"], "sounds alike"),
        ("翡翠湖畔花苑", ["翡翠湖畔花园"], "sounds alike"),
        ("翡翠湖畔花都", ["翡翠湖畔花园"], "1 character apart"),
        ("翡翠湖畔 花园（南区）", ["翡翠湖畔花园"], "one name holds the other"),
        ("金色铭邸", ["金色名邸"], "sounds alike"),
        ("滨湖世佳", ["滨湖世家"], "sounds alike"),
        ("东方曼哈顿三期", [], None),
        ("张三", [], None),
        ("翡翠", [], None),
        ("？？", [], None),
    ],
)
def test_the_closest_declared_name_is_found_and_why(name: str, names: list[str], why: str | None) -> None:
    assert closest(name, KNOWN) == (names, why)


def test_several_that_are_close_come_in_order() -> None:
    assert closest("滨湖世界城", KNOWN)[0] == ["滨湖世纪城"]
    near = {n: n for n in ("春江花园", "春江花苑", "春江华府")}
    # both sound alike, so the order of the names decides
    assert closest("春江花圆", near) == (["春江花园", "春江花苑"], "sounds alike")


def test_rows_are_counted_and_a_persons_name_is_not_told(run: Run) -> None:
    rows = [{"community": "翡翠湖", "address": "3-2-502"}]
    rows += [{"community": "翡翆湖", "address": f"3-2-{n}01"} for n in range(1, 4)]
    rows += [{"community": "东方曼哈顿", "address": f"3-2-{n}02"} for n in range(1, USUAL + 1)]
    rows += [{"community": "欧阳明月", "address": "3-2-103"}, {"community": None, "address": "3-2-104"}]
    rows += [{"community": "340199199001011232", "address": f"3-2-{n}05"} for n in range(1, USUAL + 1)]
    judged = run("houses", rows)
    found = [(u.name, u.rows, u.closest) for u in judged.ledger.communities]
    assert found == [
        ("东方曼哈顿", USUAL, []),
        ("翡翆湖", 3, ["翡翠湖花园"]),
        (None, 2 + USUAL, []),
    ]
    assert sum(rows for _, rows, _ in found) == judged.ledger.reasons["community_unknown:community"]
