"""Folding: which records tell of a pass that an earlier record already tells.

One rule covers the exact repeat, the replay after an outage, the overlapping window and the second reader. Two records
tell of one pass when they name the same subject in the same community and direction, or bear the same vendor's code in
the same feed and community, at most ``second_reader_seconds`` apart; a record that names nobody and bears no code must
be repeated whole. (A code that comes back at another time is another pass: running numbers start again when a device
does.)

Records are taken in the order of provenance (delivered_on, delivery_id, file, row_number). One is kept unless it tells
of the pass of a record kept before it. So the order of files is irrelevant, and a delivery that comes later only adds
passes or is folded itself: it never changes what was decided before.
"""

from __future__ import annotations

from pathlib import Path

from assets.register.events.days import DayPlan
from assets.register.events.deliveries import id_base
from resources.engine import Connection
from resources.models import run_model

SQL = Path(__file__).parent / "sql"


def open_day(con: Connection, plan: DayPlan) -> None:
    """Make ``event_files`` and ``event_records``: all that is needed to decide about a day."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE event_files "
        "(ordinal BIGINT, company VARCHAR, delivery_id VARCHAR, file VARCHAR, id_base BIGINT)"
    )
    files = [(d.company, d.delivery_id, file) for d in plan.deliveries for file in sorted(d.last_rows)]
    con.executemany(
        "INSERT INTO event_files VALUES (?, ?, ?, ?, ?)",
        [(n, *f, id_base(f[1], f[2])) for n, f in enumerate(files)],
    )
    run_model(
        con,
        SQL / "records.sql",
        files=[d.accepted for d in plan.deliveries],
        first_date=plan.start.date(),
        last_date=plan.stop.date(),
        start=plan.start.isoformat(),
        stop=plan.stop.isoformat(),
    )


def fold_day(con: Connection, plan: DayPlan) -> None:
    """Make ``folded_places`` (place, kept_place) of ``event_records``: every record folded, and into which."""
    within_us = plan.within.seconds * 1_000_000
    run_model(con, SQL / "echoes.sql", within_us=within_us)
    while con.execute("SELECT 1 FROM echoes LIMIT 1").fetchone():
        run_model(con, SQL / "fold_round.sql")
    con.execute("DROP TABLE echoes")
