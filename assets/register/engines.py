"""Which engine runs which stage of the register."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from resources.engine import Connection, open_engine
from resources.settings import Settings

_log = logging.getLogger(__name__)

ON_SPARK = frozenset(
    {"inputs", "houses", "residents", "vehicles", "links", "communities", "sources", "evidence", "ledger", "events"}
)
"""The stages that ``REGISTER_ENGINE=spark`` runs on Spark. The others run on DuckDB over the same Parquet."""


@contextmanager
def stage_connection(settings: Settings, stage: str) -> Iterator[Connection]:
    """A connection of the engine that runs this stage, told in the log where an engine was asked for."""
    engine = settings.engine if stage in ON_SPARK else "duckdb"
    if settings.engine != "duckdb":
        _log.info("register: %s runs on %s", stage, settings.spark_master if engine == "spark" else "DuckDB")
    with open_engine(settings, engine) as con:
        yield con
