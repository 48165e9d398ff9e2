"""A release before it is published: its name, its folder aside, and the manifest that describes it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from assets.merge import Merge
from resources.duck import quote
from resources.files import write_text
from resources.settings import Settings

MANIFEST = "manifest.json"
CONTENTS = "contents.json"
"""What a candidate holds, for its audit and its manifest; gone when it is published."""

_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Candidate:
    """A release being built. ``folder`` is where its files lie now, ``final`` where readers will find them.

    Until it is published ``final`` is a link to ``folder``: DuckDB reads the files of a view when it creates the
    view, and the view must name the path that readers will use.
    """

    release_id: str
    folder: Path
    final: Path
    created_at: datetime
    started_at: datetime

    @property
    def curated(self) -> Path:
        return self.folder / "curated.duckdb"

    @property
    def restricted(self) -> Path:
        return self.folder / "restricted.duckdb"


def new_candidate(merge: Merge, started_at: datetime) -> Candidate:
    """An empty candidate with its folder and link. An earlier candidate of the same merge is removed."""
    releases = merge.settings.releases
    releases.mkdir(parents=True, exist_ok=True)
    if (merge.work / "candidate.json").exists():
        discard(load_candidate(merge))
    created_at = _next_moment(releases)
    release_id = f"{created_at.strftime(_STAMP)}_{merge.inputs_fingerprint[:8]}"
    candidate = Candidate(
        release_id, releases / f".{release_id}.building", releases / release_id, created_at, started_at
    )
    for folder in ("parquet", "events"):
        (candidate.folder / folder).mkdir(parents=True)
    candidate.final.symlink_to(candidate.folder.name)
    write_text(
        merge.work / "candidate.json",
        json.dumps(
            {
                "release_id": release_id,
                "created_at": created_at.isoformat(),
                "started_at": started_at.astimezone(UTC).isoformat(),
            }
        ),
    )
    return candidate


def _next_moment(releases: Path) -> datetime:
    """Now, to the second; a second after the newest release where the clock has not moved on, so that names sort in
    the order of making even when the clock was set back."""
    stamps = [datetime.strptime(name.split("_")[0], _STAMP).replace(tzinfo=UTC) for name in release_names(releases)]
    now = datetime.now(UTC).replace(microsecond=0)
    return max([now, *(s + timedelta(seconds=1) for s in stamps)])


def release_names(releases: Path) -> list[str]:
    """The names of all releases and candidates, oldest first."""
    return sorted(p.name for p in releases.glob("[0-9]*Z_*")) if releases.exists() else []


def load_candidate(merge: Merge) -> Candidate:
    """The candidate that this merge built, from another process too. FileNotFoundError before it was built."""
    said = json.loads((merge.work / "candidate.json").read_text(encoding="utf-8"))
    releases, release_id = merge.settings.releases, said["release_id"]
    return Candidate(
        release_id,
        releases / f".{release_id}.building",
        releases / release_id,
        datetime.fromisoformat(said["created_at"]),
        datetime.fromisoformat(said["started_at"]),
    )


def discard(candidate: Candidate) -> None:
    """Remove a candidate that was not published; a published release is left alone."""
    if candidate.final.is_symlink():
        candidate.final.unlink()
    shutil.rmtree(candidate.folder, ignore_errors=True)


def named_release(path: Path, merge_id: str, release_id: str) -> str:
    """The table at ``path`` as a query. Tonight's rows bear the merge's id until the release has a name."""
    name = f"CASE WHEN release_id = {quote(merge_id)} THEN {quote(release_id)} ELSE release_id END"
    return f"SELECT * REPLACE ({name} AS release_id) FROM read_parquet({quote(path)})"


def read_manifest(folder: Path | None) -> dict[str, Any]:
    """The manifest of a release or candidate folder; empty for None, as before the first release."""
    if folder is None:
        return {}
    found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return found


def previous_manifest(merge: Merge) -> dict[str, Any]:
    """The manifest of the release this merge follows; empty on the first night."""
    return read_manifest(merge.previous)


def is_release(folder: Path) -> bool:
    """Whether a folder is a published release: not a candidate, nor what a killed clean-up left behind."""
    return not folder.is_symlink() and (folder / MANIFEST).exists()


def release_folder(settings: Settings, release_id: str) -> Path:
    """The folder of a published release. FileNotFoundError naming those that exist."""
    folder = settings.releases / release_id
    if not is_release(folder):
        known = [n for n in release_names(settings.releases) if is_release(settings.releases / n)]
        raise FileNotFoundError(f"there is no release {release_id!r}; kept releases: {', '.join(known) or 'none'}")
    return folder


def compared_folder(settings: Settings, release_id: str | None) -> Path:
    """The folder of a release to compare: the current one for None, also one that an audit held back.
    FileNotFoundError naming those that exist."""
    if release_id is None:
        if not settings.current.is_symlink():
            raise FileNotFoundError(f"{settings.current}: there is no release yet; run the merge first")
        return settings.current.resolve()
    held_back = settings.releases / f".{release_id}.building"
    return held_back if (held_back / MANIFEST).exists() else release_folder(settings, release_id)
