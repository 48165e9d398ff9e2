"""House addresses: three columns or one cell, in the many ways they are written.

Addresses have many distinct values, but few distinct beginnings (a building and its unit) and few distinct ends (a
room number). SQL cuts each address in two, and the readers here, plain Python, see distinct halves only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from assets.standard.rules.part import Context, Judgement, Part
from assets.standard.sql import matches
from expectations.contracts.model import Field
from resources.duck import quote

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_NUMERAL = "〇零一二两三四五六七八九十百"
_MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_DAMAGED = (
    r"(?i)^\s*([0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?([ T]+[0-9]{1,2}:[0-9]{2}(:[0-9.]+)?)?"
    r"|([0-9]{4}年)?[0-9]{1,2}月([0-9]{1,2}日)?"
    rf"|[0-9]{{1,2}}-({_MONTHS})(-[0-9]{{2,4}})?|({_MONTHS})-[0-9]{{1,2}}"
    r"|[0-9]+([.][0-9]+)?E[+-][0-9]+|[0-9]+[.][0-9]+E[0-9]+)\s*$"
)
"""What a spreadsheet program makes of ``3-12`` or ``12E3`` in a cell."""
_TAIL = rf"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ{_NUMERAL}]+\s*(号房|室|房|号)?\s*([(（][^()（）]*[)）])?\s*$"
"""The end of an address that names the room."""

_NUMBER = (
    rf"(?:(?<![A-Z0-9])[A-Z]?[0-9]{{1,3}}[A-Z]?|(?<![0-9])[0-9]{{1,3}}[A-Z]?|(?<![A-Z])[A-Z]|[{_NUMERAL}]+|[甲乙丙丁])"
)
_PHASE = rf"(?P<phase>(?:(?:(?<![0-9])[0-9]{{1,2}}|[{_NUMERAL}]+)期|(?:(?<![A-Z])[A-Z]|[东南西北中])区)*)-?"
_UNIT = rf"(?:[0-9]{{1,3}}|[A-Z]|[{_NUMERAL}]+|[甲乙丙丁])"
_STOREY = rf"(?:(?:[0-9]+|[{_NUMERAL}]+)(?:层|楼))?"
_HEAD = re.compile(
    rf"{_PHASE}(?:"
    rf"(?P<b1>{_NUMBER})(?:号楼|栋|幢|座|#楼?|楼)-?(?:(?P<u1>{_UNIT})(?:单元|门|-))?"
    rf"|(?P<b2>{_NUMBER})号(?:(?P<u2>{_UNIT})单元)?"
    rf"|(?P<b3>{_NUMBER})-(?:(?P<u3>{_UNIT})(?:单元|-))?"
    rf"){_STOREY}-?$"
)
_BUILDING_SUFFIX = re.compile(r"(号楼|[栋幢座#楼号])+$")
_PAIR = re.compile(rf"(?P<first>{_UNIT})-(?P<room>[0-9A-Z]+)")
_NOTHING = {"", "-", "--", "/", "无", "NULL", "N/A"}


HOUSE_TYPE = "STRUCT(building VARCHAR, unit VARCHAR, room VARCHAR)"
"""How SQL sees a :class:`HouseKey`."""


class HouseKey(NamedTuple):
    """Building, unit and room in normal form; None for what the text doesn't say."""

    building: str | None = None
    unit: str | None = None
    room: str | None = None


def _text(value: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", value)).upper()


def numeral(text: str) -> str:
    """A Chinese numeral below 1000 in digits (十二, 二十, 一百零三, 五〇二); any other text as it is, without leading
    zeros."""
    if text and all(c in _NUMERAL for c in text):
        if not set("十百") & set(text):
            text = "".join(str(_DIGITS[c]) for c in text)
        else:
            total, digit = 0, 0
            for c in text:
                if c in "十百":
                    total += (digit or 1) * (10 if c == "十" else 100)
                    digit = 0
                else:
                    digit = _DIGITS[c]
            text = str(total + digit)
    return text.lstrip("0")


class HouseReader:
    """Reads house texts of one company, whose community names may stand before the building."""

    def __init__(self, community_names: Iterable[str] = ()) -> None:
        self._names = {_text(n) for n in community_names}
        self._lengths = sorted({len(n) for n in self._names}, reverse=True)

    def _bare(self, value: str) -> str:
        """The text without the community's name, which may itself hold a number or a phase."""
        text = _text(value)
        for length in self._lengths:
            if text[:length] in self._names:
                return text[length:]
        return text

    def head(self, value: str) -> HouseKey:
        """Building and unit at the end of a text: 3号楼2单元, 3#2-, 3-2-, 3-, 二期3号楼, A区5栋.

        What precedes them (street, community) is passed over. A single number before the room is a building.
        """
        found = _HEAD.search(self._bare(value))
        if found is None:
            return HouseKey()
        building = found["b1"] or found["b2"] or found["b3"]
        unit = found["u1"] or found["u2"] or found["u3"]
        phase = re.sub(rf"[0-9{_NUMERAL}]+(?=期)", lambda m: numeral(m[0]), found["phase"])
        number = numeral(building)
        return HouseKey(f"{phase}-{number}" if phase and number else number or None, numeral(unit or "") or None)

    def building(self, value: str) -> HouseKey:
        """A building column: like :meth:`head`, with or without a suffix; a building may also have a name."""
        text = self._bare(value)
        if text in _NOTHING:
            return HouseKey()
        key = self.head(text)
        if key.building is None:
            key = self.head(text + "栋")
        return key if key.building else HouseKey(_BUILDING_SUFFIX.sub("", text).lstrip("0") or None)

    def unit(self, value: str) -> HouseKey:
        """A unit column; zero stands for a building without units."""
        text = re.sub(r"(单元|门)$", "", _text(value))
        return HouseKey(unit=None if text in _NOTHING else numeral(text) or None)

    def room(self, value: str) -> HouseKey:
        """A room column or the end of an address; a whole address in a room column is read as one.

        ``2-502`` gives 2 as the building: whether it is the unit shows beside a building column only.
        ``502-1`` is a room split in two.
        """
        text = re.sub(r"[(（].*[)）]$", "", _text(value))
        if text in _NOTHING:
            return HouseKey()
        pair = _PAIR.fullmatch(text)
        if pair and not (len(pair["first"]) >= 3 and len(pair["room"]) < 3):
            return HouseKey(numeral(pair["first"]) or None, None, numeral(pair["room"]) or None)
        key = self.address(text)
        if key.building and key.room and not pair:
            return key
        return HouseKey(room=numeral(re.sub(r"(号房|[室房号])$", "", text)) or None)

    def address(self, value: str) -> HouseKey:
        """A whole address in one cell, as SQL reads it in two halves."""
        tail = re.search(_TAIL, value)
        if tail is None:
            return self.head(value)
        room = numeral(re.sub(r"(号房|[室房号])?([(（].*[)）])?$", "", _text(tail[0])))
        return self.head(value[: tail.start()])._replace(room=room or None)


def is_damaged(x: str) -> str:
    """SQL: whether a spreadsheet program has made a date or a scientific number of the text."""
    return f"coalesce({matches(x, _DAMAGED)}, false)"


def house(fields: tuple[Field, ...], ctx: Context) -> list[Part]:
    """Building, unit and room. Separate columns win; the address fills what they lack.

    Half a key would join houses that are not the same, so without a building or a room all three are NULL. For a
    house that sets the record aside; a resident or a vehicle is let in with a warning.
    """
    parts = [_cell(name) for name in ("building", "unit", "room")]
    tail = f"regexp_extract(raw_address, {quote(_TAIL)})"
    head = f"left(raw_address, length(raw_address) - length({tail}))"
    for half, reader, key in (("head", "house_head", head), ("tail", "house_room", f"nullif({tail}, '')")):
        cell = f"address__{half}"
        parts.append(Part(layers=({cell: f"{reader}(key)"},), reads="address", key=key, gives={cell: HOUSE_TYPE}))
    return [*parts, _joint(ctx)]


def _cell(name: str) -> Part:
    cell, damaged = f"{name}__cell", f"{name}__damaged"
    return Part(
        layers=({damaged: is_damaged("key")}, {cell: f"CASE WHEN NOT {damaged} THEN house_{name}(key) END"}),
        reads=name,
        key=f"raw_{name}",
        gives={cell: HOUSE_TYPE, damaged: "BOOLEAN"},
    )


def _joint(ctx: Context) -> Part:
    own = {
        # beside a building column, 2-502 in the room column is unit and room
        "house__unit": """coalesce(unit__cell.unit, building__cell.unit, room__cell.unit,
            CASE WHEN room__cell.building <> building__cell.building THEN room__cell.building END)""",
        "house__building": "coalesce(building__cell.building, room__cell.building)",
        "house__sent": "coalesce(raw_building, raw_unit, raw_room, raw_address) IS NOT NULL",
    }
    damage: dict[str, str] = {f"{c}__hurt": f"coalesce({c}__damaged, false)" for c in ("building", "unit", "room")}
    # an address is asked only for what the columns lack
    damage["address__hurt"] = f"(house__building IS NULL OR room__cell.room IS NULL) AND {is_damaged('raw_address')}"
    filled = {
        "house__building": "coalesce(house__building, CASE WHEN NOT address__hurt THEN address__head.building END)",
        "house__unit": "coalesce(house__unit, CASE WHEN NOT address__hurt THEN address__head.unit END)",
        "house__room": "coalesce(room__cell.room, CASE WHEN NOT address__hurt THEN address__tail.room END)",
        "house__hurt": " OR ".join(damage),
    }
    known = {
        "house__lacking": "NOT house__hurt AND (house__building IS NULL OR house__room IS NULL)",
    }
    final = {
        c: f"CASE WHEN NOT house__hurt AND NOT house__lacking THEN house__{c} END" for c in ("building", "unit", "room")
    }
    severity = "quarantine" if ctx.dataset.name == "houses" else "warning"
    named = "room" if "room" in ctx.columns else "address"
    lacking = "house__lacking AND house__sent" if ctx.dataset.name == "vehicles" else "house__lacking"
    return Part(
        layers=(own, damage, filled, known, final),
        judgements=(
            Judgement("house_incomplete", named, lacking, severity),
            *(Judgement("room_damaged", c, f"{c}__hurt", severity) for c in ("building", "unit", "room", "address")),
        ),
    )
