"""What a run of the register did: rows, ids, churn, time. It is what a release is judged and described by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assets.register.ledger import previous
from assets.register.stage import Connection, Counts, count, scratch, stage_path
from expectations.contracts.columns import ENTITY_TYPES
from resources.duck import quote

if TYPE_CHECKING:
    from assets.merge import Merge


@dataclass(frozen=True)
class Churn:
    """How many of the last release's living ids were merged, split or retired tonight, and how many may be."""

    changed: int
    living_before: int
    budget: float
    at_least: int

    @property
    def share(self) -> float:
        """Changed ids per id that was living; 0 on the first night."""
        return self.changed / self.living_before if self.living_before else 0.0

    @property
    def exceeds(self) -> bool:
        """Whether a person should look before this is released."""
        return self.living_before > 0 and self.changed >= self.at_least and self.share > self.budget


@dataclass
class RegisterReport:
    """``tables``: rows per released table. ``counts``: what else the stages counted. ``id_events``: events per entity
    type and kind. ``churn`` per entity type. ``seconds`` per stage, in order."""

    tables: Counts = field(default_factory=dict)
    counts: Counts = field(default_factory=dict)
    id_events: dict[str, Counts] = field(default_factory=dict)
    churn: dict[str, Churn] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def id_events(merge: Merge, con: Connection) -> dict[str, Counts]:
    """Tonight's id events per entity type and kind; a type without events has an empty entry."""
    out: dict[str, Counts] = {}
    with scratch(con) as cur:
        for entity_type in ENTITY_TYPES:
            path = quote(stage_path(merge, f"{entity_type}_events"))
            rows = cur.execute(f"SELECT event, count(*) FROM read_parquet({path}) GROUP BY 1 ORDER BY 1").fetchall()
            out[entity_type] = dict(rows)
    return out


def measure_churn(merge: Merge, con: Connection) -> dict[str, Churn]:
    """The churn of tonight's ids per entity type, with its budget from ``register.yaml``. Needs the entity stages."""
    policy = merge.policy.churn
    budgets = {"resident": policy.residents, "house": policy.houses, "vehicle": policy.vehicles}
    out: dict[str, Churn] = {}
    with scratch(con) as cur:
        for entity_type, events in id_events(merge, con).items():
            previous(
                cur, merge, f"entities_{entity_type}", f"before_{entity_type}", "entity_id VARCHAR, status VARCHAR"
            )
            living = count(cur, f"SELECT count(*) FROM before_{entity_type} WHERE status = 'living'")
            changed = sum(events.get(kind, 0) for kind in ("merged", "split", "retired"))
            out[entity_type] = Churn(changed, living, budgets[entity_type], policy.at_least)
    return out
