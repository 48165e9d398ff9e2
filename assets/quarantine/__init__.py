"""Quarantine that comes back: the rows set aside, returned to who sent them, and judged anew when a rule changes."""

from __future__ import annotations

from assets.quarantine.account import SetAside, set_aside
from assets.quarantine.replay import Replayed, replay
from assets.quarantine.returns import Return, Written, write_returns

__all__ = ["Replayed", "Return", "SetAside", "Written", "replay", "set_aside", "write_returns"]
