"""The keys: where they come from, how an encrypted file is opened with one, and digests that only a key can make.

The key is ``REGISTER_KEY``, else the content of the file ``REGISTER_KEY_FILE``, else ``<data>/keys/restricted.key``,
which the first merge creates (mode 0600). There is no default in the code. ``REGISTER_KEY_PREVIOUS`` names the old
key on the one night after a change, when the last release must still be read to tell what changed.

Every receiver has a key of its own for its pseudonyms, ``REGISTER_RECEIVER_KEY_<NAME>`` or the file
``receivers/<name>.key`` in the folder ``REGISTER_KEYS`` (``~/.config/community-register/keys``): outside the data and
the repository, made once by ``community-register receivers key``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import duckdb

from resources.duck import connect, identifier, quote
from resources.settings import Settings

PARQUET_KEY = "restricted"
"""The name under which views of the restricted database ask for the key of its Parquet files."""


class KeyProblem(RuntimeError):
    """What a key locks cannot be written or opened; the message says which key is missing or wrong, and what to do."""


def restricted_key(settings: Settings, *, create: bool = False) -> str:
    """The key in force. With ``create``, a missing key file is made once; else :class:`KeyProblem`."""
    path = settings.data / "keys" / "restricted.key"
    return _key("the restricted database", "REGISTER_KEY", path, create=create)


def previous_key(settings: Settings) -> str:
    """The key of the last release: ``REGISTER_KEY_PREVIOUS`` after a change of key, else the key in force."""
    return os.environ.get("REGISTER_KEY_PREVIOUS") or restricted_key(settings)


def receiver_key_path(receiver: str) -> Path:
    """The file of a receiver's key, where it is not in the environment."""
    folder = Path(os.environ.get("REGISTER_KEYS") or Path.home() / ".config" / "community-register" / "keys")
    return folder / "receivers" / f"{receiver}.key"


def receiver_key(receiver: str, *, create: bool = False) -> str:
    """The pseudonym key of a receiver. Raises :class:`KeyProblem` saying how to make one."""
    named = f"REGISTER_RECEIVER_KEY_{receiver.upper()}"
    if key := os.environ.get(named):
        return key
    path = receiver_key_path(receiver)
    if create:
        _create(path)
    remedy = f"set {named}, or make one with `community-register receivers key {receiver}`"
    return _read(path, f"the pseudonyms of {receiver}", remedy)


def erasure_key(settings: Settings, *, create: bool = False) -> str:
    """The key of the tombstones: ``REGISTER_ERASURE_KEY``, else the file ``REGISTER_ERASURE_KEY_FILE``, else
    ``<data>/keys/erasure.key``, which the first erasure makes (with ``create``). It must never change."""
    path = settings.data / "keys" / "erasure.key"
    what = "the tombstones of erased people, who could come back without it"
    return _key(what, "REGISTER_ERASURE_KEY", path, create=create)


def key_fingerprint(key: str) -> str:
    """Twelve hex digits that tell two keys apart and give neither away."""
    return hmac.new(key.encode(), b"fingerprint", hashlib.sha256).hexdigest()[:12]


_BLOCK = 64  # bytes of a SHA-256 block


def use_hmac_key(con: duckdb.DuckDBPyConnection, key: str) -> None:
    """Let :func:`keyed` make digests with this key on this connection. The key never stands in the text of a query."""
    secret = key.encode()
    padded = (hashlib.sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(_BLOCK, b"\0")
    con.execute("SET VARIABLE hmac_inner = $pad::BLOB", {"pad": bytes(b ^ 0x36 for b in padded)})
    con.execute("SET VARIABLE hmac_outer = $pad::BLOB", {"pad": bytes(b ^ 0x5C for b in padded)})


def forget_hmac_key(con: duckdb.DuckDBPyConnection) -> None:
    """Take the key of :func:`use_hmac_key` back."""
    con.execute("RESET VARIABLE hmac_inner")
    con.execute("RESET VARIABLE hmac_outer")


def keyed(text: str) -> str:
    """SQL for the HMAC-SHA-256 of a VARCHAR expression, in hex; the key is that of :func:`use_hmac_key`."""
    inner = f"sha256(getvariable('hmac_inner') || encode({text}))"
    return f"sha256(getvariable('hmac_outer') || unhex({inner}))"


def _key(what: str, variable: str, path: Path, *, create: bool) -> str:
    """The key in the ``variable``, else in the file that ``<variable>_FILE`` names, else in ``path``, made once
    with ``create``."""
    if key := os.environ.get(variable):
        return key
    named = os.environ.get(f"{variable}_FILE")
    if create and not named and not path.exists():
        _create(path)
    return _read(Path(named) if named else path, what, f"set {variable} or {variable}_FILE")


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first: its key is the key
        return
    with os.fdopen(fd, "w", encoding="ascii") as f:
        f.write(secrets.token_urlsafe(32) + "\n")
        f.flush()
        os.fsync(f.fileno())


def _read(path: Path, what: str, remedy: str) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except OSError as e:
        raise KeyProblem(f"no key for {what}: {path} cannot be read ({e.strerror}); {remedy}") from e
    if not key:
        raise KeyProblem(f"no key for {what}: {path} is empty; {remedy}")
    return key


def load_crypto(con: duckdb.DuckDBPyConnection) -> None:
    """Load OpenSSL's ciphers from the installed ``duckdb-extension-httpfs`` package, without any network.

    DuckDB reads encrypted files by itself but writes them only with this extension. Raises :class:`KeyProblem`
    naming the package when it is not there for this version of DuckDB.
    """
    spec = find_spec("duckdb_extension_httpfs")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    extension = folder / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
    if not extension.exists():
        raise KeyProblem(
            f"encrypted files cannot be written: install duckdb-extension-httpfs=={duckdb.__version__}, "
            f"the same version as duckdb"
        )
    con.execute(f"LOAD {quote(extension)}")


def add_parquet_key(con: duckdb.DuckDBPyConnection, key: str) -> None:
    """Let a connection read and write the encrypted Parquet files of a release.

    Their key is derived from the database's (HMAC-SHA-256), so one secret opens both and neither shows the other.
    """
    derived = hmac.new(key.encode(), b"parquet files of the restricted database", hashlib.sha256).digest()
    con.execute(f"PRAGMA add_parquet_key({quote(PARQUET_KEY)}, {quote(base64.b64encode(derived).decode())})")


def attach_encrypted(
    con: duckdb.DuckDBPyConnection, path: Path, alias: str, key: str, *, read_only: bool = True
) -> None:
    """Attach an encrypted database; storage 1.4.0, the first that can be encrypted. Loads the ciphers for writing.

    Raises :class:`KeyProblem` for a wrong key.
    """
    if not read_only:
        load_crypto(con)
    mode = "READ_ONLY" if read_only else "STORAGE_VERSION 'v1.4.0'"
    try:
        con.execute(f"ATTACH {quote(path)} AS {identifier(alias)} (ENCRYPTION_KEY $key, {mode})", {"key": key})
    except duckdb.InvalidInputException as e:
        if "encryption key" not in str(e):
            raise
        raise KeyProblem(
            f"{path}: the key does not fit this file; set REGISTER_KEY or REGISTER_KEY_FILE to the key it was "
            f"published with"
        ) from e


@contextmanager
def open_restricted(settings: Settings, release: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the restricted database of the current release (or of the folder ``release``).

    Raises :class:`KeyProblem` without the right key, FileNotFoundError before the first release.
    """
    # the resolved path: a connection stays with one release while the next is switched in
    folder = (release or settings.current).resolve()
    path = folder / "restricted.duckdb"
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no release yet; run the merge first")
    key = restricted_key(settings)
    with connect(settings) as con:
        attach_encrypted(con, path, "restricted", key)
        add_parquet_key(con, key)
        con.execute("USE restricted")
        yield con
