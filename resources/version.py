"""Which code made something: a digest over the source files of this installation."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@cache
def code_version(*packages: str) -> str:
    """Twelve hex digits over every ``.py`` and ``.sql`` file of the named packages, ``/`` for a subpackage
    (``assets/landing``); all four layers when none is named."""
    digest = hashlib.sha256()
    for package in packages or ("assets", "expectations", "resources", "pipelines"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in {".py", ".sql"}:
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
