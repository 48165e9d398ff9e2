"""Why an entity is what it is: its records, the links that hold them, its values' origins and its id's life.

Everything is read from the current release, so it says what was known and decided when that release was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from assets.register.ledger import RETIRED, current_id
from assets.register.stage import Connection
from assets.verdicts import Verdict, read_verdicts, standing
from expectations.contracts.tables import TABLES
from resources.keys import open_restricted
from resources.settings import Settings

ENTITY_TABLES = {"resident": ("residents", "resident_id"), "house": ("houses", "house_id"),
                 "vehicle": ("vehicles", "vehicle_id")}  # fmt: skip
"""Entity type → its table and key."""


class UnknownId(LookupError):
    """No release ever published this id."""


@dataclass(frozen=True)
class Record:
    """One record of an entity. ``number`` is its place in the explanation, ``received`` the day its file arrived."""

    number: int
    company: str
    dataset: str
    delivery_id: str
    file: str
    row_number: int
    received: date | None
    rule: str
    probability: float
    surviving_columns: list[str]

    @property
    def place(self) -> tuple[str, str, int]:
        """Delivery, file and row."""
        return self.delivery_id, self.file, self.row_number


@dataclass(frozen=True)
class Link:
    """A link between two records, or an open or rejected pair with a record of ``other_id``.

    ``left`` and ``right`` are numbers of records of this entity; None for the one that belongs to ``other_id``.
    """

    left: int | None
    right: int | None
    other_id: str | None
    rule: str
    probability: float
    verdict: str
    findings: list[str]
    pair_id: str | None
    decided_by: str | None = None
    decided_at: datetime | None = None
    """Who gave the verdict that made or refused it, and when; None where nobody did."""


@dataclass(frozen=True)
class LifeEvent:
    """One line of the id ledger."""

    on: date
    entity_id: str
    event: str
    other_id: str | None
    cause: str
    release_id: str


@dataclass(frozen=True)
class Explanation:
    """All there is to say of an id. ``entity_id`` is the id that stands for it today, None when it was retired.

    ``values`` is None unless asked for: the surviving values by column.
    """

    asked: str
    entity_type: str
    entity_id: str | None
    release_id: str
    first_seen: date | None
    last_seen: date | None
    records: list[Record]
    links: list[Link]
    pairs: list[Link]
    life: list[LifeEvent]
    values: dict[str, Any] | None


@contextmanager
def open_evidence(settings: Settings) -> Iterator[Connection]:
    """The restricted database of the current release, if it has evidence. Raises FileNotFoundError where it was made
    by a version that kept none."""
    with open_restricted(settings) as con:
        (tables,) = _one(con, "SELECT count(*) FROM duckdb_tables() WHERE table_name IN ('evidence', 'former_ids')")
        if tables < 2:
            raise FileNotFoundError(
                "the current release was made by a version that kept no evidence; run the merge again "
                "· 当前发布未保存匹配证据，请重新合并"
            )
        yield con


def explain(settings: Settings, asked: str, *, values: bool = False) -> Explanation:
    """Explain an id of the current release, or one that any earlier release published.

    Without ``values`` no value of a person is read. Raises :class:`UnknownId`, FileNotFoundError before the first
    release, :class:`resources.keys.KeyProblem` without the key.
    """
    with open_evidence(settings) as con:
        stands = current_id(con, asked)
        if stands is None:
            raise UnknownId(
                f"{asked}: no release ever published this id; ids begin with r_ (residents), h_ (houses) or "
                f"v_ (vehicles) and have 16 more characters · 从未发布过此编号，请核对"
            )
        entity_id = None if stands == RETIRED else stands
        life = _life(con, asked, entity_id)
        entity_type = _one(con, "SELECT entity_type FROM id_ledger WHERE entity_id = ? LIMIT 1", asked)[0]
        records = _records(con, entity_id)
        links = _links(con, entity_id, {r.place: r.number for r in records})
        links = _decided(links, standing(read_verdicts(settings)))
        seen, known = _entity(con, entity_type, entity_id, values)
        (release_id,) = _one(con, "SELECT release_id FROM releases ORDER BY created_at DESC LIMIT 1")
    return Explanation(
        asked=asked,
        entity_type=entity_type,
        entity_id=entity_id,
        release_id=release_id,
        first_seen=seen[0],
        last_seen=seen[1],
        records=records,
        links=[k for k in links if k.verdict == "accepted"],
        pairs=[k for k in links if k.verdict != "accepted"],
        life=life,
        values=known,
    )


def _one(con: Connection, query: str, *values: Any) -> tuple[Any, ...]:
    row = con.execute(query, values).fetchone()
    assert row is not None
    return tuple(row)


def _entity(
    con: Connection, entity_type: str, entity_id: str | None, values: bool
) -> tuple[tuple[date | None, date | None], dict[str, Any] | None]:
    """First and last day, and the values if they are wanted."""
    if entity_id is None:
        return (None, None), {} if values else None
    table, key = ENTITY_TABLES[entity_type]
    first, last = _one(con, f"SELECT first_seen, last_seen FROM {table} WHERE {key} = ?", entity_id)
    if not values:
        return (first, last), None
    names = [c.name for c in TABLES[table].columns if c.name not in (key, "first_seen", "last_seen")]
    row = _one(con, f"SELECT {', '.join(names)} FROM {table} WHERE {key} = ?", entity_id)
    return (first, last), dict(zip(names, row, strict=True))


def _records(con: Connection, entity_id: str | None) -> list[Record]:
    rows = con.execute(
        """SELECT s.company, s.dataset, s.delivery_id, s.file, s.row_number, l.received, s.match_rule,
            s.match_probability, s.surviving_columns
        FROM sources s
        LEFT JOIN (
            SELECT company, delivery_id, (min(received_at) AT TIME ZONE 'Asia/Shanghai')::DATE AS received
            FROM loads GROUP BY ALL
        ) l
            ON l.company = s.company AND l.delivery_id = s.delivery_id
        WHERE s.entity_id = ?
        ORDER BY l.received, s.company, s.delivery_id, s.file, s.row_number""",
        [entity_id],
    ).fetchall()
    return [Record(number, *row) for number, row in enumerate(rows, start=1)]


def _links(con: Connection, entity_id: str | None, numbers: dict[tuple[str, str, int], int]) -> list[Link]:
    rows = con.execute(
        """SELECT left_delivery_id, left_file, left_row_number, right_delivery_id, right_file, right_row_number,
            CASE WHEN other_id = $id THEN entity_id ELSE other_id END, rule, probability, verdict, findings, pair_id
        FROM evidence WHERE entity_id = $id OR other_id = $id
        ORDER BY probability DESC, left_delivery_id, left_file, left_row_number, right_delivery_id, right_file,
            right_row_number""",
        {"id": entity_id},
    ).fetchall()
    return [Link(numbers.get(row[0:3]), numbers.get(row[3:6]), *row[6:]) for row in rows]


def _decided(links: list[Link], verdicts: dict[str, Verdict]) -> list[Link]:
    """The links with who decided about them, where the release follows a verdict that still stands."""
    return [
        replace(link, decided_by=v.by, decided_at=v.at)
        if (v := verdicts.get(link.pair_id or "")) and f"reviewed_{v.verdict}" in link.findings
        else link
        for link in links
    ]


def _life(con: Connection, asked: str, entity_id: str | None) -> list[LifeEvent]:
    rows = con.execute(
        """SELECT as_of, entity_id, event, other_id, cause, release_id FROM id_ledger
        WHERE entity_id IN ($asked, $id) OR other_id IN ($asked, $id)
        ORDER BY as_of, release_id, entity_id, event""",
        {"asked": asked, "id": entity_id or asked},
    ).fetchall()
    return [LifeEvent(*row) for row in rows]
