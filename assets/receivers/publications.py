"""Telling the log what a release gives to whom."""

from __future__ import annotations

from typing import Any

from assets.receivers.log import append, publications
from resources.settings import Settings


def record_publications(settings: Settings, manifest: dict[str, Any]) -> None:
    """One line for each receiver's database of a release that is about to be switched in; none a second time.

    Before the switch: a publication may be recorded and not come about, never the other way round.
    """
    served = manifest.get("receivers", {})
    if not served:
        return
    release_id = manifest["release_id"]
    told = {
        line.said["receiver"]
        for line in publications(settings)
        if (line.said.get("what"), line.said.get("release_id")) == ("publication", release_id)
    }
    append(
        settings,
        [
            {
                "what": "publication",
                "receiver": name,
                "release_id": release_id,
                **given,
                "sha256": manifest["files"][f"{name}.duckdb"]["sha256"],
            }
            for name, given in sorted(served.items())
            if name not in told
        ],
    )
