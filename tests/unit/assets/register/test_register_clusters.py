"""Clusters by themselves: connected components under a cannot-link rule, on made-up edges."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.register.clusters import cluster

Edge = tuple[int, int, str, float]


def _cluster(nodes: dict[int, int | None], edges: list[Edge]) -> dict[int, tuple[int, str, float]]:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE nodes (node BIGINT, exclusive BIGINT)")
        con.execute('CREATE TABLE edges ("left" BIGINT, "right" BIGINT, rule VARCHAR, probability DOUBLE)')
        con.executemany("INSERT INTO nodes VALUES (?, ?)", list(nodes.items()))
        if edges:
            con.executemany("INSERT INTO edges VALUES (?, ?, ?, ?)", edges)
        cluster(con, "nodes", "edges", "clustered")
        return {n: (c, r, p) for n, c, r, p in con.execute("FROM clustered").fetchall()}


def _expected(nodes: dict[int, int | None], edges: list[Edge]) -> set[frozenset[int]]:
    """The same by hand: components of the free nodes, then adoption by the one value they lead to."""
    parent = {n: n for n in nodes}

    def find(n: int) -> int:
        while parent[n] != n:
            n = parent[n]
        return n

    for a, b, *_ in edges:
        if nodes[a] is None and nodes[b] is None:
            parent[find(a)] = find(b)
    leads: dict[int, set[int]] = {}
    for a, b, *_ in edges:
        for free, held in ((a, b), (b, a)):
            if nodes[free] is None and (value := nodes[held]) is not None:
                leads.setdefault(find(free), set()).add(value)
    groups: dict[object, set[int]] = {}
    for n, value in nodes.items():
        to = leads.get(find(n), set()) if value is None else {value}
        groups.setdefault(("value", *to) if len(to) == 1 else ("free", find(n)), set()).add(n)
    return {frozenset(g) for g in groups.values()}


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.integers(1, 14), st.none() | st.integers(100, 102), min_size=1),
    st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=16),
)
def test_clusters_are_components_under_the_rule(nodes: dict[int, int | None], picks: list[tuple[int, int]]) -> None:
    order = sorted(nodes)
    edges = [(order[a % len(order)], order[b % len(order)], "name_phone_house", 1.0) for a, b in picks]
    found: dict[int, set[int]] = {}
    for node, (label, _, _) in _cluster(nodes, edges).items():
        found.setdefault(label, set()).add(node)
    assert {frozenset(g) for g in found.values()} == _expected(nodes, edges)
    assert all(label == min(group) for label, group in found.items())


def test_a_long_chain_settles_in_few_steps() -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE nodes AS SELECT n AS node, NULL::BIGINT AS exclusive FROM range(1000) r(n)")
        con.execute(
            'CREATE TABLE edges AS SELECT n AS "left", n + 1 AS "right", \'x\' AS rule, 1.0 AS probability '
            "FROM range(999) r(n)"
        )
        assert cluster(con, "nodes", "edges", "clustered") <= 20
        assert con.execute("SELECT count(DISTINCT cluster) FROM clustered").fetchone() == (1,)


def test_the_most_trusted_edge_names_the_rule_and_the_surest_the_probability() -> None:
    found = _cluster(
        {1: None, 2: None, 3: None},
        [(1, 2, "name_birth_house", 1.0), (1, 2, "name_phone_house", 1.0), (2, 3, "splink", 0.93)],
    )
    assert found == {1: (1, "name_phone_house", 1.0), 2: (1, "name_phone_house", 1.0), 3: (1, "splink", 0.93)}


def test_an_edge_between_two_values_is_ignored() -> None:
    found = _cluster({1: 7, 2: 8}, [(1, 2, "splink", 0.99)])
    assert found == {1: (1, "single", 1.0), 2: (2, "single", 1.0)}
