"""The accepted records of a delivery against the contract of their dataset, once, when they are written.

A delivery does not change after that, so a merge reads what was found here and looks at no record again; only where
the rules have changed since does the next load ask them again. A broken rule of severity error means that this program
let in what it must not: the release that would carry it is stopped.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from expectations.audits import audit
from expectations.checks import CheckResult
from expectations.contracts.model import Dataset
from expectations.relations import coded_columns, standard_relation
from resources.duck import identifier, quote
from resources.files import write_text
from resources.version import code_version

ACCEPTED, CHECKS = "accepted.parquet", "checks.json"


class DeliveryChecks(BaseModel):
    """What was found of one delivery, by which ``rules``, and how its records are spread: column -> code (empty for
    none) -> records."""

    model_config = ConfigDict(extra="forbid")

    rules: str = ""
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
    return DeliveryChecks(rules=rules_of(dataset), rows=row[0], results=results, distributions=spread)


def rules_of(dataset: Dataset) -> str:
    """Sixteen hex digits over the checks that records of a dataset are held against now, and the code that asks
    them."""
    relation = standard_relation(dataset)
    said = repr((relation.columns, relation.checks, code_version("expectations")))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def is_checked(folder: Path, dataset: Dataset) -> bool:
    """Whether a standard folder holds what the checks of now find."""
    try:
        return read_delivery_checks(folder).rules == rules_of(dataset)
    except (FileNotFoundError, ValidationError):
        return False


def check_again(con: duckdb.DuckDBPyConnection, dataset: Dataset, folder: Path) -> None:
    """Ask the accepted records in a standard folder again, by the rules of now; they are not judged again."""
    write_text(folder / CHECKS, validate(con, dataset, folder / ACCEPTED).model_dump_json(indent=1))


def read_delivery_checks(folder: Path) -> DeliveryChecks:
    """The checks in a standard folder. Raises FileNotFoundError."""
    return DeliveryChecks.model_validate_json((folder / CHECKS).read_text(encoding="utf-8"))
