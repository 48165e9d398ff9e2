"""Linking: what exact evidence leaves open is scored, judged and settled, and the clusters of residents grow by it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from assets.register.linking.comparisons import NAME, TWINS_APART, TWINS_AT_HOME, corroborated, plausible
from assets.register.linking.model import LinkingModel, read_model
from assets.register.linking.names import name_forms, near_names
from assets.register.linking.numbers import repaired_numbers
from assets.register.linking.score import nothing_scored, score
from assets.register.linking.settle import Pair, Settled, Unit, settle
from assets.register.stage import Connection, Counts, count, stage_path, write
from expectations.policy import Linking
from resources.duck import quote
from resources.models import Sql, Value, run_model

if TYPE_CHECKING:
    from assets.merge import Merge

SQL = Path(__file__).parent / "sql"

OWN_PHONE, FAMILY_PHONE = 3, 10
"""A phone that at most this many units hold is one person's, a family's; beyond that, an agent's."""
MOST_LODGERS = 12
"""Of a house with more people than this, living together says nothing."""
NAME_STRENGTH = 1000
"""So many units of a usual name's frequency weigh in with the units there are."""

UNITS_AT_ONCE = 1_000_000
"""So many units are put together at a time: their lists must lie in memory, a gigabyte or so."""

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
"""Below ``stage/``: the units with all that they were compared by: ``sql/units.sql``."""
PROPOSED = 'SELECT join_key_l AS "left", join_key_r AS "right" FROM candidates'
"""The pairs that :func:`find_candidates` proposes, as a query."""


def link_residents(con: Connection, merge: Merge, model: LinkingModel | None = None) -> Counts:
    """Join clusters in ``clustered`` that belong to one person; leave :data:`PAIRS` and, below ``stage/``, the rest.

    Needs ``clustered`` (node, cluster, rule, probability), ``nodes``, ``residents_in``, ``house_of`` and ``files``.
    Returns the number of pairs compared, accepted and kept for review, and of keys too hot to propose pairs.
    """
    policy = merge.policy.linking
    write(con, "SELECT node AS rid, cluster AS unit FROM clustered", stage_path(merge, UNITS))
    make_units(con)
    population = write(con, "FROM units", stage_path(merge, TOLD))
    con.execute("DROP TABLE units")  # in a city they take gigabytes, and most have no candidate
    con.execute(f"CREATE TEMP VIEW units AS FROM read_parquet({quote(stage_path(merge, TOLD))})")
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
    _run(con, "linked")
    write(con, 'FROM linked_pairs WHERE verdict <> \'rejected\' ORDER BY "left", "right"', merge.state / PAIRS)
    for verdict in ("accepted", "grey"):
        counts[f"resident_pairs_{verdict}"] = count(
            con, f"SELECT count(*) FROM linked_pairs WHERE verdict = '{verdict}'"
        )
    con.execute("DROP TABLE judged; DROP TABLE scored; DROP TABLE settled; DROP TABLE refused; DROP TABLE units")
    return counts


def make_units(con: Connection) -> None:
    """The table ``units`` (``sql/units.sql``) from ``clustered``, ``nodes``, ``residents_in``, ``vehicles_in`` and
    ``house_of``; a slice of the units at a time where there are many."""
    _run(con, "told")
    names = con.sql("SELECT DISTINCT name FROM told WHERE name IS NOT NULL ORDER BY name").to_arrow_table()
    _keep(con, "name_forms", name_forms(names["name"].to_pylist()))
    sent = con.sql("SELECT DISTINCT id_weak FROM told WHERE length(id_weak) BETWEEN 17 AND 19").to_arrow_table()
    _keep(con, "number_repairs", repaired_numbers(sent["id_weak"].to_pylist()))
    number = max(1, -(-count(con, "SELECT count(DISTINCT unit) FROM told") // UNITS_AT_ONCE))
    slices = [Sql(f"unit % {number} = {n}") for n in range(number)]
    _run(con, "unit_core")
    _run(con, "unit_shared", most_lodgers=MOST_LODGERS, name_strength=NAME_STRENGTH, usual_name=NAME.levels[0].u)
    for n, each in enumerate(slices):
        _run(
            con, "units", slice=each, own_phone=OWN_PHONE, family_phone=FAMILY_PHONE,
            id_start="^[1-9][0-9]{5}(19|20)[0-9]{7}$",
        )  # fmt: skip
        _gather(con, "unit_slice", "units", anew=n == 0)
    for table in (
        "told", "name_forms", "number_repairs", "unit_core", "unit_phones", "unit_homes", "lodgers", "name_shares",
        "unit_ids", "unit_cars",
    ):  # fmt: skip
        con.execute(f"DROP TABLE {table}")


def _gather(con: Connection, part: str, whole: str, *, anew: bool) -> None:
    """Put a slice to those before it; ``anew``: it is the first."""
    if anew:
        con.execute(f"DROP TABLE IF EXISTS {whole}")
        con.execute(f"ALTER TABLE {part} RENAME TO {whole}")
    else:
        con.execute(f"INSERT INTO {whole} FROM {part}")
        con.execute(f"DROP TABLE {part}")


def find_candidates(con: Connection, most_units: int) -> None:
    """The tables ``candidates`` and ``hot_keys`` from ``units``. Of the units that are not weak, which are most, only
    the keys that a weak one has are kept."""
    _run(con, "block_keys", made=Sql("weak_keys"), units=Sql("(FROM units WHERE is_weak)"), among=Sql(""))
    _run(
        con, "block_keys", made=Sql("strong_keys"), units=Sql("(FROM units WHERE NOT is_weak)"),
        among=Sql("SEMI JOIN weak_keys USING (key)"),
    )  # fmt: skip
    _run(con, "candidates", most_units=most_units)


def keep_compared(con: Connection, pairs: str) -> None:
    """Make the view ``units`` a table of those alone that ``pairs``, a query (left, right), speaks of, with what only
    a comparison needs."""
    con.execute(f'CREATE TEMP TABLE asked AS SELECT DISTINCT unnest(["left", "right"]) AS unit FROM ({pairs})')
    make_comparable(con, "(FROM units SEMI JOIN asked USING (unit))")
    con.execute("DROP TABLE asked; DROP VIEW units; ALTER TABLE comparable RENAME TO units")


def make_comparable(con: Connection, units: str) -> None:
    """The table ``comparable``: the rows of ``units``, a table expression, and what is ``near`` their names. That is a
    list as long as all other forms of a name together, so it is made only where it is compared."""
    names = con.sql(f"SELECT DISTINCT whole_name FROM {units} WHERE whole_name IS NOT NULL ORDER BY whole_name")
    _keep(con, "names_near", near_names(names.to_arrow_table()["whole_name"].to_pylist()))
    con.execute(
        "CREATE TEMP TABLE comparable AS "
        f"SELECT u.*, n.near FROM {units} u LEFT JOIN names_near n ON n.name = u.whole_name"
    )
    con.execute("DROP TABLE names_near")


def compare(con: Connection, population: int, model: LinkingModel | None = None) -> int:
    """The table ``scored`` from ``candidates`` and ``units``, by the stored model where none is given.

    ``population`` is the number of units in the whole register. Returns the number of pairs compared.
    """
    compared = count(con, "SELECT count(*) FROM candidates")
    if compared:
        score(con, (model or read_model()).scaled(population), "units", "candidates", "scored")
    else:
        nothing_scored(con, "scored")
    return compared


def judge(con: Connection, policy: Linking, as_of: date) -> None:
    """The table ``judged`` from ``scored`` and ``units``."""
    _run(
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
    _keep(con, "settled", _groups(settled))
    _keep(con, "refused", _refusals(settled))


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


def _keep(con: Connection, name: str, table: pa.Table) -> None:
    con.register("handed_over", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM handed_over")
    con.unregister("handed_over")


def _run(con: Connection, name: str, **values: Value) -> None:
    run_model(con, SQL / f"{name}.sql", **values)
