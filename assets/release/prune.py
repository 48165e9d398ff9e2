"""Clearing away: releases beyond those that are kept, their ledgers, and what merges left unfinished."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assets.merge import current_release
from assets.register.events import prune_events
from assets.register.events.deliveries import events_folder
from assets.release.candidate import is_release, read_manifest, release_names
from assets.release.days import source_identity
from resources.files import remove_folder
from resources.settings import Settings


@dataclass(frozen=True)
class Pruned:
    """What was cleared away, or would be: releases by name, days of passes as ``<day>/<folder>`` that no kept release
    lists, and the work folders of merges that can't be published any more."""

    kept: tuple[str, ...]
    releases: tuple[str, ...]
    days: tuple[str, ...]
    merges: tuple[str, ...]


def prune(settings: Settings, keep: int, *, work: Path | None = None, only_say: bool = False) -> Pruned:
    """Keep the newest ``keep`` releases and the current one; clear away every other and what belongs to none.

    To be called while no other merge runs: a merge that began before is not published any more, but ``work`` is left
    alone. With ``only_say`` nothing is removed. Killed half-way, the rest goes the next time.
    """
    names = [n for n in release_names(settings.releases) if is_release(settings.releases / n)]
    current = current_release(settings)
    kept = set(names[-keep:]) | ({current.name} if current else set())
    unused = [f for f in _children(settings.releases) if f.is_symlink() or f.name not in kept | {"failed"}]
    # whatever else lies there: a merge killed as it began, or as it was cleared away, has no list of deliveries
    merges = [f for f in _children(settings.register) if f not in (work, events_folder(settings))]
    days = _unlisted_days(settings, kept)
    if not only_say:
        for folder in unused:
            remove_folder(folder)
        for folder in _children(settings.ledger):
            if folder.name not in kept:
                remove_folder(folder)
        for folder in merges:
            remove_folder(folder)
        prune_events(settings, [d for d in _day_folders(settings) if d not in days])
    return Pruned(
        kept=tuple(n for n in names if n in kept),
        releases=tuple(n for n in names if n not in kept),
        days=tuple(f"{d.parent.name}/{d.name}" for d in days),
        merges=tuple(f.name for f in merges),
    )


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def _day_folders(settings: Settings) -> list[Path]:
    return sorted(p.parent for p in events_folder(settings).glob("*-*-*/*/access_events.parquet"))


def _unlisted_days(settings: Settings, kept: set[str]) -> list[Path]:
    """The register's day folders that no kept release has its passes from. A release has links of its own; these are
    kept so that a merge after a rollback lists the day as it was, with whom it was attached to then."""
    listed = {
        (day, told["source"])
        for name in kept
        for day, told in read_manifest(settings.releases / name).get("days", {}).get("access_events", {}).items()
    }
    return [
        folder
        for folder in _day_folders(settings)
        if (folder.parent.name, source_identity(folder / "access_events.parquet")) not in listed
    ]
