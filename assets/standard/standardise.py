"""From a landed delivery to its standard one: accepted, quarantined, duplicates, skipped, and the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import duckdb
from pydantic import ValidationError

from assets.landing.delivery import DATA, Delivery, delivery_folder
from assets.standard.alarms import alarms
from assets.standard.communities import unknown_communities
from assets.standard.functions import functions
from assets.standard.ledger import LEDGER, FileLedger, Ledger, read_ledger
from assets.standard.on_spark import open_stage
from assets.standard.rules import Context
from assets.standard.stage import DUPLICATES, STAGED, of_delivery, quarantine_rows
from assets.standard.validate import ACCEPTED, CHECKS, check_again, is_checked, validate
from expectations.contracts.datasets import DATASETS, PROVENANCE
from expectations.feeds import Company
from resources.duck import PARQUET, connect, quote
from resources.files import folder_aside
from resources.settings import Settings
from resources.version import code_version

QUARANTINED, DUPLICATE, SKIPPED = (f"{part}.parquet" for part in ("quarantined", "duplicates", "skipped"))


def standard_folder(settings: Settings, company: str, delivery_id: str) -> Path:
    """Where the parts and the ledger of a standard delivery lie."""
    return settings.standard / company / delivery_id


def standardise(
    settings: Settings,
    company: Company,
    delivery: Delivery,
    con: duckdb.DuckDBPyConnection | None = None,
    *,
    again: bool = False,
) -> Ledger:
    """Judge every row of a landed delivery and write its four parts, its ledger and its checks, whole or not at all.

    A delivery that was judged before, from the same landing and by the same rules, is left as it is, unless ``again``:
    its landed rows have changed; where only the checks of what was accepted are others now, they alone are made anew.
    ``con`` is used
    for temporary tables only, all dropped; one is opened where none is given.
    Raises ValueError for a delivery that was not loaded, LedgerImbalance when rows do not add up, SparkFailed where
    Spark was to judge it and did not.
    """
    if delivery.status != "loaded":
        raise ValueError(f"{delivery.company}/{delivery.delivery_id}: status is {delivery.status}, expected loaded")
    done = None if again else judged(settings, company, delivery)
    dataset = DATASETS[delivery.dataset]
    final = standard_folder(settings, delivery.company, delivery.delivery_id)
    if done and is_checked(final, dataset):
        return done
    if con is None:
        with connect(settings) as own:
            return standardise(settings, company, delivery, own, again=again)
    landed = delivery_folder(settings, delivery.company, delivery.delivery_id) / DATA
    if done:
        check_again(con, dataset, final)
        return done
    with (
        functions(con, company),
        open_stage(settings, delivery, con, landed) as stage,
        folder_aside(final) as aside,
    ):
        stage.records(dataset)
        feed = company.feeds[delivery.feed]
        columns = frozenset(delivery.columns.values()) | frozenset(feed.constants)
        stage.duplicates()
        stage.judge(Context(company, feed, dataset, delivery.delivered_on, columns, stage.rounded_files(dataset)))
        _write(con, delivery, stage.landed, aside)
        ledger = Ledger(
            delivery_id=delivery.delivery_id,
            company=delivery.company,
            feed=delivery.feed,
            dataset=dataset.name,
            delivered_on=delivery.delivered_on,
            standard_version=_version(),
            landing_fingerprint=_fingerprint(company, delivery),
            files=_files(con, delivery, stage.landed, aside),
            reasons=_counts(con, aside / QUARANTINED, "reasons"),
            warnings=_counts(con, aside / ACCEPTED, "warnings"),
            alarms=alarms(con, dataset),
            communities=unknown_communities(con, company),
        )
        ledger.check()
        validated = validate(con, dataset, aside / ACCEPTED)
        (aside / CHECKS).write_text(validated.model_dump_json(indent=1), encoding="utf-8")
        (aside / LEDGER).write_text(ledger.model_dump_json(indent=1), encoding="utf-8")
    return ledger


def judged(settings: Settings, company: Company, delivery: Delivery) -> Ledger | None:
    """The ledger of a delivery that was judged from this landing, by these rules and by what the company says of its
    values now; None where it has yet to be."""
    done = _done(standard_folder(settings, delivery.company, delivery.delivery_id))
    if done and (done.standard_version, done.landing_fingerprint) == (_version(), _fingerprint(company, delivery)):
        return done
    return None


def is_current(settings: Settings, company: Company, delivery: Delivery) -> bool:
    """Whether nothing is left to do for a delivery: it is judged, and what was accepted is checked, as of now."""
    folder = standard_folder(settings, delivery.company, delivery.delivery_id)
    return judged(settings, company, delivery) is not None and is_checked(folder, DATASETS[delivery.dataset])


def _version() -> str:
    """The rules and the contracts they read: another version judges every delivery again. What is only asked of
    records that were accepted is in the digest of their checks."""
    contracts = "expectations/contracts"
    but = (f"{contracts}/row_rules.py", f"{contracts}/cross_rules.py")
    return code_version("assets/standard", contracts, but=but)


def _fingerprint(company: Company, delivery: Delivery) -> str:
    """What decided how the delivery was landed, its bytes being in its id, and what its values mean."""
    landed = (delivery.feed_fingerprint, delivery.headers_fingerprint, delivery.code_version)
    said = "|".join((*landed, company.judging_fingerprint(delivery.feed)))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _done(final: Path) -> Ledger | None:
    try:
        return read_ledger(final)
    except (FileNotFoundError, ValidationError):
        return None  # never judged, or by a program that kept another ledger


def _write(con: duckdb.DuckDBPyConnection, delivery: Delivery, landed: str, aside: Path) -> None:
    """The four parts, each one COPY. Events are sorted by time, for the day files made of them."""
    dataset = DATASETS[delivery.dataset]
    columns = ", ".join(c.name for c in (*PROVENANCE, *dataset.columns))
    order = " ORDER BY event_date, occurred_at" if dataset.name == "access_events" else ""
    parts = {
        ACCEPTED: f"""SELECT {columns} FROM (SELECT *, {of_delivery(delivery)} FROM {STAGED})
            WHERE reasons IS NULL{order}""",
        QUARANTINED: " UNION ALL ".join(quarantine_rows(dataset, landed)),
        DUPLICATE: f"SELECT * FROM {DUPLICATES}",
        SKIPPED: f"""SELECT company, feed, delivery_id, file, row_number, row_kind FROM {landed}
            WHERE row_kind IN ('footer', 'blank')""",
    }
    for name, query in parts.items():
        con.execute(f"COPY ({query}) TO {quote(aside / name)} ({PARQUET})")


def _files(con: duckdb.DuckDBPyConnection, delivery: Delivery, landed: str, aside: Path) -> list[FileLedger]:
    """Rows per file: read as landing counted them, the rest as the written parts hold them."""

    def rows(source: str) -> dict[str, int]:
        return dict(con.execute(f"SELECT file, count(*) FROM {source} GROUP BY file").fetchall())

    read = rows(landed) | {f.file: f.rows_read for f in delivery.files if f.status == "loaded"}
    accepted, quarantined, duplicate, skipped = (
        rows(f"read_parquet({quote(aside / part)})") for part in (ACCEPTED, QUARANTINED, DUPLICATE, SKIPPED)
    )
    names: Iterable[str] = sorted({*read, *accepted, *quarantined, *duplicate, *skipped})
    return [
        FileLedger(
            file=f,
            rows_read=read.get(f, 0),
            accepted=accepted.get(f, 0),
            quarantined=quarantined.get(f, 0),
            duplicate=duplicate.get(f, 0),
            skipped=skipped.get(f, 0),
        )
        for f in names
    ]


def _counts(con: duckdb.DuckDBPyConnection, part: Path, column: str) -> dict[str, int]:
    found = con.execute(
        f"""SELECT reason, count(*) FROM (SELECT unnest({column}) AS reason FROM read_parquet({quote(part)}))
        GROUP BY reason ORDER BY reason"""
    )
    return dict(found.fetchall())
