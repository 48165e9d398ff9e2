"""By what a row of a delivery is known to be a person's: the identifiers that tombstones are made of.

An identifier is a text: ``id|<number>``, ``np|<name>|<phone>``, ``nh|<name>|<house>``, ``row|<its content's hash>``,
``pl|<plate>``, and in passes ``nc|<name>|<community>`` and ``ph|<phone>`` for those that name no more. They are read
twice: from what was sent, which every row has, and from what the standard layer made of it, which knows houses.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assets.standard.rules.identity import cleaned
from assets.standard.sql import folded, normal
from resources.duck import quote


@dataclass(frozen=True)
class _Who:
    """The fields of a dataset that say whose a row is."""

    name: str
    id_number: str
    phone: str
    phones: str
    """SQL for the list of phones in the standard layer."""


_PEOPLE = {
    "residents": _Who("name", "id_number", "phone", "phones"),
    "vehicles": _Who("owner_name", "owner_id_number", "owner_phone", "[owner_phone]"),
    "access_events": _Who("name", "id_number", "phone", "[phone]"),
}
_HOUSE = "concat_ws('|', community_id, building, coalesce(unit, ''), room)"
_PHONE = r"(?:\+?86|0086)?(1[3-9][0-9]{9}|0[0-9]{9,11})"
_NUMBERS = r"[1-9][0-9]{16}[0-9Xx]|[1-9][0-9]{14}"

DATASETS = tuple(_PEOPLE)
"""Datasets whose rows are about people; a house's row names nobody."""


def identifiers(dataset: str, landed: Path, accepted: Path | None) -> str:
    """SQL for (file, row_number, said): every identifier of every row. Needs the function ``nfkc``.

    ``landed`` and ``accepted`` are the delivery's Parquet files; None where it was never judged.
    """
    return " UNION ALL ".join([sent(dataset, landed), *([understood(dataset, accepted)] if accepted else [])])


def sent(dataset: str, landed: Path) -> str:
    """The same from what was sent: rows set aside and doubled ones have nothing else."""
    return _union(_sent(dataset, _PEOPLE[dataset], f"read_parquet({quote(landed)})"))


def understood(dataset: str, accepted: Path) -> str:
    """The same from what the standard layer let in."""
    return _union(_understood(dataset, _PEOPLE[dataset], f"read_parquet({quote(accepted)})"))


def _union(parts: list[str]) -> str:
    return " UNION ALL ".join(f"SELECT file, row_number, said FROM ({p})" for p in parts)


def _sent(dataset: str, who: _Who, landed: str) -> list[str]:
    records = f"{landed} WHERE row_kind = 'record'"
    name = f"replace({normal(who.name)}, ' ', '')"
    digits = f"translate({folded(who.phone)}, ' -()', '')"
    found = [
        f"SELECT file, row_number, 'id|' || {cleaned(who.id_number)} AS said FROM {records}",
        f"""SELECT file, row_number, concat_ws('|', 'np', name, phone) AS said FROM (
            SELECT file, row_number, {name} AS name, unnest(regexp_extract_all({digits}, {quote(_PHONE)}, 1)) AS phone
            FROM {records}) WHERE name IS NOT NULL""",
        # a row that could not be cut into cells: what looks like a number in it
        f"""SELECT file, row_number, 'id|' || upper(unnest(regexp_extract_all(raw_line, {quote(_NUMBERS)}))) AS said
            FROM {landed} WHERE row_kind = 'malformed'""",
        f"""SELECT l.file, l.row_number, concat_ws('|', 'np', l.word, p.phone) AS said
            FROM (SELECT file, row_number, unnest(regexp_split_to_array(raw_line, '[^\\p{{L}}·]+')) AS word
                FROM {landed} WHERE row_kind = 'malformed') l
            JOIN (SELECT file, row_number, unnest(regexp_extract_all(raw_line, {quote(_PHONE)}, 1)) AS phone
                FROM {landed} WHERE row_kind = 'malformed') p USING (file, row_number)
            WHERE length(l.word) > 1""",
    ]
    if dataset == "access_events":
        found.append(
            f"""SELECT file, row_number, 'ph|' || unnest(regexp_extract_all({digits}, {quote(_PHONE)}, 1)) AS said
            FROM {records} AND {who.name} IS NULL AND {who.id_number} IS NULL"""
        )
    else:
        found.append(
            f"SELECT file, row_number, concat_ws('|', 'row', company, feed, record_hash) AS said FROM {records}"
        )
    if dataset != "residents":
        alone = "" if dataset == "access_events" else f" AND {who.name} IS NULL AND {who.id_number} IS NULL"
        plate = f"upper(regexp_replace({folded('plate')}, '[\\s·•・‧･.\\-]', '', 'g'))"
        found.append(f"SELECT file, row_number, 'pl|' || {plate} AS said FROM {records}{alone}")
    return found


def _understood(dataset: str, who: _Who, accepted: str) -> list[str]:
    found = [
        f"SELECT file, row_number, 'id|' || {who.id_number} AS said FROM {accepted}",
        f"""SELECT file, row_number, concat_ws('|', 'np', {who.name}, phone) AS said FROM (
            SELECT file, row_number, {who.name}, unnest({who.phones}) AS phone FROM {accepted})
            WHERE {who.name} IS NOT NULL AND phone IS NOT NULL""",
    ]
    if dataset == "access_events":
        found.append(
            f"""SELECT file, row_number, concat_ws('|', 'nc', name, community_id) AS said FROM {accepted}
            WHERE name IS NOT NULL AND id_number IS NULL"""
        )
    else:
        found.append(
            f"""SELECT file, row_number, concat_ws('|', 'nh', {who.name}, {_HOUSE}) AS said FROM {accepted}
            WHERE {who.name} IS NOT NULL AND {who.id_number} IS NULL AND building IS NOT NULL AND room IS NOT NULL"""
        )
    if dataset != "residents":
        alone = "" if dataset == "access_events" else f" WHERE {who.name} IS NULL AND {who.id_number} IS NULL"
        found.append(f"SELECT file, row_number, 'pl|' || plate AS said FROM {accepted}{alone}")
    return found


def is_telling(said: str) -> bool:
    """Whether an identifier is one person's: a masked name, or a surname alone, with a family's phone is not."""
    kind, *parts = said.split("|")
    return kind not in ("np", "nh", "nc") or (len(parts[0]) > 1 and "*" not in parts[0])


def both_forms(number: str) -> set[str]:
    """An ID number in its 18-digit form and, for the 1900s, in the 15-digit one."""
    if len(number) == 18 and number[6:8] == "19" and number[:17].isdigit():
        return {number, number[:6] + number[8:17]}
    return {number}
