"""The release layer: a versioned folder built aside, audited, and switched in whole."""

from __future__ import annotations

from assets.release.audit import audit_release
from assets.release.build import build_release
from assets.release.candidate import Candidate, load_candidate, read_manifest
from assets.release.publish import (
    AuditFailed,
    Release,
    StaleMerge,
    list_releases,
    publish,
    rollback,
    unchanged,
)

__all__ = [
    "AuditFailed",
    "Candidate",
    "Release",
    "StaleMerge",
    "audit_release",
    "build_release",
    "list_releases",
    "load_candidate",
    "publish",
    "read_manifest",
    "rollback",
    "unchanged",
]
