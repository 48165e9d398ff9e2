"""A register of any size, made up in SQL, so that the release layer is tested without the layers before it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assets.landing import Delivery, FileReport
from assets.merge import BEGUN, Merge, current_release
from assets.release import Candidate, audit_release, build_release, publish
from assets.standard import DeliveryChecks, FileLedger, Ledger, standard_folder
from expectations.checks import CheckResult
from expectations.contracts.tables import TABLES
from expectations.feeds import Company
from expectations.policy import Policy
from resources.duck import connect
from resources.settings import Settings

AS_OF = date(2026, 11, 22)
STARTED = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SECRET_NAME = "欧阳测试甲"
"""A name that must not be readable in any file of a release."""


@dataclass(frozen=True)
class Size:
    """How many there are. House i lies in community i % communities, resident i lives in house i % houses."""

    communities: int = 2
    houses: int = 60
    residents: int = 200
    vehicles: int = 40
    passes: int = 500


SEEN = "DATE '2026-11-20' AS first_seen, DATE '2026-11-22' AS last_seen"
MODELS = {
    "houses": """SELECT 'h_' || i AS house_id, cid(i % {communities}) AS community_id,
        CAST(i // 100 AS VARCHAR) AS building, '1' AS unit,
        CAST(CASE WHEN i BETWEEN 100 AND 9999 THEN i // 100 ELSE i % 30 END AS INTEGER) AS floor,
        CAST(i AS VARCHAR) AS room, 'residential' AS use, 'private' AS tenure,
        ['let', 'owner_occupied', 'vacant'][1 + i % 3] AS status, 90.5 AS area_m2,
        {residents} // {houses} + CAST(i < {residents} % {houses} AS INTEGER) AS resident_count,
        1 AS source_count, {seen} FROM range({houses}) t(i)""",
    "residents": """SELECT 'r_' || i AS resident_id, '{name}' || i AS name, sex, birth_date, 'resident_id' AS id_type,
        '340199' || strftime(birth_date, '%Y%m%d') || lpad(CAST(i % 100 AS VARCHAR), 2, '0')
            || CASE sex WHEN 'male' THEN '1' WHEN 'female' THEN '2' END
            || CAST(i // 30000 % 10 AS VARCHAR) AS id_number,
        i % 2 = 0 AND id_number IS NOT NULL AS id_verified, '138' || lpad(CAST(i AS VARCHAR), 8, '0') AS phone,
        'permanent' AS population_type, 1 AS source_count, 1.0 AS match_confidence, {seen}
        FROM (SELECT i, ['male', 'female', NULL][1 + i % 3] AS sex,
            CASE WHEN i % 50 > 0 THEN DATE '1940-01-01' + CAST(i * 97 % 30000 AS INTEGER) END AS birth_date
            FROM range({residents}) t(i)) each""",
    "occupancies": """SELECT 'r_' || i AS resident_id, 'h_' || i % {houses} AS house_id, 'owner' AS role,
        'self' AS relation_to_head, DATE '2020-01-01' AS valid_from, NULL::DATE AS valid_to, true AS is_current
        FROM range({residents}) t(i)""",
    "vehicles": """SELECT 'v_' || i AS vehicle_id, '皖AD' || lpad(CAST(i AS VARCHAR), 5, '0') AS plate,
        'new_energy_small' AS plate_class, 'electric' AS energy, NULL::VARCHAR AS vehicle_type,
        NULL::VARCHAR AS body_colour, 'BYD' AS brand, NULL::VARCHAR AS vin, 1 AS source_count, {seen}
        FROM range({vehicles}) t(i)""",
    "vehicle_holdings": """SELECT 'v_' || i AS vehicle_id, 'r_' || i % {residents} AS resident_id,
        'h_' || i % {houses} AS house_id, cid((i % {houses}) % {communities}) AS community_id, 'owner' AS role,
        DATE '2020-01-01' AS valid_from, NULL::DATE AS valid_to, true AS is_current FROM range({vehicles}) t(i)""",
    "communities": """SELECT cid(i) AS community_id, '小区' || i AS name, 'acme' AS company,
        '340104' AS region_code, '蜀山区' AS district,
        (SELECT count(*) FROM houses h WHERE h.community_id = cid(i)) AS house_count,
        (SELECT count(DISTINCT resident_id) FROM occupancies o JOIN houses h USING (house_id)
            WHERE o.is_current AND h.community_id = cid(i)) AS resident_count,
        (SELECT count(DISTINCT vehicle_id) FROM vehicle_holdings v
            WHERE v.is_current AND v.community_id = cid(i)) AS vehicle_count
        FROM range({communities}) t(i)""",
    "sources": """SELECT k AS entity_type, id AS entity_id, k || 's' AS dataset, 'acme' AS company,
        'd_' || k AS delivery_id, k || '.csv' AS file, row_number() OVER (PARTITION BY k ORDER BY id) AS row_number,
        'single' AS match_rule, 1.0 AS match_probability, ['name'] AS surviving_columns FROM (
            SELECT 'resident' AS k, resident_id AS id FROM residents UNION ALL
            SELECT 'house', house_id FROM houses UNION ALL SELECT 'vehicle', vehicle_id FROM vehicles) every""",
    "evidence": """SELECT 'resident' AS entity_type, 'r_1' AS entity_id, 'r_2' AS other_id, 'acme' AS left_company,
        'd_resident' AS left_delivery_id, 'resident.csv' AS left_file, 1::BIGINT AS left_row_number,
        'acme' AS right_company, 'd_resident' AS right_delivery_id, 'resident.csv' AS right_file,
        2::BIGINT AS right_row_number, 'linked' AS rule, 0.8::DOUBLE AS probability, 'grey' AS verdict,
        ['name_same', 'phone_family'] AS findings, 'p_0123456789abcdef' AS pair_id,
        ['a'] AS left_names, ['b'] AS right_names""",
    "id_ledger": """SELECT entity_type, entity_id, 'created' AS event, NULL::VARCHAR AS other_id,
        'records that no known id claims' AS cause, DATE '{as_of}' AS as_of, '{merge_id}' AS release_id FROM sources""",
    "accuracy": """SELECT '{merge_id}' AS release_id, 'resident' AS entity, NULL::VARCHAR AS company, 'all' AS stratum,
        20::BIGINT AS people, 20::BIGINT AS true_pairs, 19::BIGINT AS joined_pairs, 1.0::DOUBLE AS precision,
        0.8::DOUBLE AS precision_low, 1.0::DOUBLE AS precision_high, 0.95::DOUBLE AS recall,
        0.75::DOUBLE AS recall_low, 0.99::DOUBLE AS recall_high""",
}
"""The register's tables, each from those before it."""


@dataclass
class Nights:
    """A data root in which releases follow one another."""

    root: Path
    size: Size = field(default_factory=Size)
    keep: int = 7
    memory: str = "1GB"
    count: int = 0

    @property
    def settings(self) -> Settings:
        return Settings(data=self.root / "data", config=self.root / "config", memory_limit=self.memory, threads=2)

    def merge(self, *edits: str, days: tuple[str, ...] = ("2026-11-21", "2026-11-22")) -> Merge:
        """A merge whose register is done: the made-up city, changed by SQL statements on its tables.

        A register table is edited under its own name; entries of the id ledger bear the merge's id.
        """
        self.count += 1
        merge_id = f"m{self.count}"
        work = self.settings.register / merge_id
        for folder in ("tables", "state"):
            (work / folder).mkdir(parents=True)
        (work / BEGUN).write_text("{}")
        company = Company.model_validate(
            {
                "company": "acme",
                "name": "Acme",
                "communities": [
                    {"name": f"小区{i}", "code": f"340199{i:09}", "expected": {"houses": 30}} for i in range(2)
                ],
                "feeds": {d: {"files": [f"{d}*"]} for d in ("residents", "houses", "vehicles")},
            }
        )
        merge = Merge(
            settings=self.settings,
            companies={"acme": company},
            policy=Policy.model_validate({"releases": {"keep": self.keep}}),
            deliveries=(
                deliver(self.settings, "d_resident", "residents"),
                deliver(self.settings, "d_events", "access_events", accepted=self.size.passes * len(days) + 1),
            ),
            as_of=AS_OF,
            merge_id=merge_id,
            work=work,
            previous=current_release(self.settings),
        )
        with duckdb.connect() as con:
            con.execute("CREATE MACRO cid(i) AS 'c_340199' || lpad(CAST(i AS VARCHAR), 9, '0')")
            self._write_tables(con, merge, edits)
            self._write_days(con, merge, days)
        return merge

    def _write_tables(self, con: duckdb.DuckDBPyConnection, merge: Merge, edits: tuple[str, ...]) -> None:
        values = {**vars(self.size), "seen": SEEN, "name": SECRET_NAME, "as_of": AS_OF, "merge_id": merge.merge_id}
        before = merge.previous_state / "id_ledger.parquet" if merge.previous_state else None
        models = MODELS | ({"id_ledger": f"FROM read_parquet('{before}')"} if before else {})
        for name, model in models.items():
            con.execute(f"CREATE TABLE {name} AS {model.format(**values)}")
        for edit in edits:
            con.execute(edit)
        for name in MODELS:
            columns = ", ".join(f'"{c.name}"::{c.type} AS "{c.name}"' for c in TABLES[name].columns)
            order = ", ".join(f'"{c}"' for c in TABLES[name].order_by)
            con.execute(f"COPY (SELECT {columns} FROM {name} ORDER BY {order}) TO '{merge.tables / name}.parquet'")
        con.execute(f"COPY id_ledger TO '{merge.state / 'id_ledger.parquet'}'")

    def _write_days(self, con: duckdb.DuckDBPyConnection, merge: Merge, days: tuple[str, ...]) -> None:
        listed = []
        for day in days:
            folder = self.settings.register / "events" / day
            paths = {
                t: folder / f"{t}.parquet" for t in ("access_events", "access_hourly", "events_identified", "daily")
            }
            if not folder.exists():
                folder.mkdir(parents=True)
                for name, model in _day_models(day, self.size).items():
                    con.execute(f"COPY ({model}) TO '{paths[name]}'")
            listed.append({"date": day, "rows": self.size.passes, **{k: str(p) for k, p in paths.items()}})
        (merge.work / "events.json").write_text(json.dumps({"days": listed, "folded": 1, "expired": 0}))

    def release(self, merge: Merge) -> Candidate:
        """Build and audit."""
        with connect(self.settings) as con:
            candidate = build_release(merge, con, started_at=STARTED)
            audit_release(candidate, merge, con)
        return candidate

    def audit(self, merge: Merge) -> dict[str, CheckResult]:
        """Build and audit; the results by ``table.check``."""
        with connect(self.settings) as con:
            candidate = build_release(merge, con, started_at=STARTED)
            return {f"{r.table}.{r.check}": r for r in audit_release(candidate, merge, con)}

    def publish(self, *edits: str, **more: Any) -> Path:
        """A whole night."""
        merge = self.merge(*edits, **more)
        return publish(self.release(merge), merge)


def _day_models(day: str, size: Size) -> dict[str, str]:
    number = day.replace("-", "")
    passes = f"""SELECT CAST({number}0000000000 + i AS BIGINT) AS event_id,
        CAST('{day} 00:00:00+08' AS TIMESTAMPTZ) + INTERVAL 1 SECOND * (i % 86400) AS occurred_at,
        DATE '{day}' AS event_date, cid(i % {size.communities}) AS community_id, '东门' AS gate, 'in' AS direction,
        'face' AS method, 'resident' AS subject_kind, i % 10 > 0 AS is_registered FROM range({size.passes}) t(i)"""
    return {
        "access_events": passes,
        "access_hourly": f"""SELECT community_id, gate, date_trunc('hour', occurred_at) AS hour, direction,
            subject_kind, count(*) AS events FROM ({passes}) GROUP BY ALL""",
        # every fourth pass belongs to a grown-up
        "events_identified": f"""SELECT event_id, event_date, 'resident' AS entity_type, 'r_1' AS entity_id,
            'acme' AS company, 'd_1' AS delivery_id, 'e.csv' AS file, event_id AS row_number
            FROM ({passes}) WHERE event_id % 4 = 0""",
        "daily": f"""SELECT community_id, event_date, count(*) AS passes,
            count(*) FILTER (WHERE NOT is_registered) AS unregistered FROM ({passes}) GROUP BY ALL""",
    }


def deliver(settings: Settings, delivery_id: str, dataset: str, accepted: int = 2, **more: Any) -> Delivery:
    """A delivery with its manifest, its ledger and its parts: some records let in, one set aside."""
    name = f"{dataset}.csv"
    file = FileReport(file=name, path=name, sha256="0" * 64, size=1, mtime_ns=0, rows_read=accepted + 1)
    said = {
        "delivery_id": delivery_id,
        "company": "acme",
        "feed": dataset,
        "dataset": dataset,
        "mode": "snapshot",
        "status": "loaded",
        "delivered_on": AS_OF,
        "received_at": "2026-11-22T20:00:00+00:00",
        "feed_fingerprint": "f",
        "files": [file],
    }
    delivery = Delivery(**(said | more))
    landed = settings.landing / "acme" / delivery_id
    landed.mkdir(parents=True, exist_ok=True)
    (landed / "delivery.json").write_text(delivery.model_dump_json())
    if delivery.status == "loaded":
        _judge(settings, delivery, accepted)
    return delivery


def _judge(settings: Settings, delivery: Delivery, accepted: int) -> None:
    folder = standard_folder(settings, "acme", delivery.delivery_id)
    folder.mkdir(parents=True, exist_ok=True)
    file = delivery.files[0].file
    base = {"company": "acme", "feed": delivery.feed, "delivery_id": delivery.delivery_id, "file": file}
    base |= {"record_hash": "x", "delivered_on": AS_OF}
    pq.write_table(pa.table({"row_number": range(accepted)}), folder / "accepted.parquet")
    aside = {"row_number": 4, "dataset": delivery.dataset, "reasons": ["no_identity:name", "house_incomplete:room"]}
    set_aside = {**base, **aside, "warnings": ["x"], "raw": json.dumps({"name": SECRET_NAME}, ensure_ascii=False)}
    pq.write_table(pa.Table.from_pylist([set_aside]), folder / "quarantined.parquet")
    counts = FileLedger(file=file, rows_read=accepted + 1, accepted=accepted, quarantined=1, duplicate=0, skipped=0)
    ledger = Ledger(
        delivery_id=delivery.delivery_id,
        company="acme",
        feed=delivery.feed,
        dataset=delivery.dataset,
        delivered_on=AS_OF,
        standard_version="1",
        landing_fingerprint="f",
        files=[counts],
        reasons={"no_identity:name": 1},
        warnings={},
        alarms=[],
    )
    (folder / "ledger.json").write_text(ledger.model_dump_json())
    held = CheckResult("schema", f"standard.{delivery.dataset}", True, "as expected", "as the contract says")
    checks = DeliveryChecks(rows=accepted, results=[held], distributions={})
    (folder / "checks.json").write_text(checks.model_dump_json())
