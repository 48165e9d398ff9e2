"""The release layer: a versioned folder built aside, audited, and switched in whole."""

from __future__ import annotations

from assets.release.acknowledge import Acknowledged, acknowledge_churn
from assets.release.audit import audit_release
from assets.release.build import build_release
from assets.release.candidate import Candidate, compared_folder, load_candidate, read_manifest
from assets.release.changes import Difference, difference
from assets.release.describe import describe_release
from assets.release.prune import Pruned, prune
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
    "Acknowledged",
    "AuditFailed",
    "Candidate",
    "Difference",
    "Pruned",
    "Release",
    "StaleMerge",
    "acknowledge_churn",
    "audit_release",
    "build_release",
    "compared_folder",
    "describe_release",
    "difference",
    "list_releases",
    "load_candidate",
    "prune",
    "publish",
    "read_manifest",
    "rollback",
    "unchanged",
]
