"""Tombstones: what keeps an erased person from coming back with the next delivery, without saying who it was.

A tombstone is an HMAC-SHA-256 of an identifier of the person (an ID number, name and phone, name and house, …) under a
key that is in no database. Whoever has the file and not the key learns nothing; whoever has the key can ask whether
an identifier was erased, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from resources.files import write_text
from resources.keys import KeyProblem, erasure_key, key_fingerprint, keyed, use_hmac_key
from resources.settings import Settings


def tombstones_path(settings: Settings) -> Path:
    """Where they are: one JSON object a line, the first of which names the key's fingerprint."""
    return settings.erasures / "tombstones.jsonl"


def read_tombstones(settings: Settings) -> set[str]:
    """Every digest. Raises :class:`KeyProblem` when they were made with another key than the one in force: without
    it, an erased person could not be recognised."""
    path = tombstones_path(settings)
    if not path.exists():
        return set()
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    if json.loads(first)["key"] != key_fingerprint(erasure_key(settings)):
        raise KeyProblem(
            f"{path}: made with another key; nothing is loaded until REGISTER_ERASURE_KEY or "
            f"REGISTER_ERASURE_KEY_FILE is the key it was made with, since erased people could come back"
        )
    return {json.loads(line)["digest"] for line in lines}


def add_tombstones(settings: Settings, digests: Iterable[str], erasure: str, on: date) -> None:
    """Add digests; those that are there already stay as they are."""
    known = read_tombstones(settings)
    path = tombstones_path(settings)
    head = json.dumps({"key": key_fingerprint(erasure_key(settings, create=True))}) + "\n"
    text = path.read_text(encoding="utf-8") if path.exists() else head
    new = sorted(set(digests) - known)
    text += "".join(json.dumps({"digest": d, "erasure": erasure, "on": on.isoformat()}) + "\n" for d in new)
    write_text(path, text)


def open_tombstones(con: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Make ``tombstones`` (digest) and the key for :func:`resources.keys.keyed` known to a connection; False when
    nobody was ever erased."""
    digests = read_tombstones(settings)
    if not digests:
        return False
    use_hmac_key(con, erasure_key(settings))
    con.register("tombstones_given", pa.table({"digest": pa.array(sorted(digests), pa.string())}))
    con.execute("CREATE OR REPLACE TEMP TABLE tombstones AS FROM tombstones_given")
    con.unregister("tombstones_given")
    return True


def digests_of(con: duckdb.DuckDBPyConnection, texts: Iterable[str]) -> list[str]:
    """The digest of each identifier; the key is that of the connection."""
    rows = con.execute(f"SELECT {keyed('x')} FROM unnest($texts::VARCHAR[]) t(x)", {"texts": sorted(texts)}).fetchall()
    return [d for (d,) in rows]
