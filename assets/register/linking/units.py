"""Units: what linking compares, one for each exact cluster of residents' records, with all that its records tell."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from assets.register.linking.comparisons import NAME
from assets.register.linking.names import name_forms, near_names
from assets.register.linking.numbers import repaired_numbers
from assets.register.stage import Connection, count
from resources.models import Sql, Value, run_model

SQL = Path(__file__).parent / "sql"

OWN_PHONE, FAMILY_PHONE = 3, 10
"""A phone that at most this many units hold is one person's, a family's; beyond that, an agent's."""
MOST_LODGERS = 12
"""Of a house with more people than this, living together says nothing."""
NAME_STRENGTH = 1000
"""So many units of a usual name's frequency weigh in with the units there are."""

GATHERED_AT_ONCE = 1_000_000
"""So many units of several records are gathered at a time: their lists must lie in memory, a gigabyte or so."""

_PARTS = ("told", "gathered", "reach", "busy_phones", "names", "number_repairs", "unit_cars")


def make_units(con: Connection) -> None:
    """The view ``units`` (``sql/units.sql``) and the table ``lodgers`` from ``clustered``, ``nodes``, ``residents_in``,
    ``vehicles_in`` and ``house_of``. Whoever needs the units more than once keeps them, and then calls
    :func:`drop_parts`."""
    run(con, "told")
    names = con.sql("SELECT DISTINCT name FROM told WHERE name IS NOT NULL ORDER BY name").to_arrow_table()
    keep(con, "name_forms", name_forms(names["name"].to_pylist()))
    sent = con.sql("SELECT DISTINCT id_weak FROM told WHERE length(id_weak) BETWEEN 17 AND 19").to_arrow_table()
    keep(con, "number_repairs", repaired_numbers(sent["id_weak"].to_pylist()))
    phones = {"own_phone": OWN_PHONE, "family_phone": FAMILY_PHONE}
    run(con, "busy_phones", own_phone=OWN_PHONE)
    slices = max(1, -(-count(con, "SELECT count(DISTINCT unit) FROM told WHERE NOT is_alone") // GATHERED_AT_ONCE))
    for n in range(slices):
        run(con, "gathered", slice=Sql(f"unit % {slices} = {n}"), **phones)
        for whole in ("gathered", "reach"):
            _put(con, whole, anew=n == 0)
    run(con, "unit_core")
    run(con, "unit_shared", most_lodgers=MOST_LODGERS, name_strength=NAME_STRENGTH, usual_name=NAME.levels[0].u)
    con.execute("DROP TABLE name_forms")
    run(con, "units", id_start="^[1-9][0-9]{5}(19|20)[0-9]{7}$", **phones)


def drop_parts(con: Connection) -> None:
    """Drop the view ``units`` and what it is made of; ``lodgers`` stays."""
    con.execute("DROP VIEW units; DROP VIEW unit_core")
    for table in _PARTS:
        con.execute(f"DROP TABLE {table}")


def _put(con: Connection, whole: str, *, anew: bool) -> None:
    """Put a slice to those before it; ``anew``: it is the first."""
    part = f"{whole}_slice"
    if anew:
        con.execute(f"DROP TABLE IF EXISTS {whole}")
        con.execute(f"ALTER TABLE {part} RENAME TO {whole}")
    else:
        con.execute(f"INSERT INTO {whole} FROM {part}")
        con.execute(f"DROP TABLE {part}")


def make_comparable(con: Connection, units: str) -> None:
    """The table ``comparable``: the rows of ``units``, a table expression, with what is ``near`` their names and their
    ``kin``, whom they live with. These are lists as long as all the others together, so they are made only where they
    are compared. Needs ``lodgers``."""
    names = con.sql(f"SELECT DISTINCT whole_name FROM {units} WHERE whole_name IS NOT NULL ORDER BY whole_name")
    keep(con, "names_near", near_names(names.to_arrow_table()["whole_name"].to_pylist()))
    run(con, "kin", made=Sql("unit_kin"), units=Sql(units), lodgers=Sql("lodgers"))
    run(con, "comparable", units=Sql(units))
    con.execute("DROP TABLE names_near; DROP TABLE unit_kin")


def keep(con: Connection, name: str, table: pa.Table) -> None:
    """Hand an Arrow table over as a table of the connection."""
    con.register("handed_over", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM handed_over")
    con.unregister("handed_over")


def run(con: Connection, name: str, **values: Value) -> None:
    """Run one of linking's models."""
    run_model(con, SQL / f"{name}.sql", **values)
