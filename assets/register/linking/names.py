"""What a name looks and sounds like, worked out once for each distinct name.

Comparing two names is then a matter of equal columns, in any engine: edit distances over bytes are never used, since
one wrong Chinese character is three bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import pyarrow as pa

from assets.register.linking.lookalikes import SHAPES

_COMPOUND = (
    "欧阳上官司马诸葛皇甫尉迟端木夏侯司徒东方独孤南宫万俟闻人公孙令狐轩辕长孙宇文慕容鲜于"
    "司空澹台公冶宗政濮阳淳于单于太叔申屠仲孙钟离赫连呼延拓跋百里东郭西门南门第五纳兰完颜"
)
COMPOUND_SURNAMES = frozenset(_COMPOUND[i : i + 2] for i in range(0, len(_COMPOUND), 2))
"""Surnames of two characters."""

FORMS = pa.schema(
    [
        ("name", pa.string()),
        ("surname", pa.string()),
        ("sound", pa.string()),
        ("shape", pa.string()),
        ("characters", pa.string()),
        ("fits", pa.string()),
        ("known", pa.int32()),
    ]
)
"""``sound``: pinyin without tones, one syllable a character. ``shape``: look-alikes folded.
``characters``: those of a Han name of three or more, sorted. ``fits``: for a partial name the LIKE pattern of the whole
ones it can stand for. ``known``: its characters that can be read."""

NEAR = pa.schema([("name", pa.string()), ("near", pa.list_(pa.string()))])
"""``near``: two whole names that differ by one character, or by the order of two neighbours, share an element."""

_HIDDEN = re.compile(r"[*＊?？□\ufffd\ue000-\uf8ff]+")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
_FOLDED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"))
"""Syllables that many speakers do not tell apart."""


def name_forms(names: Iterable[str]) -> pa.Table:
    """The forms (:data:`FORMS`) of distinct names, in their order."""
    return pa.Table.from_pylist([_forms(name) for name in names], schema=FORMS)


def near_names(names: Iterable[str]) -> pa.Table:
    """What is near each (:data:`NEAR`) of distinct whole names that are Han throughout; the others are left out."""
    return pa.Table.from_pylist([{"name": n, "near": _near(n)} for n in names if _HAN.fullmatch(n)], schema=NEAR)


def split_name(name: str) -> tuple[str, str]:
    """Surname and given name: of Chinese names by the list of compound surnames, of others at the dot or space."""
    for mark in ("·", " "):
        if mark in name:
            surname, _, given = name.partition(mark)
            return surname, given
    length = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:length], name[length:]


def _forms(name: str) -> dict[str, object]:
    if _HIDDEN.search(name):
        return _partial(name)
    return {
        "name": name,
        "surname": split_name(name)[0],
        "sound": _sound(name),
        "shape": name.translate(SHAPES),
        "characters": "".join(sorted(name)) if len(name) > 2 and _HAN.fullmatch(name) else None,
        "fits": None,
        "known": len(name),
    }


def _partial(name: str) -> dict[str, object]:
    first = name[0]
    return {
        "name": name,
        "surname": None if _HIDDEN.match(first) else split_name(_HIDDEN.sub("□", name))[0],
        # whatever hides a character may hide several: 张* is written for three characters as well
        "fits": _HIDDEN.sub("_%", name.replace("%", "").replace("_", "")),
        "known": len(_HIDDEN.sub("", name)),
    }


def _sound(text: str) -> str:
    return " ".join(filter(None, map(_syllable, text)))


@cache
def _syllable(character: str) -> str:
    """A character by itself, so that a name sounds the same whatever stands beside it."""
    from pypinyin import lazy_pinyin  # half a second to import, and only where names are compared

    said = lazy_pinyin(character)[0].strip().lower()
    for told, heard in _FOLDED:
        said = said.replace(told, heard)
    return said


def _near(name: str) -> list[str]:
    replaced = [f"{name[:i]}_{name[i + 1 :]}" for i in range(len(name))]
    swapped = [f"~{name[:i]}{''.join(sorted(name[i : i + 2]))}{name[i + 2 :]}" for i in range(1, len(name) - 1)]
    return [*replaced, *swapped]
