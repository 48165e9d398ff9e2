"""Hide the ID numbers of a sample, link its records again, compare with what the numbers say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assets.register.linking import LODGERS, PAIRS, TOLD, UNITS, LinkingModel
from assets.register.linking.link import PROPOSED, compare, find_candidates, judge, keep_compared, settle_judged
from assets.register.linking.units import NAME_STRENGTH, drop_parts, make_units
from assets.register.residents import hold_exact
from assets.register.stage import (
    Connection,
    Counts,
    accepted,
    count,
    model,
    scratch,
    take,
    write_table,
)
from resources.duck import quote
from resources.models import Sql, Value, run_model

if TYPE_CHECKING:
    from assets.merge import Merge

SQL = Path(__file__).parent / "sql"
_Z = 1.959964
"""The normal deviate of a two-sided interval of 95 %."""


def build_accuracy(merge: Merge, con: Connection, linking: LinkingModel | None = None) -> Counts:
    """The table ``accuracy``. Needs the residents stage.

    The sample is put together by the same exact evidence, candidates, stored model (``linking`` instead of it, where
    given) and rules as the night's own records, against the whole register; verdicts of reviewers are left out, since
    they are no merit of the linking. Returns the rows of the table, and how many people and records were hidden.
    """
    with scratch(con) as cur:
        _hide(cur, merge)
        _make_units(cur, merge)
        _link_again(cur, merge, linking)
        _run(cur, "pairs")
        _run(cur, "rates", **{f"{rate}_between": _wilson(rate, worth) for rate, worth in _RATES.items()})
        query = f"SELECT {quote(merge.merge_id)} AS release_id, * FROM rates"
        return {
            "accuracy": write_table(cur, merge, "accuracy", query),
            "residents_hidden": count(cur, "SELECT count(DISTINCT person) FROM hidden"),
            "resident_records_hidden": count(cur, "SELECT count(*) FROM hidden"),
        }


def _hide(con: Connection, merge: Merge) -> None:
    """``known``, ``hidden``, ``near`` and ``described``: ``sql/hidden.sql``."""
    take(con, merge, "files", "standing", "house_of", UNITS)
    for view, dataset in (("residents_sent", "residents"), ("vehicles_in", "vehicles")):
        model(con, "records", view=Sql(view), records=accepted(merge, dataset))
    _run(con, "told_of")
    con.execute("CREATE TEMP VIEW residents_in AS FROM told_of")
    model(con, "resident_numbers")
    con.execute("ALTER TABLE nodes RENAME TO known; DROP VIEW residents_in")
    policy = merge.policy.accuracy
    _run(con, "hidden", people=policy.people, share=policy.share, draw_birth=_draw("birth"), draw_sex=_draw("sex"))


def _draw(what: str) -> Sql:
    """A number between 0 and 1 that a record draws for itself, the same every night."""
    return Sql(f"md5_number_lower(concat({quote(what)}, r.record_hash)) / {float(2**64)}")


def _make_units(con: Connection, merge: Merge) -> None:
    """``unit_of``, ``hidden_units`` and the views ``units`` and ``lodgers``: ``sql/hidden_units.sql``.

    Only the records near the hidden ones are held together by exact evidence anew.
    """
    _run(con, "near_residents")
    hold_exact(con)
    make_units(con)
    con.execute("CREATE TEMP TABLE units_near AS FROM units; ALTER TABLE lodgers RENAME TO lodgers_near")
    drop_parts(con)
    take(con, merge, TOLD, LODGERS)
    _run(con, "hidden_units", name_strength=NAME_STRENGTH)


def _link_again(con: Connection, merge: Merge, linking: LinkingModel | None) -> None:
    """``settled`` (unit, person): what linking makes of the hidden records and of all that hangs on them.

    Only pairs with a hidden record are compared. Those that the night accepted among all others stand beside them, so
    that a record is claimed by as many others as in the night itself.
    """
    policy = merge.policy.linking
    find_candidates(con, policy.most_units)
    _accepted_beside(con, merge)
    population = count(con, "SELECT count(*) FROM units")
    keep_compared(con, f'{PROPOSED} UNION ALL SELECT "left", "right" FROM accepted')
    compare(con, population, linking)
    judge(con, policy, merge.as_of)
    con.execute("INSERT INTO judged BY NAME FROM accepted")
    settle_judged(con, policy)


def _accepted_beside(con: Connection, merge: Merge) -> None:
    """``accepted``: the pairs that the night accepted of units that are still there, as far as one leads from another
    to a candidate. What hangs on no candidate settles as it did in the night, and is not asked for."""
    con.execute(
        f"""CREATE TEMP TABLE accepted_all AS SELECT p."left", p."right", p.weight, p.verdict
        FROM read_parquet({quote(merge.state / PAIRS)}) p
        ANTI JOIN gone l ON l.unit = p."left" ANTI JOIN gone r ON r.unit = p."right"
        WHERE p.verdict = 'accepted'"""
    )
    con.execute(f'CREATE TEMP TABLE reached AS SELECT DISTINCT unnest(["left", "right"]) AS unit FROM ({PROPOSED})')
    before = -1
    while before != (before := count(con, "SELECT count(*) FROM reached")):
        con.execute(
            """INSERT INTO reached SELECT DISTINCT unit FROM (
                SELECT p."left" AS unit FROM accepted_all p SEMI JOIN reached r ON r.unit = p."right"
                UNION ALL SELECT p."right" FROM accepted_all p SEMI JOIN reached r ON r.unit = p."left"
            ) ANTI JOIN reached USING (unit)"""
        )
    con.execute('CREATE TEMP TABLE accepted AS FROM accepted_all p SEMI JOIN reached r ON r.unit = p."left"')
    con.execute("DROP TABLE accepted_all; DROP TABLE reached")


_RATES = {"precision": "joined_worth", "recall": "true_worth"}
"""Each rate and how many independent pairs it is worth."""


def _wilson(rate: str, worth: str) -> Sql:
    """Wilson's interval of a rate as a list of two; null where there is no pair."""
    z2 = _Z * _Z
    middle = f"({rate} + {z2 / 2} / {worth})"
    spread = f"{_Z} * sqrt({rate} * (1 - {rate}) / {worth} + {z2 / 4} / ({worth} * {worth}))"
    ends = [f"({middle} {sign} {spread}) / (1 + {z2} / {worth})" for sign in "-+"]
    return Sql(f"CASE WHEN {worth} > 0 THEN [greatest({ends[0]}, 0), least({ends[1]}, 1)] END")


def _run(con: Connection, name: str, **values: Value) -> None:
    run_model(con, SQL / f"{name}.sql", **values)
