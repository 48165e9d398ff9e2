"""Returns: for each delivery with rows set aside a folder that goes back to the company."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from assets.landing import Delivery, delivery_folder
from assets.landing.plan import ZONE, named_date
from assets.quarantine.account import SetAside, set_aside
from assets.quarantine.render import can_write, write_account, write_text, write_workbook
from assets.quarantine.sent import Table, tables_sent
from assets.quarantine.summary import account
from assets.quarantine.words import Clerk
from expectations.contracts.returned import SUMMARY, Mark
from expectations.feeds import Company
from resources.duck import connect
from resources.files import folder_aside
from resources.settings import Settings
from resources.version import code_version

MANIFEST = "return.json"
_STEM_BYTES = 120


class Return(BaseModel):
    """What was written for one delivery. ``rows`` are those set aside; ``exact``: in the file's own cells throughout.
    ``fingerprint`` is equal for equal rows, reasons and words."""

    model_config = ConfigDict(extra="forbid")

    company: str
    feed: str
    dataset: str
    delivery_id: str
    delivered_on: date
    written_at: str
    rows: int
    accepted: int
    reasons: dict[str, int]
    files: list[str]
    exact: bool
    fingerprint: str


@dataclass(frozen=True)
class Written:
    """One return and its folder; ``is_new`` unless it lay there already."""

    folder: Path
    told: Return
    is_new: bool


def write_returns(
    settings: Settings,
    company: Company,
    *,
    since: date | None = None,
    out: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Written]:
    """Write the returns of a company below ``out`` (``returns/`` of the data root), a folder per delivery in effect.

    What lies there already and would come out the same is left alone; folders of deliveries that are no longer held
    are removed. Files are for their owner alone: they hold what the company sent.
    """
    root = (out or settings.returns) / company.company
    root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    root.mkdir(mode=0o700, exist_ok=True)
    _prune(settings, company, root)
    done = []
    with connect(settings) as con:
        for returned in set_aside(settings, company, since):
            d = returned.delivery
            folder = root / f"{d.delivered_on:%Y%m%d}_{d.feed}_{d.delivery_id}"
            before = _read(folder)
            if before is not None and before.fingerprint == _fingerprint(company, returned):
                done.append(Written(folder, before, is_new=False))
                continue
            if progress is not None:
                progress(f"{company.company}: {d.feed} of {d.delivered_on}")
            done.append(Written(folder, _write(con, settings, company, returned, folder), is_new=True))
    return done


def _write(
    con: duckdb.DuckDBPyConnection, settings: Settings, company: Company, returned: SetAside, folder: Path
) -> Return:
    delivery = returned.delivery
    now = datetime.now(UTC)
    with tables_sent(con, settings, company, delivery) as tables, folder_aside(folder) as aside:
        aside.chmod(0o700)
        headers = {f: h for table in reversed(tables) for f, h in table.headers.items()}
        clerk = Clerk.of(company, delivery.dataset, headers)
        exact = all(t.exact for t in tables)
        lines = account(returned, clerk, exact=exact, on=now.astimezone(ZONE).date())
        books = [t for t in tables if not can_write(t)]
        texts = [t for t in tables if can_write(t)]
        if books:
            write_workbook(aside / _name(delivery, books[0], ".xlsx"), books, clerk, lines)
        for n, table in enumerate(texts, 1):
            suffix = f"_{n}" if len(texts) > 1 else ""
            write_text(aside / _name(delivery, table, f"{suffix}{_extension(table)}"), table, clerk)
        if texts:
            write_account(aside / f"{SUMMARY}_{delivery.delivered_on:%Y%m%d}_{delivery.feed}.txt", lines)
        told = Return(
            company=company.company,
            feed=delivery.feed,
            dataset=delivery.dataset,
            delivery_id=delivery.delivery_id,
            delivered_on=delivery.delivered_on,
            written_at=now.isoformat(timespec="seconds"),
            rows=returned.rows,
            accepted=returned.accepted,
            reasons=returned.reasons,
            files=sorted(p.name for p in aside.iterdir()),
            exact=exact,
            fingerprint=_fingerprint(company, returned),
        )
        manifest = aside / MANIFEST
        manifest.touch(mode=0o600)
        manifest.write_text(told.model_dump_json(indent=1), encoding="utf-8")
    return told


def _name(delivery: Delivery, table: Table, ending: str) -> str:
    """The name of a return: that of the file, with the mark, and with the delivery's day where it has another."""
    stem = re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|]+", "_", PurePosixPath(table.source).stem)
    mark = str(Mark(delivery.feed, delivery.corrects or delivery.delivery_id))
    if delivery.corrects is not None:
        # returned a second time: under a name of its own, or it would replace what was corrected the first time
        stem, mark = stem.split("_退回_")[0], f"{mark}_{delivery.delivery_id[2:8]}"
    stem = stem.encode()[:_STEM_BYTES].decode(errors="ignore")
    name = f"{stem}_{mark}{ending}"
    if named_date(name) == delivery.delivered_on:
        return name
    return f"{delivery.delivered_on:%Y%m%d}_{name}"


def _extension(table: Table) -> str:
    return ".tsv" if table.text is not None and table.text.delimiter == "\t" else ".csv"


def _fingerprint(company: Company, returned: SetAside) -> str:
    words = (company.name, company.contact.model_dump_json(), *(c.name for c in company.communities))
    code = code_version("assets/quarantine", "expectations/contracts")
    return hashlib.sha256("\x1f".join((returned.ledger.model_dump_json(), code, *words)).encode()).hexdigest()[:16]


def _read(folder: Path) -> Return | None:
    """What lies in a folder; None where the return is missing, damaged or another program's."""
    try:
        told = Return.model_validate_json((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValidationError):
        return None
    return told if all((folder / name).is_file() for name in told.files) else None


def _prune(settings: Settings, company: Company, root: Path) -> None:
    """Remove the returns of deliveries that are no longer held."""
    for folder in root.glob("*_d_*"):
        delivery_id = f"d_{folder.name.rsplit('_d_', 1)[1]}"
        held = delivery_folder(settings, company.company, delivery_id).is_dir()
        if not held and (folder / MANIFEST).is_file():
            shutil.rmtree(folder)
