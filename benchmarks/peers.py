"""Other ways to put the same residents' records together: what each finds, and the pairs it looked at.

All get the same standard records: name, sex, birth date, ID number, phone, community and house, as the standard layer
cleaned them. None gets the register's own evidence (homophones, look-alikes, what is left of damaged numbers).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import recordlinkage

from resources.duck import quote

RECORDS = """
SELECT row_number() OVER (ORDER BY company, file, row_number) AS id, company, file, row_number, name, name_is_partial,
    sex, id_number, phone, CASE WHEN count(*) OVER (PARTITION BY phone) <= {most} THEN phone END AS phone_key,
    strftime(birth_date, '%Y-%m-%d') AS birth_date, community_id,
    CASE WHEN room IS NOT NULL THEN concat_ws('|', community_id, building, unit, room) END AS house
FROM read_parquet([{paths}], union_by_name = true)
"""
COLUMNS = ("name", "sex", "id_number", "phone", "birth_date", "community_id", "house")
MOST_HOLDERS = 300
"""A phone that more records carry (an agent's) brings none of them together for a comparison: in a city of 500,000 it
would propose a hundred million pairs."""
BLOCKS = (("id_number",), ("phone_key",), ("name", "birth_date"), ("house", "name"), ("house", "birth_date"))
"""What two records must share to be compared: the usual choice over these columns, for every peer alike."""
ECM_RECORDS = 100_000
"""The toolkit compares in Python and holds every pair with its features: it is not run over more records."""
THRESHOLD = 0.95
"""From this match probability on, Splink's pairs are clustered."""


@dataclass(frozen=True)
class Found:
    """``cluster_of``: record → cluster; ``compared``: the pairs looked at, None where there is no such step;
    ``training``: seconds of learning, before any pair was looked at."""

    cluster_of: dict[int, int]
    compared: set[tuple[int, int]] | None
    training: float = 0.0


def records(con: duckdb.DuckDBPyConnection, paths: Iterable[Path]) -> None:
    """Make the table ``peer_records`` from accepted residents' records."""
    query = RECORDS.format(paths=", ".join(map(quote, paths)), most=MOST_HOLDERS)
    con.execute(f"CREATE OR REPLACE TEMP TABLE peer_records AS {query}")


def exact_id(con: duckdb.DuckDBPyConnection) -> Found:
    """Records with one ID number are one person; nothing else is."""
    rows = con.execute("SELECT id, min(id) OVER (PARTITION BY coalesce(id_number, id::VARCHAR)) FROM peer_records")
    return Found(dict(rows.fetchall()), None)


def stock_splink(con: duckdb.DuckDBPyConnection) -> Found:
    """Splink as its tutorial goes: stock comparisons, u from random pairs, m by expectation maximisation, connected
    components over a threshold."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[
            cl.NameComparison("name"),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.ExactMatch("sex"),
            cl.ExactMatch("id_number"),
            cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
            cl.ExactMatch("community_id"),
            cl.ExactMatch("house").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKS],
    )
    api = DuckDBAPI()
    frame = con.sql(f"SELECT id, {', '.join(COLUMNS)}, phone_key FROM peer_records").to_arrow_table()
    started = time.perf_counter()
    linker = Linker(api.register(frame), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("id_number"), block_on("name", "phone"), block_on("name", "birth_date")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2_000_000, seed=1)
    # not within phones or houses: it would learn families there, to the peer's harm
    for columns in (("id_number",), ("name", "birth_date")):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    training = time.perf_counter() - started
    predicted = linker.inference.predict(warning_mode="never")
    pairs = api.duckdb_con.execute(f"SELECT id_l, id_r, match_probability FROM {predicted.physical_name}").fetchall()
    joined = ((left, right) for left, right, probability in pairs if probability >= THRESHOLD)
    return Found(components(_ids(con), joined), {_ordered(left, right) for left, right, _ in pairs}, training)


def ecm(con: duckdb.DuckDBPyConnection) -> Found:
    """The recordlinkage toolkit: string and exact comparisons cut to 0 and 1, its expectation-conditional-maximisation
    classifier, connected components."""
    names = ", ".join(("id", *COLUMNS, "phone_key"))
    frame = con.sql(f"SELECT {names} FROM peer_records").to_arrow_table().to_pandas().set_index("id")
    candidates = pd.MultiIndex.from_arrays([[], []])
    for columns in BLOCKS:
        known = frame.dropna(subset=list(columns))
        candidates = candidates.union(recordlinkage.Index().block(list(columns)).index(known))
    compare = recordlinkage.Compare()
    # its Jaro-Winkler calls a function that the current jellyfish no longer has
    compare.string("name", "name", method="levenshtein", threshold=0.6, label="name")
    for column in COLUMNS[1:]:
        compare.exact(column, column, label=column)
    features = compare.compute(candidates, frame)
    matches = recordlinkage.ECMClassifier().fit_predict(features)
    return Found(components(frame.index, matches), {_ordered(*pair) for pair in candidates})


MOST_RECORDS: dict[str, int] = {"recordlinkage, ECM": ECM_RECORDS}
"""The peers that do not run over more records than this."""
PEERS: dict[str, Callable[[duckdb.DuckDBPyConnection], Found]] = {
    "exact ID only": exact_id,
    "Splink, stock comparisons": stock_splink,
    "recordlinkage, ECM": ecm,
}


def _ids(con: duckdb.DuckDBPyConnection) -> list[int]:
    return [number for (number,) in con.execute("SELECT id FROM peer_records").fetchall()]


def _ordered(left: int, right: int) -> tuple[int, int]:
    return (int(left), int(right)) if left < right else (int(right), int(left))


def components(nodes: Iterable[int], edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Connected components: node → its smallest fellow."""
    parent = {int(n): int(n) for n in nodes}

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for left, right in edges:
        a, b = root(int(left)), root(int(right))
        parent[max(a, b)] = min(a, b)
    return {n: root(n) for n in parent}
