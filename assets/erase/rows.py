"""Taking rows out of a landed delivery: their content goes, their place in the count stays.

An erased row keeps file and row number and is set aside with the reason ``erased``, so the delivery still adds up and
the company is told, by row, whom it has to erase too.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import duckdb

from assets.erase.identifiers import DATASETS, identifiers
from assets.landing.delivery import DATA, Delivery, deliveries, delivery_folder
from assets.retention import remove_dropped
from assets.standard import ACCEPTED, judged, standard_folder, standardise
from assets.standard.functions import functions
from expectations.contracts.datasets import DATASETS as CONTRACTS
from expectations.contracts.reasons import ERASED
from expectations.feeds import Company
from resources.duck import PARQUET, identifier, quote
from resources.files import fsync_path
from resources.keys import keyed
from resources.settings import Settings


def data_file(settings: Settings, delivery: Delivery) -> Path:
    """The landed rows of a delivery."""
    return delivery_folder(settings, delivery.company, delivery.delivery_id) / DATA


def find_rows(con: duckdb.DuckDBPyConnection, settings: Settings, delivery: Delivery) -> int:
    """Make ``erased_rows`` (file, row_number) of the delivery's rows that a tombstone knows; how many there are.

    Needs :func:`assets.erase.tombstones.open_tombstones`. Digests are made of distinct identifiers only.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE erased_rows (file VARCHAR, row_number BIGINT)")
    landed = data_file(settings, delivery)
    if delivery.dataset not in DATASETS or not landed.exists():
        return 0
    accepted = standard_folder(settings, delivery.company, delivery.delivery_id) / ACCEPTED
    told = identifiers(delivery.dataset, landed, accepted if accepted.exists() else None)
    with functions(con):
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE erase_told AS SELECT DISTINCT * FROM ({told}) WHERE said IS NOT NULL"
        )
    con.execute(
        f"""INSERT INTO erased_rows SELECT DISTINCT t.file, t.row_number FROM erase_told t
        SEMI JOIN (SELECT said FROM (SELECT DISTINCT said FROM erase_told)
            WHERE {keyed("said")} IN (SELECT digest FROM tombstones)) k ON k.said = t.said"""
    )
    con.execute("DROP TABLE erase_told")
    return _count(con, "erased_rows")


def blank_rows(con: duckdb.DuckDBPyConnection, settings: Settings, delivery: Delivery) -> int:
    """Empty the rows of ``erased_rows`` in the landed delivery, whole or not at all; how many were not empty yet."""
    path = data_file(settings, delivery)
    if not path.exists():
        return 0
    landed = f"read_parquet({quote(path)})"
    fresh = (
        f"SELECT count(*) FROM {landed} d SEMI JOIN erased_rows e USING (file, row_number) WHERE row_kind <> 'erased'"
    )
    row = con.execute(fresh).fetchone()
    if not row or not row[0]:
        return 0
    fields = [f.name for f in CONTRACTS[delivery.dataset].fields]
    emptied = ", ".join(
        f"CASE WHEN hit THEN NULL ELSE {identifier(f)} END AS {identifier(f)}" for f in (*fields, "raw_line")
    )
    aside = path.with_name(f".{path.name}.erasing")
    con.execute("SET preserve_insertion_order = true")
    try:
        con.execute(
            f"""COPY (
                SELECT * EXCLUDE (hit) REPLACE ({emptied}, CASE WHEN hit THEN '' ELSE record_hash END AS record_hash,
                    CASE WHEN hit THEN 'erased' ELSE row_kind END AS row_kind)
                FROM (SELECT *, struct_pack(f := file, r := row_number) IN
                    (SELECT struct_pack(f := file, r := row_number) FROM erased_rows) AS hit FROM {landed})
            ) TO {quote(aside)} ({PARQUET})"""
        )
    finally:
        con.execute("SET preserve_insertion_order = false")
    fsync_path(aside)
    os.replace(aside, path)
    fsync_path(path.parent)
    return int(row[0])


def _count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {relation}").fetchone()
    return int(row[0]) if row else 0


def erased_in(con: duckdb.DuckDBPyConnection, settings: Settings, delivery: Delivery) -> int:
    """How many rows of a landed delivery were erased, on any day."""
    path = data_file(settings, delivery)
    return _count(con, f"read_parquet({quote(path)}) WHERE row_kind = 'erased'") if path.exists() else 0


def judge_again(con: duckdb.DuckDBPyConnection, settings: Settings, company: Company, delivery: Delivery) -> bool:
    """Judge a delivery anew where its rows were erased since it was judged; whether it was."""
    known = judged(settings, company, delivery)
    if known is not None and known.reasons.get(f"{ERASED}:row", 0) == erased_in(con, settings, delivery):
        return False
    standardise(settings, company, delivery, con, again=True)
    return True


def refuse_erased(con: duckdb.DuckDBPyConnection, settings: Settings, company: Company, delivery: Delivery) -> bool:
    """Take the rows of people who were erased out of a delivery just judged; whether there were any.

    Needs :func:`assets.erase.tombstones.open_tombstones`. The delivery is judged anew without them.
    """
    if find_rows(con, settings, delivery):
        blank_rows(con, settings, delivery)
    return judge_again(con, settings, company, delivery)


def withdraw_files(settings: Settings, company: Company, con: duckdb.DuckDBPyConnection) -> list[Path]:
    """Remove the dropped files that hold an erased person's row, once every feed that reads them has; the removed.

    The company has the original; what the register needs of the file lies in the landing layer.
    """
    tainted = {
        f.sha256
        for d in deliveries(settings, company.company)
        if d.status == "loaded"
        for f in d.files
        if f.file in _erased_files(con, settings, d)
    }
    return remove_dropped(settings, company, tainted)


def _erased_files(con: duckdb.DuckDBPyConnection, settings: Settings, delivery: Delivery) -> set[str]:
    path = data_file(settings, delivery)
    if not path.exists():
        return set()
    rows = con.execute(f"SELECT DISTINCT file FROM read_parquet({quote(path)}) WHERE row_kind = 'erased'").fetchall()
    return {name for (name,) in rows}


def sha256(path: Path) -> str:
    """The digest of a file, for the proof."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
