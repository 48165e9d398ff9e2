"""Linking: what exact evidence leaves open is scored, judged and settled, and the clusters of residents grow by it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from assets.register.linking.comparisons import TWINS_APART, TWINS_AT_HOME, corroborated, plausible
from assets.register.linking.model import LinkingModel, read_model
from assets.register.linking.score import score
from assets.register.linking.settle import Pair, Settled, Unit, settle
from assets.register.linking.units import drop_parts, keep, make_comparable, make_units, run
from assets.register.stage import Connection, Counts, count, stage_path, write
from expectations.policy import Linking
from resources.duck import quote
from resources.models import Sql

if TYPE_CHECKING:
    from assets.merge import Merge

PAIRS = "resident_pairs.parquet"
"""In the state: every pair that was accepted or is for review, with the level and weight of each comparison, the
verdict and its reason, and where the two clusters' first records came from."""
CANDIDATES = "resident_candidates"
"""Below ``stage/``: every pair of units that was compared; with :data:`UNITS` the recall of blocking is measured."""
HOT_KEYS = "resident_link_keys"
"""Below ``stage/``: by kind of key its blocks, how many of them are too hot to propose pairs, the largest, and the
pairs proposed and left out."""
UNITS = "resident_units"
"""Below ``stage/``: rid → the exact cluster its record was in before linking."""
TOLD = "resident_told"
"""Below ``stage/``: the units with what they tell: ``sql/units.sql``."""
LODGERS = "resident_lodgers"
"""Below ``stage/``: which units live in a house, as far as that says anything: ``sql/unit_shared.sql``."""
PROPOSED = 'SELECT join_key_l AS "left", join_key_r AS "right" FROM candidates'
"""The pairs that :func:`find_candidates` proposes, as a query."""


def link_residents(con: Connection, merge: Merge, model: LinkingModel | None = None) -> Counts:
    """Join clusters in ``clustered`` that belong to one person; leave :data:`PAIRS` and, below ``stage/``, the rest.

    Needs ``clustered`` (node, cluster, rule, probability), ``nodes``, ``residents_in``, ``house_of`` and ``files``.
    Returns the number of pairs compared, accepted and kept for review, and of keys too hot to propose pairs.
    """
    policy = merge.policy.linking
    write(con, "SELECT node AS rid, cluster AS unit FROM clustered", stage_path(merge, UNITS))
    population = _keep_units(con, merge)
    find_candidates(con, policy.most_units)
    write(con, PROPOSED, stage_path(merge, CANDIDATES))
    write(con, "FROM hot_keys ORDER BY kind", stage_path(merge, HOT_KEYS))
    keep_compared(con, PROPOSED)
    counts = {
        "resident_pairs_compared": compare(con, population, model),
        "resident_hot_link_keys": count(con, "SELECT sum(hot) FROM hot_keys"),
    }
    judge(con, policy, merge.as_of)
    settle_judged(con, policy)
    run(con, "linked")
    write(con, 'FROM linked_pairs WHERE verdict <> \'rejected\' ORDER BY "left", "right"', merge.state / PAIRS)
    for verdict in ("accepted", "grey"):
        counts[f"resident_pairs_{verdict}"] = count(
            con, f"SELECT count(*) FROM linked_pairs WHERE verdict = '{verdict}'"
        )
    con.execute("DROP TABLE judged; DROP TABLE scored; DROP TABLE settled; DROP TABLE refused")
    con.execute(
        "DROP TABLE units; DROP VIEW lodgers; DROP TABLE candidates; DROP TABLE hot_keys; DROP TABLE linked_pairs"
    )
    return counts


def _keep_units(con: Connection, merge: Merge) -> int:
    """The views ``units`` and ``lodgers`` of what is left below ``stage/``; returns the number of units. In a city they
    take gigabytes, and most have no candidate."""
    make_units(con)
    written = write(con, "FROM units", stage_path(merge, TOLD))
    write(con, "FROM lodgers", stage_path(merge, LODGERS))
    drop_parts(con)
    con.execute("DROP TABLE lodgers")
    for view, left in (("units", TOLD), ("lodgers", LODGERS)):
        con.execute(f"CREATE TEMP VIEW {view} AS FROM read_parquet({quote(stage_path(merge, left))})")
    return written


def find_candidates(con: Connection, most_units: int) -> None:
    """The tables ``candidates`` and ``hot_keys`` from ``units`` and ``lodgers``. Of the units that are not weak, which
    are most, only the keys that a weak one has are kept, and only the kin that a weak one has."""
    weak, strong = Sql("(FROM units WHERE is_weak)"), Sql("(FROM units WHERE NOT is_weak)")
    run(con, "kin", made=Sql("weak_kin"), units=weak, lodgers=Sql("lodgers"))
    run(con, "block_keys", made=Sql("weak_keys"), units=weak, kin=Sql("weak_kin"), among=Sql(""))
    con.execute("CREATE OR REPLACE TEMP TABLE known_kin AS SELECT DISTINCT name, birth_date FROM weak_kin")
    known = Sql("(SELECT l.* FROM lodgers l SEMI JOIN known_kin k ON k.name = l.name AND k.birth_date = l.birth_date)")
    run(con, "kin", made=Sql("strong_kin"), units=strong, lodgers=known)
    run(
        con, "block_keys", made=Sql("strong_keys"), units=strong, kin=Sql("strong_kin"),
        among=Sql("SEMI JOIN weak_keys USING (key)"),
    )  # fmt: skip
    con.execute("DROP TABLE weak_kin; DROP TABLE known_kin; DROP TABLE strong_kin")
    run(con, "candidates", most_units=most_units)


def keep_compared(con: Connection, pairs: str) -> None:
    """Make the view ``units`` a table of those alone that ``pairs``, a query (left, right), speaks of, with what only
    a comparison needs."""
    con.execute(f'CREATE TEMP TABLE asked AS SELECT DISTINCT unnest(["left", "right"]) AS unit FROM ({pairs})')
    make_comparable(con, "(FROM units SEMI JOIN asked USING (unit))")
    con.execute("DROP TABLE asked; DROP VIEW units; ALTER TABLE comparable RENAME TO units")


def compare(con: Connection, population: int, model: LinkingModel | None = None) -> int:
    """The table ``scored`` from ``candidates`` and ``units``, by the stored model where none is given.

    ``population`` is the number of units in the whole register. Returns the number of pairs compared.
    """
    score(con, (model or read_model()).scaled(population), "units", "candidates", "scored")
    return count(con, "SELECT count(*) FROM candidates")


def judge(con: Connection, policy: Linking, as_of: date) -> None:
    """The table ``judged`` from ``scored`` and ``units``."""
    run(
        con, "judged", accept=policy.accept, review_from=policy.review_from, corroborated=Sql(corroborated()),
        plausible=Sql(plausible()), grown_since=_years_before(as_of, TWINS_APART),
        elder_since=_years_before(as_of, TWINS_AT_HOME),
    )  # fmt: skip


def _years_before(day: date, years: int) -> date:
    return day - timedelta(days=round(years * 365.25))


def settle_judged(con: Connection, policy: Linking) -> None:
    """``settled`` (unit, person) and ``refused`` (left, right, reason) from the accepted pairs of ``judged``."""
    accepted = con.sql('SELECT "left", "right", weight FROM judged WHERE verdict = \'accepted\'').to_arrow_table()
    pairs = [Pair.of(*row) for row in zip(*(accepted[c].to_pylist() for c in accepted.column_names), strict=True)]
    known = con.sql(
        "SELECT unit, exclusive, birth_date, sex, whole_name FROM units SEMI JOIN "
        '(SELECT unnest(["left", "right"]) AS unit FROM judged WHERE verdict = \'accepted\') p USING (unit)'
    ).to_arrow_table()
    units = {u: Unit(*rest) for u, *rest in zip(*(known[c].to_pylist() for c in known.column_names), strict=True)}
    settled = settle(pairs, units, policy.margin_bits, policy.largest)
    keep(con, "settled", _groups(settled))
    keep(con, "refused", _refusals(settled))


def _groups(settled: Settled) -> pa.Table:
    return pa.table(
        {
            "unit": pa.array(settled.group_of.keys(), pa.int64()),
            "person": pa.array(settled.group_of.values(), pa.int64()),
        }
    )


def _refusals(settled: Settled) -> pa.Table:
    refused = [(p, verdict) for p, verdict in settled.verdicts.items() if verdict != "accepted"]
    return pa.table(
        {
            "left": pa.array([p.left for p, _ in refused], pa.int64()),
            "right": pa.array([p.right for p, _ in refused], pa.int64()),
            "reason": pa.array([reason for _, reason in refused], pa.string()),
        }
    )
