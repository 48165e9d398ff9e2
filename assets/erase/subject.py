"""Who is to be erased: every id the person bore, every row known to be theirs, everything they are recognised by."""

from __future__ import annotations

from collections import defaultdict

import duckdb

from assets.erase.identifiers import DATASETS, both_forms, is_telling, sent, understood
from assets.erase.journal import Subject
from assets.erase.rows import data_file
from assets.explain import UnknownId
from assets.landing import Delivery, deliveries
from assets.register.ledger import current_id
from assets.release import list_releases
from assets.standard import ACCEPTED, standard_folder
from assets.standard.functions import functions
from resources.keys import add_parquet_key, attach_encrypted, restricted_key
from resources.settings import Settings

Row = tuple[str, str, str, int]


def find_subject(con: duckdb.DuckDBPyConnection, settings: Settings, asked: str) -> Subject:
    """The person behind an id of the current or any kept release. Raises :class:`UnknownId` for an id that none of
    them knows as a resident's."""
    key = restricted_key(settings)
    add_parquet_key(con, key)
    ids: set[tuple[str, str]] = set()
    rows: set[Row] = set()
    said: set[str] = set()
    pairs: set[str] = set()
    # the newest first: it knows into which id an older one was merged
    for release in reversed(list_releases(settings)):
        attach_encrypted(con, release.folder / "restricted.duckdb", "release", key)
        try:
            con.execute("USE release")
            found = _ids(con, asked, {i for _, i in ids})
            ids |= found
            if found:
                rows |= _rows(con, found)
                said |= _golden(con, found)
                pairs |= _pairs(con, found)
                said |= _alone(con, ids, said) if release.is_current else set()
        finally:
            con.execute("USE memory")
            con.execute("DETACH release")
    if not rows:
        raise UnknownId(
            f"{asked}: no kept release has a resident of this id; ids of residents begin with r_ and have 16 more "
            f"characters (an erased person's id is not known any more) · 未找到此住户编号"
        )
    said |= _said(con, settings, rows)
    return Subject(asked, tuple(sorted(ids)), tuple(sorted(said)), tuple(sorted(rows)), tuple(sorted(pairs)))


def _ids(con: duckdb.DuckDBPyConnection, asked: str, known: set[str]) -> set[tuple[str, str]]:
    """The ids of the person in this release, those merged into them, and the vehicles that nobody else holds."""
    # a release of a version before former_ids knows the id itself
    (knows,) = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'former_ids'").fetchall()[0]
    standing = current_id(con, asked) if knows else None
    wanted = sorted({asked, *known, *([standing] if standing else [])})
    rows = con.execute(
        """WITH RECURSIVE theirs(id) AS (
            SELECT unnest($wanted::VARCHAR[])
            UNION
            SELECT l.entity_id FROM id_ledger l JOIN theirs t ON l.other_id = t.id
            WHERE l.event = 'merged' AND l.entity_type = 'resident'
        )
        SELECT DISTINCT 'resident', id FROM (
            FROM theirs
            UNION ALL
            -- the same name and number, phone or house, and no other number: one person whom nothing could join
            SELECT r.resident_id FROM residents r JOIN residents t ON t.name = r.name
            WHERE t.resident_id IN (FROM theirs) AND length(r.name) > 1 AND NOT contains(r.name, '*')
                AND coalesce(r.id_number = t.id_number, true)
                AND (r.id_number = t.id_number OR r.phone = t.phone OR EXISTS (
                    SELECT 1 FROM occupancies a JOIN occupancies b USING (house_id)
                    WHERE a.resident_id = r.resident_id AND b.resident_id = t.resident_id))
        )
        WHERE id IN (SELECT entity_id FROM id_ledger WHERE entity_type = 'resident')
        UNION
        SELECT 'vehicle', vehicle_id FROM vehicle_holdings
        GROUP BY vehicle_id
        HAVING bool_or(resident_id IN (FROM theirs))
            AND bool_and(resident_id IS NULL OR resident_id IN (FROM theirs))""",
        {"wanted": wanted},
    ).fetchall()
    residents = {r for r in rows if r[0] == "resident"}
    return set(rows) if residents else set()


def _list(ids: set[tuple[str, str]]) -> list[str]:
    return sorted(i for _, i in ids)


def _rows(con: duckdb.DuckDBPyConnection, ids: set[tuple[str, str]]) -> set[Row]:
    query = " UNION ".join(
        f"SELECT company, delivery_id, file, row_number FROM {table} WHERE list_contains($ids, entity_id)"
        for table in ("sources", "events_identified")
    )
    return set(con.execute(query, {"ids": _list(ids)}).fetchall())


def _golden(con: duckdb.DuckDBPyConnection, ids: set[tuple[str, str]]) -> set[str]:
    """What the register itself says of them: the surviving ID number, name and phone, and the plates."""
    said: set[str] = set()
    for name, number, phone in con.execute(
        "SELECT name, id_number, phone FROM residents WHERE list_contains($ids, resident_id)", {"ids": _list(ids)}
    ).fetchall():
        said |= {f"id|{form}" for form in both_forms(number)} if number else set()
        said |= {f"np|{name}|{phone}"} if name and phone else set()
    plates = "SELECT plate FROM vehicles WHERE list_contains($ids, vehicle_id)"
    return said | {f"pl|{plate}" for (plate,) in con.execute(plates, {"ids": _list(ids)}).fetchall()}


def _alone(con: duckdb.DuckDBPyConnection, ids: set[tuple[str, str]], said: set[str]) -> set[str]:
    """For passes that name no number: the name in a community where nobody else has it, the phone that nobody else
    has."""
    names = sorted({text.split("|")[1] for text in said if text.startswith(("np|", "nh|")) and is_telling(text)})
    phones = sorted({text.split("|")[2] for text in said if text.startswith("np|")})
    told = con.execute(
        """WITH lives AS (
            SELECT DISTINCT r.resident_id, r.name, h.community_id FROM residents r
            JOIN occupancies o USING (resident_id) JOIN houses h USING (house_id)
        )
        SELECT concat_ws('|', 'nc', n.name, l.community_id) FROM unnest($names::VARCHAR[]) n(name)
        CROSS JOIN (SELECT DISTINCT community_id FROM lives WHERE list_contains($ids, resident_id)) l
        ANTI JOIN (FROM lives WHERE NOT list_contains($ids, resident_id)) o
            ON o.name = n.name AND o.community_id = l.community_id
        UNION
        SELECT 'ph|' || p.phone FROM unnest($phones::VARCHAR[]) p(phone)
        ANTI JOIN (FROM residents WHERE NOT list_contains($ids, resident_id)) o ON o.phone = p.phone""",
        {"names": names, "phones": phones, "ids": _list(ids)},
    ).fetchall()
    return {text for (text,) in told}


def _pairs(con: duckdb.DuckDBPyConnection, ids: set[tuple[str, str]]) -> set[str]:
    query = """SELECT DISTINCT pair_id FROM evidence
        WHERE pair_id IS NOT NULL AND (list_contains($ids, entity_id) OR list_contains($ids, other_id))"""
    return {p for (p,) in con.execute(query, {"ids": _list(ids)}).fetchall()}


def _said(con: duckdb.DuckDBPyConnection, settings: Settings, rows: set[Row]) -> set[str]:
    """What their own records say. Of a vehicle's records and of passes only what cannot be somebody else's: a car may
    have been registered by a spouse."""
    of_delivery: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for company, delivery_id, file, number in rows:
        of_delivery[company, delivery_id].append((file, number))
    said: set[str] = set()
    for delivery in deliveries(settings):
        mine = of_delivery.get((delivery.company, delivery.delivery_id))
        if mine and delivery.dataset in DATASETS:
            said |= _said_in(con, settings, delivery, mine)
    return {form for text in said for form in _forms(text)}


def _said_in(
    con: duckdb.DuckDBPyConnection, settings: Settings, delivery: Delivery, mine: list[tuple[str, int]]
) -> set[str]:
    landed = data_file(settings, delivery)
    accepted = standard_folder(settings, delivery.company, delivery.delivery_id) / ACCEPTED
    if not landed.exists():
        return set()
    con.execute("CREATE OR REPLACE TEMP TABLE erase_mine (file VARCHAR, row_number BIGINT)")
    con.executemany("INSERT INTO erase_mine VALUES (?, ?)", mine)
    # a number that was set aside, or damaged, may be another person's too
    kinds: dict[str, tuple[str, ...]] = {sent(delivery.dataset, landed): ("np|", "row|")}
    if accepted.exists():
        kinds[understood(delivery.dataset, accepted)] = ("id|", "np|", "nh|")
    found: set[str] = set()
    with functions(con):
        for told, wanted in kinds.items():
            rows = con.execute(
                f"SELECT DISTINCT said FROM ({told}) JOIN erase_mine USING (file, row_number) WHERE said IS NOT NULL"
            ).fetchall()
            found |= {
                said for (said,) in rows if said.startswith(wanted if delivery.dataset == "residents" else "row|")
            }
    return {said for said in found if is_telling(said)}


def _forms(text: str) -> set[str]:
    kind, _, value = text.partition("|")
    return {f"id|{form}" for form in both_forms(value)} if kind == "id" else {text}
