"""The accepted records of a delivery against the contract of their dataset, once, when they are written.

A delivery does not change after that, so a merge reads what was found here and looks at no record again. A broken rule
of severity error means that this program let in what it must not: the release that would carry it is stopped.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict

from expectations.audits import audit
from expectations.checks import CheckResult
from expectations.contracts.model import Dataset
from expectations.relations import coded_columns, standard_relation
from resources.duck import identifier, quote

CHECKS = "checks.json"


class DeliveryChecks(BaseModel):
    """What was found of one delivery, and how its records are spread: column -> code (empty for none) -> records."""

    model_config = ConfigDict(extra="forbid")

    rows: int
    results: list[CheckResult]
    distributions: dict[str, dict[str, int]]


def validate(con: duckdb.DuckDBPyConnection, dataset: Dataset, accepted: Path) -> DeliveryChecks:
    """Run every check of the dataset on the accepted records."""
    relation = standard_relation(dataset)
    place = f"read_parquet({quote(accepted)})"
    results = [*audit(con, relation, place)]
    coded = coded_columns(relation)
    counts = ", ".join(f"histogram(coalesce({identifier(c.name)}, ''))" for c in coded)
    row = con.execute(f"SELECT count(*), {counts} FROM {place}").fetchone()
    assert row is not None
    spread = {c.name: dict(sorted((found or {}).items())) for c, found in zip(coded, row[1:], strict=True)}
    return DeliveryChecks(rows=row[0], results=results, distributions=spread)


def read_delivery_checks(folder: Path) -> DeliveryChecks:
    """The checks in a standard folder. Raises FileNotFoundError."""
    return DeliveryChecks.model_validate_json((folder / CHECKS).read_text(encoding="utf-8"))
