"""A made-up register with receivers: their declarations, and nights in which they are served."""

from __future__ import annotations

from typing import Any

import yaml
from registers import Nights

FEED = """
company: acme
name: Acme
communities:
  - {name: 小区0, code: "340199000000000"}
  - {name: 小区1, code: "340199000000001"}
feeds: {residents: {files: ["residents*"]}}
"""
DECLARED: dict[str, Any] = {
    "name": "Grid",
    "purpose": "Visits by grid workers",
    "legal_basis": "legal_duty",
    "legal_reference": "Regulation 12",
    "contact": "data@grid.example",
    "expires_on": "2099-12-31",
    "communities": ["c_340199000000001"],
    "tables": {
        "residents": {"columns": ["resident_id", "name", "phone", "birth_date"], "masks": {"phone": "none"}},
        "occupancies": {"columns": ["resident_id", "house_id", "role"]},
    },
}
PASSES = {
    "access_events": {"columns": ["event_id", "occurred_at", "community_id", "gate"]},
    "events_identified": {"columns": ["event_id", "event_date", "entity_type", "entity_id"]},
}


class ReceiverNights(Nights):
    """Nights with receivers."""

    def declare(self, name: str, *, without: tuple[str, ...] = (), **changes: Any) -> None:
        """Write a receiver's file: the usual declaration, changed."""
        folder = self.settings.receivers
        folder.mkdir(parents=True, exist_ok=True)
        said = {"receiver": name, **DECLARED, **changes}
        text = yaml.safe_dump({k: v for k, v in said.items() if k not in without}, allow_unicode=True)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
