"""Removing day files that no kept release lists."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from assets.register.events.deliveries import events_folder
from resources.settings import Settings

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_ASIDE = re.compile(r"\.[0-9a-f]{16}(\.old)?\.[0-9a-f]{8}")


def prune_events(settings: Settings, keep: Iterable[Path]) -> list[Path]:
    """Remove every day folder that holds none of the paths in ``keep`` (the day files, or their folders, that the kept
    releases list), and what a killed merge left aside. Returns the folders removed.

    To be called while no merge is writing. Only folders named as this stage names them are touched; links are not
    followed; a day without folders left is removed too. Releases have hard links of their own, so a reader of a
    release loses nothing.
    """
    root = events_folder(settings).resolve()
    kept = {p for path in keep for p in (path.resolve(), path.resolve().parent)}
    removed = []
    for day in sorted(root.glob("*-*-*")):
        if day.is_symlink() or not day.is_dir() or not _DAY.fullmatch(day.name):
            continue
        for folder in sorted(day.iterdir()):
            if folder.is_symlink() or not folder.is_dir():
                continue
            unused = _FINGERPRINT.fullmatch(folder.name) and folder not in kept
            if unused or _ASIDE.fullmatch(folder.name):
                shutil.rmtree(folder)
                removed.append(folder)
        if not any(day.iterdir()):
            day.rmdir()
    return removed
