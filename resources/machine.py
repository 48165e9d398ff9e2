"""What an error of the machine means: said in words, with what to do, where a program's own error would be a riddle."""

from __future__ import annotations

import errno

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


def trouble(error: BaseException) -> str | None:
    """What is wrong with the machine, with the path where it is known; None for an error that is not the machine's.

    Errors of DuckDB are told by their kind, since their text may quote a value.
    """
    match error:
        case MemoryError() | duckdb.OutOfMemoryException():
            return "memory is short: raise REGISTER_MEMORY if the machine has more, or lower REGISTER_THREADS"
        case duckdb.IOException():
            return _MEANINGS[errno.ENOSPC] if _no_space(error) else "the disk could not be read or written"
        case OSError() if error.errno is not None:
            meaning = _MEANINGS.get(error.errno, error.strerror)
            return f"{meaning} ({error.filename})" if error.filename else meaning
    return None


def _no_space(error: duckdb.Error) -> bool:
    text = str(error).lower()
    return "no space" in text or "file too large" in text
