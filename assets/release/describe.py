"""What a kept release is, from its manifest and its own tables; no key is needed."""

from __future__ import annotations

from typing import Any

import duckdb

from assets.merge import current_release
from assets.release.candidate import compared_folder, read_manifest
from assets.release.changes import ENTITIES
from assets.release.page import PAGE
from resources.settings import Settings

_TOLD = ("release_id", "created_at", "previous", "as_of", "code_version", "content_fingerprint", "checks")


def describe_release(settings: Settings, release_id: str | None = None) -> dict[str, Any]:
    """A release (the current one for None): what its manifest tells, ``is_current``, ``rows`` per table, ``changes``
    per table of entities, the number of ``files``, their ``bytes`` in all. FileNotFoundError naming the kept ones."""
    folder = compared_folder(settings, release_id)
    manifest = read_manifest(folder)
    with duckdb.connect() as con:
        rows = con.execute(
            "SELECT entity_type, change, count(*) FROM read_parquet(?) GROUP BY ALL ORDER BY ALL",
            [str(folder / "parquet" / "changes.parquet")],
        ).fetchall()
    changes: dict[str, dict[str, int]] = {}
    for kind, change, n in rows:
        changes.setdefault(ENTITIES[kind].name, {})[change] = n
    return {
        **{name: manifest[name] for name in _TOLD},
        "is_current": folder == current_release(settings),
        "rows": {name: told["rows"] for name, told in manifest["tables"].items()},
        "changes": changes,
        "files": len(manifest["files"]),
        "bytes": sum(f["bytes"] for f in manifest["files"].values()),
        "folder": str(folder),
        "validation_page": str(folder / PAGE) if (folder / PAGE).exists() else None,
    }
