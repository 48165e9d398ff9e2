"""Who may work on what at a time: one merge of a data folder, one load of a company."""

from __future__ import annotations

from contextlib import AbstractContextManager

from resources.lock import exclusive
from resources.settings import Settings

LOAD_WAIT = 600.0
"""Seconds a load waits for another load of the same company: a day's and the night's may meet."""


def merge_lock(settings: Settings) -> AbstractContextManager[None]:
    """Held while a merge runs; raises :class:`resources.lock.Held` naming the process that has it."""
    return exclusive(settings.data / ".merge.lock", "a merge of this data folder")


def company_lock(settings: Settings, company: str, wait_seconds: float = LOAD_WAIT) -> AbstractContextManager[None]:
    """Held while a company's deliveries are landed, judged or removed."""
    return exclusive(settings.data / f".load_{company}.lock", f"a load of {company}", wait_seconds)
