"""Access events: one row per real pass, in immutable files by day, attached to the register."""

from assets.register.events.build import EventDay, EventsReport, build_events, folded_records
from assets.register.events.deliveries import EventIdClash
from assets.register.events.prune import prune_events

__all__ = ["EventDay", "EventIdClash", "EventsReport", "build_events", "folded_records", "prune_events"]
