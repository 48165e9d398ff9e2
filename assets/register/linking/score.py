"""Splink scores candidate pairs with a stored model."""

from __future__ import annotations

import copy
import logging
from typing import Any

from assets.register.linking.comparisons import COMPARISONS
from assets.register.linking.model import Settings
from assets.register.stage import Connection, count
from resources.duck import identifier
from resources.engine.portable import condition_to_spark
from resources.engine.spark import SparkConnection

SHARED = tuple(c.term_frequency for c in COMPARISONS if c.term_frequency)
"""The columns of the units of which ``tf_…`` says how common a value is."""

PLACES = 9
"""Weights are kept to so many decimal places: behind them engines differ in how they take logarithms, and pairs that
weigh the same are to be settled in one order."""

PAIRS_AT_ONCE = 1_000_000
"""So many pairs are scored at a time: Splink keeps all that was compared beside each, about a kilobyte."""


def score(con: Connection, settings: Settings, units: str, pairs: str, scored: str) -> None:
    """Make the table ``scored`` (left, right, weight, probability; gamma_… and mw_…: the level of each
    comparison and its bits) from the tables ``units`` and ``pairs``
    (join_key_l, join_key_r, match_key); without rows where there are none. Splink's own tables are gone afterwards."""
    _nothing(con, scored)
    if isinstance(con, SparkConnection):
        settings = for_spark(settings)
        units = _part_shares(con, units)
    slices = -(-count(con, f"SELECT count(*) FROM {pairs}") // PAIRS_AT_ONCE)
    for n in range(slices):
        con.execute(f"CREATE OR REPLACE TEMP TABLE pairs_slice AS FROM {pairs} WHERE join_key_l % {slices} = {n}")
        _score(con, settings, units, "pairs_slice", scored)
        con.execute("DROP TABLE pairs_slice")


def _nothing(con: Connection, scored: str) -> None:
    """The table of :func:`score` without rows."""
    weights = ", ".join(f"{identifier(name)} {kind}" for name, kind in _weights().items())
    con.execute(
        f'CREATE OR REPLACE TEMP TABLE {scored} ("left" BIGINT, "right" BIGINT, weight DOUBLE, probability DOUBLE, '
        f"{weights})"
    )


def _score(con: Connection, settings: Settings, units: str, pairs: str, scored: str) -> None:
    """More rows of ``scored``."""
    # imported where it is used: a second, and only nights with open pairs need it
    from splink import Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = _api(con)
    linker = Linker(api.register(units), settings, log_level=None, validate_settings=False)
    if isinstance(con, SparkConnection):
        for column in SHARED:
            linker.table_management.register_term_frequency_lookup(api.register(f"shares_of_{column}"), column)
    try:
        linker.table_management.register_blocked_pairs_for_predict(api.register(pairs))
        predictions = linker.inference.predict(warning_mode="never").physical_name
        weights = ", ".join(identifier(c) for c in _weights())
        con.execute(
            f'INSERT INTO {scored} SELECT unit_l AS "left", unit_r AS "right", '
            f"round(match_weight, {PLACES}) AS weight, match_probability AS probability, {weights} FROM {predictions}"
        )
    finally:
        linker.table_management.delete_tables_created_by_splink_from_db()
        if isinstance(con, SparkConnection):
            con.session.catalog.clearCache()  # what Splink persisted, and takes for gone with its tables


def _api(con: Any) -> Any:
    """Splink on the engine of the connection."""
    if isinstance(con, SparkConnection):
        from splink import SparkAPI

        return SparkAPI(spark_session=con.session, break_lineage_method="persist", register_udfs_automatically=False)
    from splink import DuckDBAPI

    return DuckDBAPI(connection=con)


def _part_shares(con: Connection, units: str) -> str:
    """The name of the units without the shares of their values, which go into tables of their own. Splink adds such
    columns itself; of two with one name DuckDB takes the first, ours, and Spark takes neither."""
    for column in SHARED:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE shares_of_{column} AS "
            f"SELECT DISTINCT {column}, tf_{column} FROM {units} WHERE {column} IS NOT NULL"
        )
    parted = f"{units}_without_shares"
    shares = ", ".join(f"tf_{column}" for column in SHARED)
    con.execute(f"CREATE OR REPLACE TEMP VIEW {parted} AS SELECT * EXCLUDE ({shares}) FROM {units}")
    return parted


def for_spark(settings: Settings) -> Settings:
    """The same settings, their conditions in Spark's SQL."""
    settings = copy.deepcopy(settings)
    for comparison in settings["comparisons"]:
        for level in comparison["comparison_levels"]:
            if level["sql_condition"] != "ELSE":
                level["sql_condition"] = condition_to_spark(level["sql_condition"])
    return settings


def _weights() -> dict[str, str]:
    """The columns of ``scored`` that tell of the comparisons, with their types."""
    columns: dict[str, str] = {}
    for comparison in COMPARISONS:
        columns |= {f"gamma_{comparison.name}": "INTEGER", f"mw_{comparison.name}": "DOUBLE"}
        if comparison.term_frequency:
            columns[f"mw_tf_adj_{comparison.name}"] = "DOUBLE"
    return columns
