"""What a failure looks like on the operators' page: said in both languages, never retried unless it may pass by
itself."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg
import duckdb

_PASSING = {
    errno.EAGAIN,
    errno.EBUSY,
    errno.EIO,
    errno.ECONNRESET,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
    errno.ESTALE,
    errno.ETIMEDOUT,
}
"""Errors of a file store that goes away and comes back. A full disk or a missing permission needs a person."""


@contextmanager
def transient_errors_are_retried(seconds: float = 5.0) -> Iterator[None]:
    """Ask for two more tries when the file store failed; data that cannot be read is never tried again."""
    try:
        yield
    except (OSError, duckdb.IOException) as e:
        if isinstance(e, OSError) and e.errno not in _PASSING:
            raise
        raise dg.RetryRequested(max_retries=2, seconds_to_wait=seconds) from e


def failure(messages: Iterable[tuple[str, str | None]], metadata: Mapping[str, Any] | None = None) -> dg.Failure:
    """A failure that no retry can mend, from (English, Chinese) messages, each of which names file and remedy."""
    lines = [line for english, chinese in messages for line in (english, chinese) if line]
    return dg.Failure("\n".join(lines), metadata=dict(metadata or {}), allow_retries=False)
