"""Splink scores candidate pairs with a stored model."""

from __future__ import annotations

import logging

from assets.register.linking.comparisons import COMPARISONS
from assets.register.linking.model import Settings
from assets.register.stage import Connection


def score(con: Connection, settings: Settings, units: str, pairs: str, scored: str) -> None:
    """Make the table ``scored`` (left, right, weight, probability; gamma_… and mw_…: the level of each
    comparison and its bits) from the tables ``units`` and ``pairs``
    (join_key_l, join_key_r, match_key). Splink's own tables are gone afterwards."""
    # imported where it is used: a second, and only nights with open pairs need it
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register(units), settings, log_level=None, validate_settings=False)
    try:
        linker.table_management.register_blocked_pairs_for_predict(api.register(pairs))
        predictions = linker.inference.predict(warning_mode="never").physical_name
        con.execute(
            f'CREATE OR REPLACE TEMP TABLE {scored} AS SELECT unit_l AS "left", unit_r AS "right", '
            f"match_weight AS weight, match_probability AS probability, COLUMNS('^(gamma|mw)_') FROM {predictions}"
        )
    finally:
        linker.table_management.delete_tables_created_by_splink_from_db()


def nothing_scored(con: Connection, scored: str) -> None:
    """The same table without rows, for a night on which there is nothing to compare."""
    weights = []
    for comparison in COMPARISONS:
        weights += [f"gamma_{comparison.name} INTEGER", f"mw_{comparison.name} DOUBLE"]
        if comparison.term_frequency:
            weights.append(f"mw_tf_adj_{comparison.name} DOUBLE")
    con.execute(
        f'CREATE OR REPLACE TEMP TABLE {scored} ("left" BIGINT, "right" BIGINT, weight DOUBLE, probability DOUBLE, '
        f"{', '.join(weights)})"
    )
