"""Which code made something: a digest over the source files of this installation."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@cache
def code_version(*packages: str, but: tuple[str, ...] = ()) -> str:
    """Twelve hex digits over every ``.py`` and ``.sql`` file of the named packages, ``/`` for a subpackage
    (``assets/landing``), without the files named in ``but``; all four layers when none is named."""
    digest = hashlib.sha256()
    for package in packages or ("assets", "expectations", "resources", "pipelines"):
        for path in sorted((ROOT / package).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in {".py", ".sql"} and name not in but:
                digest.update(name.encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
