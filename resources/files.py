"""Writing files and folders so that a reader sees the old or the new, never a part."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def fsync_path(path: Path) -> None:
    """Force a file or folder to disk."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def link_or_copy(source: Path, target: Path) -> None:
    """Another name for a file that nobody writes to again. A copy on another device, or where the file system has no
    hard links. Raises FileExistsError where there is such a name already."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(source, target)


def write_text(path: Path, text: str) -> None:
    """Write a small file whole: aside, synced, renamed over the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    with aside.open("w", encoding="utf-8") as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    os.replace(aside, path)
    fsync_path(path.parent)


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Add lines to a file that only grows, mode 0600; on disk when this returns. One process at a time: the caller
    holds a lock. What a process that died left of a line is cut off."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(fd, "rb+") as file:
        file.truncate(file.read().rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())
    fsync_path(path.parent)


def whole_lines(path: Path) -> list[str]:
    """The lines of such a file; none when it is not there. What follows the last line end was being written when its
    process died, and was never said to be recorded."""
    if not path.exists():
        return []
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    return whole.split("\n") if whole else []


def clear_asides(folder: Path) -> None:
    """Remove what killed writers left in a folder: everything hidden. To be called while nobody else writes there."""
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.name.startswith("."):
            remove(entry)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


@contextmanager
def folder_aside(final: Path) -> Iterator[Path]:
    """Yield an empty folder beside ``final`` and rename it there on success; on any error it is removed.

    An existing ``final`` is replaced (renamed away first, so a kill leaves either the old or the new or neither,
    and the caller's manifest, written last inside the folder, says which it is).
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    aside = final.parent / f".{final.name}.{uuid.uuid4().hex[:8]}"
    aside.mkdir()
    try:
        yield aside
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    for entry in aside.rglob("*"):
        fsync_path(entry)
    fsync_path(aside)
    old = None
    if final.exists():
        old = final.parent / f".{final.name}.old.{uuid.uuid4().hex[:8]}"
        os.rename(final, old)
    os.rename(aside, final)
    fsync_path(final.parent)
    if old is not None:
        shutil.rmtree(old)


def remove_folder(folder: Path) -> None:
    """Remove a folder so that a kill leaves nothing that looks whole: hidden first, then deleted. Of a link, only the
    link."""
    if folder.is_symlink():
        folder.unlink()
        return
    hidden = folder if folder.name.startswith(".") else folder.with_name(f".{folder.name}.old")
    if hidden != folder:
        os.rename(folder, hidden)
    shutil.rmtree(hidden)
