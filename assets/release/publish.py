"""Making a candidate the current release, going back to an older one, and clearing away what is too old.

The one switch is the renaming of the link ``published/current``. Everything a reader or the next merge needs, the id
ledger included, lies in its place before; what is cleared away is cleared after.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from assets.merge import Merge, current_release
from assets.receivers.publications import record_publications
from assets.receivers.standing import receivers_fingerprint
from assets.release.acknowledge import how_to_let_through
from assets.release.candidate import (
    CONTENTS,
    Candidate,
    is_release,
    named_release,
    read_manifest,
    release_folder,
    release_names,
)
from assets.release.checks import read_checks
from assets.release.database import insertion_order
from assets.release.operations import outcomes_fingerprint
from assets.release.page import PAGE, refused_page
from assets.release.prune import prune
from expectations.checks import CheckResult
from resources.duck import PARQUET, connect, quote
from resources.files import folder_aside, fsync_path, write_text
from resources.lock import exclusive
from resources.settings import Settings

_WAIT_SECONDS = 60.0


class AuditFailed(RuntimeError):
    """A check of severity error failed; the release before stays current. ``results`` are the failed checks."""

    def __init__(self, message: str, results: list[CheckResult]) -> None:
        super().__init__(message)
        self.results = results


class StaleMerge(RuntimeError):
    """Another release became current while this merge ran, so its ids and changes follow the wrong one."""


@dataclass(frozen=True)
class Release:
    """A published release: its folder, when it was made, its rows per table, and whether it is the current one."""

    release_id: str
    folder: Path
    created_at: datetime
    as_of: str
    content_fingerprint: str
    rows: dict[str, int]
    is_current: bool


def unchanged(merge: Merge) -> bool:
    """Whether the current release was already made from these deliveries, configuration and code, every delivery
    still has the outcome that its ``loads`` tells, and the same receivers are served: then there is nothing to do."""
    if merge.previous is None:
        return False
    manifest = read_manifest(merge.previous)
    return (
        manifest["inputs_fingerprint"],
        manifest["outcomes_fingerprint"],
        manifest.get("receivers_fingerprint"),  # a release made by a version that had no receivers has none
    ) == (merge.inputs_fingerprint, outcomes_fingerprint(merge), receivers_fingerprint(merge.settings))


def publish(candidate: Candidate, merge: Merge) -> Path:
    """Make an audited candidate the current release; its folder.

    Raises :class:`AuditFailed` naming the checks of severity error that failed; they are kept in
    ``releases/failed/<release_id>.json``, and the candidate's folder stays for a look until the next one is
    published. Raises :class:`StaleMerge` when the current release is not the one the merge followed,
    FileNotFoundError for a candidate that was not audited. Publishing the current release again changes nothing.
    """
    settings = merge.settings
    if current_release(settings) == candidate.final.resolve():
        return candidate.final  # asked again after it was done
    _follows_current(candidate, merge)
    read_manifest(candidate.folder)  # without it the candidate was never audited to the end
    failed = [r for r in read_checks(candidate.folder) if r.stops]
    if failed:
        raise _refuse(candidate, merge, failed)
    with switch_lock(settings):
        _follows_current(candidate, merge)
        _keep_ledger(candidate, merge)
        _name_final(candidate)
        record_publications(settings, read_manifest(candidate.final))
        _switch(settings, candidate.release_id)
        prune(settings, merge.policy.releases.keep, work=merge.work)
    return candidate.final


def switch_lock(settings: Settings) -> AbstractContextManager[None]:
    """Held while releases are switched, cleared away or written anew."""
    return exclusive(settings.published / ".switch.lock", "the switch to another release", _WAIT_SECONDS)


def _follows_current(candidate: Candidate, merge: Merge) -> None:
    if current_release(merge.settings) != merge.previous:
        raise StaleMerge(
            f"release {candidate.release_id} was made to follow {merge.previous.name if merge.previous else 'none'}, "
            f"but another release is current now; run the merge again"
        )


def _refuse(candidate: Candidate, merge: Merge, failed: list[CheckResult]) -> AuditFailed:
    report = candidate.final.parent / "failed" / f"{candidate.release_id}.json"
    told = {
        "release_id": candidate.release_id,
        "follows": merge.previous.name if merge.previous else None,
        "inputs_fingerprint": merge.inputs_fingerprint,
        "checks": [asdict(r) for r in read_checks(candidate.folder)],
    }
    write_text(report, json.dumps(told, indent=1, ensure_ascii=False))
    shutil.copyfile(candidate.folder / PAGE, page := refused_page(candidate))
    candidate.final.unlink(missing_ok=True)
    for other in candidate.folder.parent.glob(".*.building"):
        if other != candidate.folder:
            shutil.rmtree(other)
    said = "; ".join(map(str, failed))
    return AuditFailed(
        f"release {candidate.release_id} is not let out: {said}. The release before stays current; "
        f"all checks are in {report} and, to look at, in {page}{how_to_let_through(failed)}",
        failed,
    )


def _keep_ledger(candidate: Candidate, merge: Merge) -> None:
    """Copy what the next night needs beside the release, its id ledger with the release's name in it."""
    with folder_aside(merge.settings.ledger / candidate.release_id) as aside:
        shutil.copytree(merge.state, aside, dirs_exist_ok=True)
        ledger = aside / "id_ledger.parquet"
        if ledger.exists():
            named = named_release(merge.state / "id_ledger.parquet", merge.merge_id, candidate.release_id)
            with connect(merge.settings) as con, insertion_order(con):
                con.execute(f"COPY ({named}) TO {quote(ledger)} ({PARQUET})")


def _name_final(candidate: Candidate) -> None:
    (candidate.folder / CONTENTS).unlink()  # told in full by the manifest
    for entry in candidate.folder.rglob("*"):
        fsync_path(entry)
    fsync_path(candidate.folder)
    # the link that views were created through makes way for the folder itself; no reader knows the name yet
    candidate.final.unlink(missing_ok=True)
    os.rename(candidate.folder, candidate.final)
    fsync_path(candidate.final.parent)


def _switch(settings: Settings, release_id: str) -> None:
    """Point ``published/current`` at a release. A relative link, so that the data root may be moved or mounted."""
    for stray in settings.published.glob(".current.*"):  # of a process that was killed at this point
        stray.unlink()
    link = settings.published / f".current.{uuid.uuid4().hex[:8]}"
    link.symlink_to(os.path.relpath(settings.releases / release_id, settings.published))
    os.replace(link, settings.current)
    fsync_path(settings.published)


def rollback(settings: Settings, release_id: str) -> Path:
    """Make an older (or newer) kept release current, with its id ledger; its folder.

    The next merge follows it. Raises FileNotFoundError naming the kept releases.
    """
    folder = release_folder(settings, release_id)
    if not (settings.ledger / release_id).exists():
        raise FileNotFoundError(f"release {release_id} has no id ledger under {settings.ledger}; it can't be followed")
    with switch_lock(settings):
        _switch(settings, release_id)
    return folder


def list_releases(settings: Settings) -> list[Release]:
    """Every kept release, oldest first."""
    current = current_release(settings)
    found = []
    for name in release_names(settings.releases):
        folder = settings.releases / name
        if not is_release(folder):
            continue  # a candidate, or a folder that a killed clean-up left behind
        said = read_manifest(folder)
        found.append(
            Release(
                name,
                folder,
                datetime.fromisoformat(said["created_at"]),
                said["as_of"],
                said["content_fingerprint"],
                {table: told["rows"] for table, told in said["tables"].items()},
                folder.resolve() == current,
            )
        )
    return found
