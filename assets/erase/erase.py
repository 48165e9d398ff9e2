"""Erasing a person from every folder of the data root.

The order makes it safe to be killed at any moment: first the journal (whom), then the tombstones (nobody brings them
back), then each place, each file replaced whole; last the search, the proof, and the end of the journal. Running it
again finishes what was left.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from assets.erase.journal import Journal, journal_path, open_journal, write_journal
from assets.erase.pass_on import pass_on
from assets.erase.releases import clean_release, try_exchange
from assets.erase.rows import blank_rows, data_file, find_rows, judge_again, sha256, withdraw_files
from assets.erase.search import Searched, holds, search
from assets.erase.subject import find_subject
from assets.erase.tombstones import add_tombstones, digests_of, open_tombstones
from assets.landing import deliveries
from assets.locks import company_lock, merge_lock
from assets.merge import BEGUN
from assets.receivers.standing import today
from assets.register.events.deliveries import events_folder
from assets.release import list_releases
from assets.release.publish import switch_lock
from assets.retention import orphans
from assets.standard import standard_folder
from assets.verdicts import read_verdicts, verdicts_path
from expectations.feeds import load_companies
from resources.duck import PARQUET, connect, quote
from resources.files import clear_asides, fsync_path, remove_folder, write_text
from resources.keys import erasure_key, use_hmac_key
from resources.settings import Settings

Progress = Callable[[str], None]


class StillFound(RuntimeError):
    """Values of the person are still in some file; the message names it."""


@dataclass(frozen=True)
class Proof:
    """What was erased, free of personal data.

    ``places``: rows by place. ``files``: every file written anew or removed, with its SHA-256 before and after.
    ``searched``: how many values of each kind were looked for, and in how many files and bytes; nothing was found.
    ``shared``: values by kind that others have too (a family's phone, a common name): they stay with the others.
    ``told``: receivers that are given the pseudonyms to delete; ``untold``: why one could not be.
    """

    erasure: str
    resident_id: str
    begun_at: str
    finished_at: str
    places: dict[str, int]
    files: list[dict[str, str | None]]
    searched: dict[str, int]
    shared: dict[str, int]
    told: dict[str, int]
    untold: dict[str, str]


def erase(settings: Settings, resident_id: str, progress: Progress = lambda _: None) -> Proof:
    """Erase a resident; an erasure that was interrupted is finished first, and is the result if it was the same one's.

    Raises :class:`assets.explain.UnknownId`, :class:`resources.keys.KeyProblem`, :class:`resources.lock.Held` while a
    merge or a load runs, :class:`StillFound` when the search at the end finds a value of the person, and before
    anything is changed :class:`CannotExchange` on a file system where releases cannot be replaced in one step.
    """
    with _alone(settings), connect(settings) as con:
        if journal_path(settings).exists():
            progress("finishing an erasure that was interrupted")
            proof = _finish(con, settings, progress)
            if proof.resident_id == resident_id:
                return proof
        progress("finding every record")
        subject = find_subject(con, settings, resident_id)
        try_exchange(settings.releases)
        write_journal(con, settings, subject)
        return _finish(con, settings, progress)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """No merge, no load and no switch of releases meanwhile."""
    companies, _ = load_companies(settings.feeds)
    landed = {p.name for p in settings.landing.glob("[!.]*")} if settings.landing.exists() else set()
    with ExitStack() as stack:
        stack.enter_context(merge_lock(settings))
        for company in sorted({*companies, *landed}):
            stack.enter_context(company_lock(settings, company))
        stack.enter_context(switch_lock(settings))
        yield


def _finish(con: duckdb.DuckDBPyConnection, settings: Settings, progress: Progress) -> Proof:
    with open_journal(con, settings) as journal:
        erasure_key(settings, create=True)
        use_hmac_key(con, erasure_key(settings))
        add_tombstones(settings, digests_of(con, journal.subject.said), journal.erasure, today())
        progress("deliveries")
        _deliveries(con, settings, journal)
        shared = _open_views(con, settings, journal)
        progress("releases")
        _register(con, settings, journal)
        passed = pass_on(con, settings, journal)
        for release in list_releases(settings):
            rows = clean_release(con, settings, release.folder)
            if rows:
                journal.done("releases", f"releases/{release.release_id}", rows, None, None)
        _verdicts(settings, journal)
        progress("searching every file")
        values = _values(con)
        _sweep(con, settings, journal, values)
        found = search(con, settings, values, leave_out=(journal_path(settings),))
        if found.found:
            raise StillFound(
                f"values of the person are still in {', '.join(map(str, found.found[:5]))}; everything else is erased. "
                f"Remove what these files hold and run the same command again"
            )
        proof = _proof(con, journal, found, shared, passed)
        write_text(settings.erasures / "proofs" / f"{journal.erasure}.json", json.dumps(asdict(proof), indent=1))
    journal_path(settings).unlink()
    fsync_path(settings.erasures)
    return proof


def _deliveries(con: duckdb.DuckDBPyConnection, settings: Settings, journal: Journal) -> None:
    """Landing, standard and the drop folder: every row that a tombstone knows, or that is known to be theirs."""
    companies, _ = load_companies(settings.feeds)
    for layer in (settings.landing, settings.standard):
        for company_folder in layer.glob("[!.]*"):
            clear_asides(company_folder)  # deliveries that a killed process was replacing
    open_tombstones(con, settings)
    for delivery in deliveries(settings):
        if delivery.status != "loaded":
            continue
        find_rows(con, settings, delivery)
        con.execute(
            """INSERT INTO erased_rows SELECT file, row_number FROM journal.rows
            WHERE company = ? AND delivery_id = ?""",
            [delivery.company, delivery.delivery_id],
        )
        path = data_file(settings, delivery)
        before = sha256(path) if path.exists() else None
        rows = blank_rows(con, settings, delivery)
        name = str(path.relative_to(settings.data))
        if rows:
            journal.done("landing", name, rows, before, sha256(path))
        company = companies.get(delivery.company)
        if company is not None and delivery.feed in company.feeds:
            if judge_again(con, settings, company, delivery):
                journal.done(
                    "standard",
                    str(standard_folder(settings, delivery.company, delivery.delivery_id).relative_to(settings.data)),
                    rows,
                    None,
                    None,
                )
        elif rows:  # no feed file says how to judge it any more, so no merge takes it
            shutil.rmtree(standard_folder(settings, delivery.company, delivery.delivery_id), ignore_errors=True)
    for folder in orphans(settings):
        shutil.rmtree(folder)
        journal.done("standard", str(folder.relative_to(settings.data)), 0, None, None)
    for company in companies.values():
        for path in withdraw_files(settings, company, con):
            journal.done("drop", str(path.relative_to(settings.data)), 0, None, None)


def _open_views(con: duckdb.DuckDBPyConnection, settings: Settings, journal: Journal) -> dict[str, int]:
    """``erase_ids``, ``erase_places`` (all rows ever erased) and ``erase_values`` (kind, value, alone): a value is the
    person's alone when no row of a delivery has it any more. How many of each kind are not."""
    con.execute("CREATE OR REPLACE TEMP TABLE erase_ids AS SELECT DISTINCT entity_id FROM journal.ids")
    con.execute("CREATE OR REPLACE TEMP TABLE erase_places AS SELECT delivery_id, file, row_number FROM journal.rows")
    values = sorted({v for said in journal.subject.said for v in _values_in(said)})
    schema = pa.schema([("kind", pa.string()), ("value", pa.string())])
    table = pa.Table.from_pylist([{"kind": kind, "value": value} for kind, value in values], schema=schema)
    con.register("erase_given", table)
    con.execute("CREATE OR REPLACE TEMP TABLE erase_values AS SELECT *, true AS alone FROM erase_given")
    con.unregister("erase_given")
    for delivery in deliveries(settings):
        path = data_file(settings, delivery)
        if path.exists():
            landed = f"read_parquet({quote(path)})"
            con.execute(
                f"INSERT INTO erase_places SELECT delivery_id, file, row_number FROM {landed} WHERE row_kind = 'erased'"
            )
            _mark_shared(con, delivery.dataset, landed)
    rows = con.execute("SELECT kind, count(*) FROM erase_values WHERE NOT alone GROUP BY kind").fetchall()
    return dict(rows)


def _values_in(said: str) -> Iterator[tuple[str, str]]:
    """The kinds and values that an identifier holds."""
    kind, *parts = said.split("|")
    if kind in ("np", "nh", "nc"):
        yield "names", parts[0]
    if kind == "np":
        yield "phones", parts[1]
    if kind in _SINGLE:
        yield _SINGLE[kind], parts[0]


_SINGLE = {"id": "ID numbers", "pl": "plates", "ph": "phones"}
_HOLDERS = {
    "residents": {"names": "name", "phones": "phone"},
    "vehicles": {"names": "owner_name", "phones": "owner_phone", "plates": "plate"},
    "access_events": {"names": "name", "phones": "phone", "plates": "plate"},
}


def _mark_shared(con: duckdb.DuckDBPyConnection, dataset: str, landed: str) -> None:
    """Values that rows of others still hold. An ID number is nobody else's."""
    for kind, column in _HOLDERS.get(dataset, {}).items():
        con.execute(
            f"""UPDATE erase_values SET alone = false WHERE kind = $kind AND value IN (
                SELECT v.value FROM erase_values v, (SELECT DISTINCT {column} AS held FROM {landed}) d
                WHERE v.kind = $kind AND contains(d.held, v.value))""",
            {"kind": kind},
        )


def _values(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [v for (v,) in con.execute("SELECT DISTINCT value FROM erase_values WHERE alone ORDER BY 1").fetchall()]


def _register(con: duckdb.DuckDBPyConnection, settings: Settings, journal: Journal) -> None:
    """The register's work of merges that are over, the id ledger's keys, the days' passes."""
    for work in settings.register.glob("*"):
        if (work / BEGUN).exists():
            remove_folder(work)
            journal.done("register", f"register/{work.name}", 0, None, None)
    clear_asides(settings.register)  # one that a killed erasure had begun to remove
    for building in settings.releases.glob(".*.building"):
        (settings.releases / building.name[1:].removesuffix(".building")).unlink(missing_ok=True)
        shutil.rmtree(building)
    for path in sorted(settings.ledger.glob("*/entity_keys_*.parquet")):
        _filter(con, settings, journal, "ledger", path)
    for path in sorted(events_folder(settings).glob("*/*/events_identified.parquet")):
        _filter(con, settings, journal, "register", path)


def _filter(con: duckdb.DuckDBPyConnection, settings: Settings, journal: Journal, place: str, path: Path) -> None:
    """Write a Parquet file anew without the rows about ``erase_ids``, if it has any."""
    source, theirs = (
        f"read_parquet({quote(path)}, hive_partitioning = false)",
        "entity_id IN (SELECT entity_id FROM erase_ids)",
    )
    row = con.execute(f"SELECT count(*) FROM {source} WHERE {theirs}").fetchone()
    if not row or not row[0]:
        return
    before, aside = sha256(path), path.with_name(f".{path.name}.erasing")
    con.execute("SET preserve_insertion_order = true")
    con.execute(f"COPY (FROM {source} WHERE NOT coalesce({theirs}, false)) TO {quote(aside)} ({PARQUET})")
    con.execute("SET preserve_insertion_order = false")
    aside.chmod(path.stat().st_mode & 0o777)
    fsync_path(aside)
    os.replace(aside, path)
    fsync_path(path.parent)
    journal.done(place, str(path.relative_to(settings.data)), int(row[0]), before, sha256(path))


def _verdicts(settings: Settings, journal: Journal) -> None:
    """What reviewers decided about their records, with the notes."""
    path, pairs = verdicts_path(settings), set(journal.subject.pairs)
    before = read_verdicts(settings)
    kept = [v for v in before if v.pair not in pairs]
    if len(kept) < len(before):
        digest = sha256(path)
        write_text(path, "".join(v.model_dump_json() + "\n" for v in kept))
        path.chmod(0o600)
        journal.done("reviews", str(path.relative_to(settings.data)), len(before) - len(kept), digest, sha256(path))


def _sweep(con: duckdb.DuckDBPyConnection, settings: Settings, journal: Journal, values: list[str]) -> None:
    """Files that are of no layer: dropped files that could not be read or are of no feed, workbooks for companies,
    leftovers of killed processes. One that holds a value of the person's own goes whole; whoever needs it makes or
    sends it again."""
    layers = {
        settings.landing,
        settings.standard,
        settings.register,
        settings.releases,
        settings.ledger,
        settings.erasures,
        settings.reviews,
        settings.published,
        settings.publications,
    }
    for top in sorted(settings.data.iterdir()):
        if top in layers or top.is_symlink() or not values:
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and not path.is_symlink() and holds(con, settings, path, values):
                journal.done(top.name, str(path.relative_to(settings.data)), 0, sha256(path), None)
                path.unlink()


def _proof(
    con: duckdb.DuckDBPyConnection,
    journal: Journal,
    found: Searched,
    shared: dict[str, int],
    passed: tuple[dict[str, int], dict[str, str]],
) -> Proof:
    work = journal.work()
    places: Counter[str] = Counter()
    for place, _, rows, _, _ in work:
        places[place] += rows or 1
    kinds = con.execute("SELECT kind, count(*) FROM erase_values WHERE alone GROUP BY kind").fetchall()
    return Proof(
        erasure=journal.erasure,
        resident_id=journal.subject.resident_id,
        begun_at=journal.at.astimezone(UTC).isoformat(timespec="seconds"),
        finished_at=datetime.now(UTC).isoformat(timespec="seconds"),
        places=dict(sorted(places.items())),
        files=[{"file": path, "before": before, "after": after} for _, path, _, before, after in work],
        searched={"files": found.files, "bytes": found.bytes, "found": 0, **dict(kinds)},
        shared=shared,
        told=passed[0],
        untold=passed[1],
    )
