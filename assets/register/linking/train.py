"""Training: the linking model's parameters from what ID numbers already tell.

Records that one valid ID number joins are labelled pairs: with the number hidden, they show how two records of one
person agree (``m``). Pairs drawn at random from different people show how strangers do (``u``). Splink counts both.
What is counted is drawn towards the declared values, so that a level which the sample never shows keeps its belief.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING

import duckdb

from assets.register.houses import build_houses
from assets.register.inputs import read_inputs
from assets.register.linking.comparisons import COMPARISONS
from assets.register.linking.model import LinkingModel, Settings, levels, untrained_settings
from assets.register.linking.units import drop_parts, make_comparable, make_units, run
from assets.register.stage import count
from resources.duck import connect

if TYPE_CHECKING:
    from assets.merge import Merge

BELIEF_M = 100
"""So many labelled pairs weigh as much as the declared ``m``."""
BELIEF_U = 200_000
"""So many chance pairs weigh as much as the declared ``u``."""
CHANCE_PAIRS = 3_000_000
SEED = 1


class TooFewLabels(ValueError):
    """The data cannot train a model; the message says what is missing."""


@dataclass(frozen=True)
class Sample:
    """What one register's data showed: shares by comparison and level, and of how many pairs."""

    records: int
    units: int
    labels: int
    chance: int
    m: list[list[float]]
    u: list[list[float]]


def train(merges: Sequence[Merge], trained_on: str) -> LinkingModel:
    """A model from the standard data of one or several data roots; ``trained_on`` says in words what they are.

    Nothing is published: the folders of the merges are gone afterwards. Raises :class:`TooFewLabels` when no ID
    number occurs twice.
    """
    started = time.monotonic()
    samples = [_sample(merge) for merge in merges]
    labels, chance = sum(s.labels for s in samples), sum(s.chance for s in samples)
    if not labels:
        raise TooFewLabels("no valid ID number occurs in two records: nothing shows how one person's records agree")
    settings = untrained_settings()
    for n, comparison in enumerate(COMPARISONS):
        for level, stored, m, u in zip(
            comparison.levels,
            levels(settings["comparisons"][n]),
            _pooled([(s.m[n], s.labels) for s in samples]),
            _pooled([(s.u[n], s.chance) for s in samples]),
            strict=True,
        ):
            if comparison.learns_m:
                stored["m_probability"] = round(_drawn(m, labels, level.m, BELIEF_M), 9)
            if comparison.learns_u:
                stored["u_probability"] = round(_drawn(u, chance, level.u, BELIEF_U), 12)
    settings["probability_two_random_records_match"] = labels / sum(s.records * (s.records - 1) / 2 for s in samples)
    about = {
        "trained_on": trained_on,
        "trained": date.today().isoformat(),
        "splink": version("splink"),
        "seconds": round(time.monotonic() - started),
        "records": sum(s.records for s in samples),
        "labelled_pairs": labels,
        "chance_pairs": chance,
        "learned_m": [c.name for c in COMPARISONS if c.learns_m],
        "learned_u": [c.name for c in COMPARISONS if c.learns_u],
    }
    return LinkingModel(settings, round(sum(s.units for s in samples) / len(samples)), about)


def _drawn(share: float, pairs: int, belief: float, strength: int) -> float:
    """A share counted in so many pairs, drawn towards what is believed."""
    return (share * pairs + belief * strength) / (pairs + strength)


def _pooled(shares: Sequence[tuple[list[float], int]]) -> list[float]:
    total = sum(pairs for _, pairs in shares)
    return [
        sum(share[n] * pairs for share, pairs in shares) / total if total else 0.0 for n in range(len(shares[0][0]))
    ]


def _sample(merge: Merge) -> Sample:
    from assets.register.residents import exact_clusters  # which imports linking itself

    try:
        with connect(merge.settings) as con:
            read_inputs(merge, con)
            build_houses(merge, con)
            exact_clusters(con, merge)
            _make_units(con)
            units = count(con, "SELECT count(*) FROM units")
            chance, u = _chances(con, units)
            con.execute("DROP TABLE units")
            run(con, "labelled")
            con.execute("DROP TABLE nodes; ALTER TABLE unnumbered RENAME TO nodes")
            _make_units(con)
            m = _agreements(con)
            return Sample(
                records=count(con, "SELECT count(*) FROM units"),
                units=units,
                labels=count(con, "SELECT count(*) FROM labels"),
                chance=chance,
                m=m,
                u=u,
            )
    finally:
        shutil.rmtree(merge.work, ignore_errors=True)


def _make_units(con: duckdb.DuckDBPyConnection) -> None:
    """The table ``units``, all of them with what a comparison needs."""
    make_units(con)
    make_comparable(con, "units")
    drop_parts(con)
    con.execute("DROP TABLE lodgers; ALTER TABLE comparable RENAME TO units")


def _chances(con: duckdb.DuckDBPyConnection, units: int) -> tuple[int, list[list[float]]]:
    """How many chance pairs were drawn, and the share of each level among them."""
    linker = _linker(con)
    linker.training.estimate_u_using_random_sampling(CHANCE_PAIRS, seed=SEED, min_count_per_level=None)
    shares = _shares(linker.misc.save_model_to_json(), "u_probability")
    linker.table_management.delete_tables_created_by_splink_from_db()
    return min(CHANCE_PAIRS, units * (units - 1) // 2), shares


def _agreements(con: duckdb.DuckDBPyConnection) -> list[list[float]]:
    """The share of each level among the labelled pairs."""
    linker = _linker(con)
    linker.training.estimate_m_from_pairwise_labels("labels")
    shares = _shares(linker.misc.save_model_to_json(), "m_probability")
    linker.table_management.delete_tables_created_by_splink_from_db()
    return shares


def _linker(con: duckdb.DuckDBPyConnection):  # Splink's own class, imported late
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection=con)
    return Linker(api.register("units"), _blank(), log_level=None, validate_settings=False)


def _blank() -> Settings:
    """The settings without any probabilities: what Splink does not observe must stay unknown."""
    settings = untrained_settings()
    for comparison in settings["comparisons"]:
        for level in levels(comparison):
            del level["m_probability"], level["u_probability"]
    return settings


def _shares(settings: Settings, what: str) -> list[list[float]]:
    return [[v.get(what) or 0.0 for v in levels(c)] for c in settings["comparisons"]]
