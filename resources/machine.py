"""What an error of the machine means: said in words, with what to do, where a program's own error would be a riddle;
and whether it may pass by itself."""

from __future__ import annotations

import errno
import os
import time

import duckdb

_MEANINGS = {
    errno.ENOSPC: "the disk is full: free some space",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "a file would become larger than is allowed here",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission is missing: give it to the user that runs this",
    errno.EPERM: "permission is missing: give it to the user that runs this",
    errno.ENOTDIR: "a file lies where a folder is expected",
    errno.EISDIR: "a folder lies where a file is expected",
    errno.ENOENT: "a file or folder is gone",
    errno.EIO: "the disk reports an error",
    errno.ESTALE: "the file server is gone",
    errno.EMFILE: "too many files are open",
}
_PASSING = frozenset(
    {
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
)
"""Errors of a file store that goes away and comes back. A full disk or a missing permission needs a person."""
_SHORT = "memory is short: raise REGISTER_MEMORY if the machine has more, or lower REGISTER_THREADS"


def trouble(error: BaseException) -> str | None:
    """What is wrong with the machine, with the path where it is known; None for an error that is not the machine's.

    Errors of DuckDB are told by their kind, since their text may quote a value.
    """
    match error:
        case duckdb.OutOfMemoryException() if "temp_directory" in str(error):
            return f"the disk has no room for what memory cannot hold: free some space; or {_SHORT}"
        case MemoryError() | duckdb.OutOfMemoryException():
            return _SHORT
        case duckdb.IOException():
            return _MEANINGS.get(_number(error) or 0, "the disk could not be read or written")
        case OSError() if error.errno is not None:
            meaning = _MEANINGS.get(error.errno, error.strerror)
            return f"{meaning} ({error.filename})" if error.filename else meaning
    return None


def may_pass(error: BaseException) -> bool:
    """Whether the same work may succeed a little later though nobody does anything."""
    return isinstance(error, duckdb.HTTPException) or _number(error) in _PASSING


def uptime() -> float:
    """Seconds by the machine's own count, which no setting of the clock changes; it begins anew with the machine."""
    return time.monotonic()


def _number(error: BaseException) -> int | None:
    """The system's number of an error. DuckDB ends its message with the system's words and gives no number."""
    if isinstance(error, OSError):
        return error.errno
    if isinstance(error, duckdb.IOException):
        text = str(error)
        return next((n for n in (*_MEANINGS, *_PASSING) if os.strerror(n) in text), None)
    return None
