"""What a query is sorted by, told apart from it."""

from __future__ import annotations

import pytest

from resources.engine.order import without_order
from resources.engine.portable import NotPortable, statements, to_spark


@pytest.mark.parametrize(
    ("sql", "unsorted", "columns", "by"),
    [
        ("SELECT a FROM t", "SELECT a FROM t", "*", ""),
        ("SELECT a, b FROM t ORDER BY b DESC, a", "SELECT a, b FROM t", "*", '"b" DESC, "a"'),
        ("FROM t ORDER BY a", "SELECT * FROM t", "*", '"a"'),
        ("SELECT n % 7 AS a FROM t ORDER BY a", "SELECT n % 7 AS a FROM t", "*", '"a"'),
        ("SELECT a FROM t ORDER BY a, n", "SELECT a, `n` FROM t", '"a"', '"a", "n"'),
        (
            "SELECT a::DATE AS a FROM (FROM t ORDER BY a)",
            "SELECT CAST(a AS DATE) AS a FROM (SELECT * FROM t)",
            "*",
            '"a"',
        ),
        ("SELECT a FROM (SELECT a, b FROM t ORDER BY a) s", "SELECT a FROM (SELECT a, b FROM t) AS s", "*", '"a"'),
        ("FROM (FROM (FROM t ORDER BY a))", "SELECT * FROM (SELECT * FROM (SELECT * FROM t))", "*", '"a"'),
        (
            "FROM (FROM t ORDER BY a LIMIT 1)",
            "SELECT * FROM (SELECT * FROM t ORDER BY a NULLS LAST LIMIT 1)",
            "*",
            '"a"',
        ),
        (
            "SELECT a FROM (FROM t ORDER BY b LIMIT 1) WHERE a > 1",
            "SELECT a FROM (SELECT * FROM t ORDER BY b NULLS LAST LIMIT 1) WHERE a > 1",
            "*",
            "",
        ),
    ],
)
def test_what_is_sorted_elsewhere_brings_what_it_is_sorted_by(sql: str, unsorted: str, columns: str, by: str) -> None:
    (query,) = statements(sql)
    parted, *told = without_order(query)
    assert (to_spark(parted, lambda paths: "files"), *told) == (unsorted, columns, by)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t ORDER BY a NULLS FIRST",
        "SELECT a FROM t ORDER BY lower(a)",
        "SELECT lower(a) AS a FROM (SELECT a FROM t ORDER BY a)",
        "SELECT a AS b, c AS a FROM (SELECT a, c FROM t ORDER BY a)",
        "SELECT * EXCLUDE (b) FROM (FROM t ORDER BY b)",
        "SELECT * EXCLUDE (b) FROM t ORDER BY b",
        "SELECT * REPLACE (a + 1 AS b) FROM (FROM t ORDER BY b)",
        "SELECT a, row_number() OVER () AS n FROM (SELECT a FROM t ORDER BY a)",
        "FROM (SELECT c AS a FROM (FROM t ORDER BY a))",
    ],
)
def test_an_order_that_would_sort_by_something_else_is_refused(sql: str) -> None:
    (query,) = statements(sql)
    with pytest.raises(NotPortable, match="not to be sorted elsewhere"):
        without_order(query)


@pytest.mark.parametrize("sql", ["SELECT a FROM t GROUP BY a, b ORDER BY b", "SELECT a FROM (FROM t ORDER BY b)"])
def test_groups_and_outer_queries_sorted_by_what_is_not_among_their_columns_are_refused(sql: str) -> None:
    (query,) = statements(sql)
    with pytest.raises(NotPortable, match="not among its columns"):
        without_order(query)
