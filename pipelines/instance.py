"""The Dagster instance of this installation: where its home is, and that it is set up before anything runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from resources.settings import Settings
from resources.version import ROOT

TEMPLATE = Path(__file__).with_name("dagster.yaml")


def prepare_home(settings: Settings) -> Path:
    """Set ``DAGSTER_HOME`` (``.dagster`` in the checkout where it is not set) and the environment that every process
    Dagster starts takes its data and configuration roots from; copy the template when the home is new."""
    home = Path(os.environ.get("DAGSTER_HOME") or ROOT / ".dagster").resolve()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copy(TEMPLATE, home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["REGISTER_DATA"] = str(settings.data)
    os.environ["REGISTER_CONFIG"] = str(settings.config)
    return home


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance that the operators' page shows.

    Where it lies in SQLite, an event is on its way to the disk when a step goes on, not yet there: a killed process
    loses none, a power failure may lose the last ones.
    """
    home = prepare_home(settings)
    with ExitStack() as stack:
        event.listen(Engine, "connect", _do_not_wait)
        stack.callback(event.remove, Engine, "connect", _do_not_wait)
        instance = stack.enter_context(dg.DagsterInstance.get())
        _hold_open(home, stack)
        yield instance


def _do_not_wait(connection: object, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = NORMAL")


def _hold_open(home: Path, stack: ExitStack) -> None:
    """Keep the databases that all runs share open: Dagster connects anew for every event, and the last connection to be
    closed makes SQLite put its log into the database and wait for the disk. A run's own database is left to that: the
    operators' page looks at the file to see that something happened."""
    for shared in (home / "history" / "runs.db", home / "history" / "runs" / "index.db"):
        if shared.exists():
            connection = stack.enter_context(closing(sqlite3.connect(shared)))
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # only then it takes part in the log
