"""How a receiver knows the people who are erased."""

from __future__ import annotations

import duckdb

from assets.receivers.pseudonyms import pseudonym
from resources.keys import forget_hmac_key, receiver_key, use_hmac_key


def open_pseudonyms(con: duckdb.DuckDBPyConnection, receiver: str) -> list[str]:
    """Make ``erase_pseudonyms`` of ``erase_ids``: how the receiver knows them. Raises :class:`KeyProblem`."""
    use_hmac_key(con, receiver_key(receiver))
    try:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE erase_pseudonyms AS "
            f"SELECT {pseudonym('entity_id', 'entity_id')} AS pseudonym FROM erase_ids"
        )
    finally:
        forget_hmac_key(con)
    return [p for (p,) in con.execute("SELECT pseudonym FROM erase_pseudonyms ORDER BY 1").fetchall()]
