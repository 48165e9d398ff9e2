"""The released tables about the making of the register: loads, quarantine and the list of releases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from assets.landing import Delivery, deliveries, unclaimed_files
from assets.merge import Merge
from assets.release.candidate import Candidate
from assets.standard import Ledger, read_ledger, standard_folder
from resources.duck import quote
from resources.version import code_version

LOADS_DAYS = 30
"""How far back ``loads`` tells of deliveries that are no longer in effect."""

_COUNTED = ("communities", "houses", "residents", "vehicles")
_COUNTS = ("rows_read", "accepted", "quarantined", "duplicate", "skipped")
_LOADS = pa.schema(
    [
        *((name, pa.string()) for name in ("company", "dataset", "delivery_id", "file")),
        ("received_at", pa.timestamp("us", tz="UTC")),
        ("status", pa.string()),
        *((name, pa.int64()) for name in _COUNTS),
        ("message", pa.string()),
    ]
)


def build_loads(con: duckdb.DuckDBPyConnection, merge: Merge, now: datetime) -> str:
    """The relation behind ``loads``: the deliveries in effect, all others of the last 30 days, and the files in the
    drop folder that belong to no feed."""
    rows = [row for delivery in _told(merge, now) for row in _delivery_rows(merge, delivery)]
    con.register("release_loads", pa.Table.from_pylist([*rows, *_unclaimed_rows(merge)], schema=_LOADS))
    return "release_loads"


def outcomes_fingerprint(merge: Merge) -> str:
    """Equal as long as no delivery was added and none has another outcome: what ``loads`` says beside the inputs."""
    told = sorted((d.company, d.delivery_id, d.status, d.code or "") for d in deliveries(merge.settings))
    left = sorted((u.company or "", u.file) for u in unclaimed_files(merge.settings, merge.companies))
    return hashlib.sha256(json.dumps([told, left]).encode()).hexdigest()[:16]


def _told(merge: Merge, now: datetime) -> Iterator[Delivery]:
    in_effect = {d.delivery_id for d in merge.deliveries}
    since = now - timedelta(days=LOADS_DAYS)
    for delivery in deliveries(merge.settings):
        if delivery.delivery_id in in_effect or datetime.fromisoformat(delivery.received_at) >= since:
            yield delivery


def _delivery_rows(merge: Merge, d: Delivery) -> Iterator[dict[str, Any]]:
    base = {
        "company": d.company,
        "dataset": d.dataset,
        "delivery_id": d.delivery_id,
        "received_at": datetime.fromisoformat(d.received_at).astimezone(UTC),
        "message": d.message,
        **dict.fromkeys(_COUNTS, 0),
    }
    if d.status in ("failed", "waiting"):
        yield {**base, "file": d.files[0].file if len(d.files) == 1 else None, "status": d.status}
        return
    folder = standard_folder(merge.settings, d.company, d.delivery_id)
    ledger = read_ledger(folder) if (folder / "ledger.json").exists() else None
    counted = {f.file: f for f in ledger.files} if ledger else {}
    for file in d.files:
        counts = {name: getattr(counted[file.file], name) for name in _COUNTS} if file.file in counted else {}
        said = f"the same bytes as {file.duplicate_of}" if file.duplicate_of else _said(d.message, ledger, file.file)
        yield {**base, **counts, "file": file.file, "status": file.status, "message": said}


def _said(message: str | None, ledger: Ledger | None, file: str) -> str | None:
    """What a clerk should know of a loaded file: the message of the load, alarms, communities nobody declared."""
    said = [message] if message else []
    if ledger:
        said += [a for a in ledger.alarms if a.startswith(f"{file}: ")]
        unknown = [u for u in ledger.communities if u.file == file]
        named = [
            f"{u.name} ({u.rows}{f', perhaps {u.closest[0]}' if u.closest else ''})"
            for u in unknown
            if u.name is not None
        ]
        if unknown:
            rows = sum(u.rows for u in unknown)
            said.append(f"{rows} rows name a community that is not declared" + ": " * bool(named) + ", ".join(named))
    return "; ".join(said) or None


def _unclaimed_rows(merge: Merge) -> Iterator[dict[str, Any]]:
    for unclaimed in unclaimed_files(merge.settings, merge.companies):
        yield {
            "company": unclaimed.company or unclaimed.file.split("/", 1)[0],
            "file": unclaimed.file,
            "status": "unclaimed",
            "message": unclaimed.message,
            **dict.fromkeys(_COUNTS, 0),
        }


def build_quarantine(con: duckdb.DuckDBPyConnection, merge: Merge) -> tuple[str, str]:
    """The relations behind ``quarantine`` (the records set aside of every delivery in effect) and
    ``quarantine_summary``."""
    files = [
        standard_folder(merge.settings, d.company, d.delivery_id) / "quarantined.parquet" for d in merge.deliveries
    ]
    listed = ", ".join(map(quote, files))
    con.execute(f"CREATE OR REPLACE TEMP VIEW release_quarantine AS SELECT * FROM read_parquet([{listed}])")
    con.execute(
        """CREATE OR REPLACE TEMP VIEW release_quarantine_summary AS
        SELECT company, dataset, split_part(said, ':', 1) AS reason,
            nullif(split_part(said, ':', 2), '') AS column_name,
            count(*) AS records, min(delivered_on) AS first_seen, max(delivered_on) AS last_seen
        FROM (SELECT company, dataset, delivered_on, unnest(reasons) AS said FROM release_quarantine) each
        GROUP BY ALL"""
    )
    return "release_quarantine", "release_quarantine_summary"


def build_releases(con: duckdb.DuckDBPyConnection, merge: Merge, candidate: Candidate, events: int) -> str:
    """The relation behind ``releases``: the rows of the release before, and this one. ``duration_seconds`` is set
    when the release is closed."""
    before = (
        f"SELECT * FROM read_parquet({quote(merge.previous / 'parquet' / 'releases.parquet')}) UNION ALL BY NAME"
        if merge.previous
        else ""
    )
    counts = ", ".join(f"(SELECT count(*) FROM restricted.{name}) AS {name}" for name in _COUNTED)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE release_releases AS {before}
        SELECT $id AS release_id, $at::TIMESTAMPTZ AS created_at, $inputs AS inputs, $code AS code_version, {counts},
            $events AS access_events, 0.0 AS duration_seconds""",
        {
            "id": candidate.release_id,
            "at": candidate.created_at,
            "inputs": len(merge.deliveries),
            "code": code_version(),
            "events": events,
        },
    )
    return "release_releases"
