"""``manifest.json``: what a downstream platform polls to see that there is something new, and whether it got it
whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from assets.merge import Merge
from assets.release.candidate import MANIFEST, Candidate, previous_manifest
from assets.release.fingerprint import content_fingerprint
from assets.release.operations import outcomes_fingerprint
from expectations.checks import CheckResult
from expectations.contracts.tables import TABLES
from resources.files import write_text
from resources.version import code_version

FORMAT = 1
"""Raised when a key of the manifest changes its meaning or goes."""


def write_manifest(candidate: Candidate, merge: Merge, contents: dict[str, Any], results: list[CheckResult]) -> None:
    """Describe a closed candidate. Written last: a folder without a manifest is no release."""
    manifest = {
        "format": FORMAT,
        "release_id": candidate.release_id,
        "created_at": candidate.created_at.isoformat(),
        "previous": merge.previous.name if merge.previous else None,
        "as_of": merge.as_of.isoformat(),
        "merge_id": merge.merge_id,
        "code_version": code_version(),
        "inputs_fingerprint": merge.inputs_fingerprint,
        "outcomes_fingerprint": outcomes_fingerprint(merge),
        "content_fingerprint": content_fingerprint({k: t["checksum"] for k, t in contents["tables"].items()}),
        "tables": {
            name: {"where": TABLES[name].where, "storage": TABLES[name].storage, **told}
            for name, told in contents["tables"].items()
        },
        "days": contents["days"],
        "files": _files(candidate, merge),
        "receivers": contents["receivers"],
        "receivers_fingerprint": contents["receivers_fingerprint"],
        "checks": {
            "passed": sum(r.passed for r in results),
            "failed": [f"{r.table}.{r.check}" for r in results if r.stops],
            "warned": [f"{r.table}.{r.check}" for r in results if not r.passed and not r.stops],
        },
    }
    write_text(candidate.folder / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))


def _files(candidate: Candidate, merge: Merge) -> dict[str, dict[str, Any]]:
    """Size and sha-256 of every file. A day that is linked from the release before is not read again."""
    known = previous_manifest(merge).get("files", {})
    described = {}
    for path in sorted(candidate.folder.rglob("*")):
        name = path.relative_to(candidate.folder).as_posix()
        if path.suffix in (".duckdb", ".parquet"):
            linked = merge.previous and name in known and _is_same(path, merge.previous / name)
            described[name] = known[name] if linked else describe_file(path)
    return described


def _is_same(path: Path, old: Path) -> bool:
    return old.exists() and path.samefile(old)


def describe_file(path: Path) -> dict[str, Any]:
    """Size in bytes and SHA-256."""
    with path.open("rb") as f:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(f, "sha256").hexdigest()}
