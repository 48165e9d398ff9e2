"""Which delivery tells of which day: counted once per delivery, kept beside the day files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from assets.landing import Delivery
from assets.standard import ACCEPTED, standard_folder
from assets.standard.ledger import LEDGER
from resources.duck import quote
from resources.engine import Connection
from resources.files import write_text
from resources.settings import Settings

_ID_BITS = 62


def events_folder(settings: Settings) -> Path:
    """Where the day files of all nights lie: ``register/events/<YYYY-MM-DD>/<fingerprint>/``."""
    return settings.register / "events"


@dataclass(frozen=True)
class FileDay:
    """The accepted records of one file on one day; ``first_us``/``last_us`` are microseconds since 1970 in UTC."""

    file: str
    date: date
    records: int
    last_row: int
    first_us: int
    last_us: int


@dataclass(frozen=True)
class EventDelivery:
    """One delivery of access events. ``content`` changes when its accepted records may have changed."""

    company: str
    delivery_id: str
    delivered_on: date
    content: str
    accepted: Path
    days: tuple[FileDay, ...]

    @property
    def order(self) -> tuple[date, str]:
        """Provenance: the earlier of two deliveries keeps a pass that both tell of."""
        return self.delivered_on, self.delivery_id

    @property
    def last_rows(self) -> dict[str, int]:
        """The highest row number of each file."""
        rows: dict[str, int] = {}
        for d in self.days:
            rows[d.file] = max(rows.get(d.file, 0), d.last_row)
        return rows


def id_base(delivery_id: str, file: str) -> int:
    """What a file's row numbers are added to for event ids: 62 bits of a digest of where the file is from.

    One digest a file instead of one a pass, and ids that lie together compress; :func:`check_ids` sees to it that
    no two files' ids overlap.
    """
    digest = hashlib.md5(f"{delivery_id}|{file}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _ID_BITS)


class EventIdClash(RuntimeError):
    """Two files would give the same event ids."""


def check_ids(deliveries: Iterable[EventDelivery]) -> None:
    """Raise :class:`EventIdClash` if the ids of any two files overlap (about one chance in a million for a city)."""
    spans = sorted(
        (id_base(d.delivery_id, file), rows, f"{d.company}/{file}")
        for d in deliveries
        for file, rows in d.last_rows.items()
    )
    for (base, rows, file), (following, _, other) in pairwise(spans):
        if base + rows >= following:
            raise EventIdClash(
                f"event ids of {file} and {other} overlap; rename one of the two files and load it again"
            )


def read_event_delivery(con: Connection, settings: Settings, delivery: Delivery) -> EventDelivery:
    """The days of a delivery, from the cache beside the day files, else counted (two columns and their statistics)."""
    folder = standard_folder(settings, delivery.company, delivery.delivery_id)
    content = hashlib.sha256((folder / LEDGER).read_bytes()).hexdigest()
    cache = events_folder(settings) / "deliveries" / f"{delivery.company}.{delivery.delivery_id}.json"
    days = _cached(cache, content)
    if days is None:
        days = _count(con, folder / ACCEPTED)
        listed = [{**asdict(d), "date": d.date.isoformat()} for d in days]
        write_text(cache, json.dumps({"content": content, "days": listed}, ensure_ascii=False))
    return EventDelivery(
        delivery.company, delivery.delivery_id, delivery.delivered_on, content, folder / ACCEPTED, days
    )


def _cached(cache: Path, content: str) -> tuple[FileDay, ...] | None:
    if not cache.exists():
        return None
    known = json.loads(cache.read_text(encoding="utf-8"))
    if known["content"] != content:
        return None
    return tuple(FileDay(**{**d, "date": date.fromisoformat(d["date"])}) for d in known["days"])


def _count(con: Connection, accepted: Path) -> tuple[FileDay, ...]:
    rows = con.execute(
        "SELECT file, event_date, count(*), max(row_number), epoch_us(min(occurred_at)), epoch_us(max(occurred_at)) "
        f"FROM read_parquet({quote(accepted)}) GROUP BY file, event_date ORDER BY file, event_date"
    ).fetchall()
    return tuple(FileDay(*row) for row in rows)
