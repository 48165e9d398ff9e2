"""Which records each entity was made from, by which evidence, and which of its values are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assets.register.golden import Survivor
from assets.register.stage import Connection, Counts, model, scratch, stage_path, take, write, write_table
from expectations.contracts.columns import ENTITY_TYPES
from resources.duck import quote

if TYPE_CHECKING:
    from assets.merge import Merge


def keep_sources(con: Connection, merge: Merge, entity_type: str, survivors: Sequence[Survivor]) -> None:
    """Leave one entity type's sources from ``members``, ``ids`` and ``survived``, which is used up; the surviving
    columns by name."""
    model(con, "sources", entity_type=entity_type)
    names = ", ".join(quote(s.column) for s in survivors)
    # a handful of combinations stands for millions of records, so the lists are made once each
    con.execute(
        f"CREATE TEMP TABLE combinations AS SELECT columns_kept, list_filter([{names}], "
        "lambda name, place: columns_kept & (1 << (place - 1)::INTEGER) > 0) AS surviving_columns "
        "FROM (SELECT DISTINCT columns_kept::INTEGER AS columns_kept FROM sources)"
    )
    query = (
        "SELECT s.* EXCLUDE (columns_kept), c.surviving_columns FROM sources s JOIN combinations c USING (columns_kept)"
    )
    write(con, query, stage_path(merge, f"{entity_type}_sources"))
    con.execute("DROP TABLE sources; DROP TABLE combinations; DROP TABLE survived")


def build_sources(merge: Merge, con: Connection) -> Counts:
    """The table ``sources`` from what the stages left. Returns its number of rows."""
    with scratch(con) as cur:
        take(cur, merge, "files")
        parts = ", ".join(quote(stage_path(merge, f"{t}_sources")) for t in ENTITY_TYPES)
        query = (
            "SELECT s.*, f.dataset, f.company, f.delivery_id, f.file, s.rid % 4294967296 AS row_number, "
            "f.place * 4294967296 + s.rid % 4294967296 AS place "
            f"FROM read_parquet([{parts}]) s JOIN (SELECT *, row_number() OVER (ORDER BY dataset, delivery_id, file) "
            "AS place FROM files) f ON f.file_no = s.rid // 4294967296"
        )
        return {"sources": write_table(cur, merge, "sources", query, ("entity_id", "place"))}
