"""The Dagster instance of this installation: where its home is, and that it is set up before anything runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

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
    """The instance that the operators' page shows."""
    prepare_home(settings)
    with dg.DagsterInstance.get() as instance:
        yield instance
