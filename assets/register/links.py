"""Links: who belongs to which house, and whose each vehicle is, since when and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assets.register.golden import order_of
from assets.register.ledger import previous
from assets.register.stage import Connection, Counts, model, open_records, scratch, stage_path, take, write, write_table
from expectations.contracts.columns import ENTITY_TYPES
from resources.duck import quote

if TYPE_CHECKING:
    from assets.merge import Merge

_STATE = (
    "vehicle_id VARCHAR, resident_id VARCHAR, house_id VARCHAR, community_id VARCHAR, role VARCHAR, "
    "relation_to_head VARCHAR, valid_from DATE, valid_to DATE, closed BOOLEAN"
)


def build_links(merge: Merge, con: Connection) -> Counts:
    """The tables ``occupancies`` and ``vehicle_holdings``, and ``state/links.parquet`` with every period ever
    delivered. Needs the three entity stages. Returns the rows of both, and how many periods closed tonight."""
    survivorship = merge.policy.survivorship
    with scratch(con) as cur:
        open_records(cur, merge, "residents", "vehicles")
        take(cur, merge, "house_of", "resident_of", "vehicle_of", "house_ids", "resident_ids", "vehicle_ids")
        model(cur, "occupancies", as_of=merge.as_of, preference=order_of(survivorship.residents.default))
        model(cur, "holders")
        model(cur, "holdings", as_of=merge.as_of, preference=order_of(survivorship.vehicles.default))
        previous(cur, merge, "links", "before", _STATE)
        moves = ", ".join(quote(stage_path(merge, f"{t}_moves")) for t in ENTITY_TYPES)
        cur.execute(f"CREATE TEMP VIEW moves AS FROM read_parquet([{moves}])")
        model(cur, "periods", as_of=merge.as_of)
        cur.execute("DROP TABLE delivered")
        write(cur, "FROM periods", merge.state / "links.parquet")
        living = " UNION ALL ".join(f"SELECT entity_id FROM {t}_ids" for t in ENTITY_TYPES)
        cur.execute(f"CREATE TEMP TABLE living AS {living}")
        model(cur, "links", as_of=merge.as_of)
        return {
            "occupancies": write_table(cur, merge, "occupancies", "FROM shown WHERE vehicle_id IS NULL"),
            "vehicle_holdings": write_table(cur, merge, "vehicle_holdings", "FROM shown WHERE vehicle_id IS NOT NULL"),
        }
