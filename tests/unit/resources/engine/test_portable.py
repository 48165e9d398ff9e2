"""From DuckDB's SQL to Spark's: what is put right, and what is refused."""

from __future__ import annotations

import pytest

from resources.engine.portable import (
    NotPortable,
    condition_to_spark,
    inserted_into,
    query_of,
    statements,
    to_spark,
)


def spark(sql: str) -> str:
    (statement,) = statements(sql)
    return to_spark(statement, lambda paths: "files_of_" + "_".join(paths))


@pytest.mark.parametrize(
    ("duckdb", "on_spark"),
    [
        ("SELECT arg_min(a, b) FROM t", "SELECT MIN_BY(a, b) FILTER(WHERE NOT a IS NULL) FROM t"),
        (
            "SELECT arg_max(a, b) FILTER (WHERE c) FROM t",
            "SELECT MAX_BY(a, b) FILTER(WHERE c AND NOT a IS NULL) FROM t",
        ),
        ("SELECT concat('k', n) FROM t", "SELECT CONCAT('k', COALESCE(CAST(n AS STRING), '')) FROM t"),
        ("SELECT row_number() OVER (ORDER BY a) FROM t",
         "SELECT CAST(ROW_NUMBER() OVER (ORDER BY a NULLS LAST) AS BIGINT) FROM t"),
        ("SELECT CAST(a AS ENUM('x', 'y')) AS a FROM t", "SELECT CAST(a AS STRING) AS a FROM t"),
        ("SELECT n * 1000000000 FROM t", "SELECT n * CAST(1000000000 AS BIGINT) FROM t"),
        ("SELECT a / b FROM t", "SELECT CAST(a AS DOUBLE) / CAST(b AS DOUBLE) FROM t"),
        ("SELECT len(a), length(b) FROM t", "SELECT ARRAY_SIZE(a), LENGTH(b) FROM t"),
        ("SELECT list_has_any(a, b) FROM t", "SELECT ARRAYS_OVERLAP(a, b) FROM t"),
        ("SELECT hash(a), epoch_us(b) FROM t", "SELECT XXHASH64(a), UNIX_MICROS(b) FROM t"),
        ("SELECT max(born) + to_years(14) FROM t", "SELECT ADD_MONTHS(MAX(born), 14 * 12) FROM t"),
        ("SELECT regexp_replace(a, '[*]+', '%', 'g') FROM t", "SELECT REGEXP_REPLACE(a, '[*]+', '%') FROM t"),
        ("SELECT regexp_matches(a, '^\\d+$') FROM t", "SELECT a RLIKE '^\\\\d+$' FROM t"),
        ("SELECT list(a)[1:10] FROM t", "SELECT SLICE(NULLIF(COLLECT_LIST(a), ARRAY()), 1, 10) FROM t"),
        ("SELECT list_filter(l, lambda x, i: i < 3) FROM t", "SELECT FILTER(l, (x, i) -> (i + 1) < 3) FROM t"),
        (
            "SELECT list(a ORDER BY b) FROM t",
            "SELECT NULLIF(TRANSFORM(ARRAY_SORT(COLLECT_LIST(NAMED_STRUCT('col1', b, 'col2', a))), "
            "pair -> pair.col2), ARRAY()) FROM t",
        ),
        (
            "SELECT k, 'x' || unnest(l) AS v FROM t WHERE k > 1",
            "SELECT k, 'x' || unnested AS v FROM t LATERAL VIEW EXPLODE(l) unnested_rows AS unnested WHERE k > 1",
        ),
        ("SELECT * REPLACE (b + 1 AS b) FROM t", "SELECT * EXCEPT (b), b + 1 AS b FROM t"),
        (
            "SELECT DISTINCT a FROM t QUALIFY lag(a) OVER (ORDER BY b) = 1",
            "SELECT DISTINCT * FROM (SELECT a FROM (SELECT a, LAG(a) OVER (ORDER BY b NULLS LAST) AS _w FROM t) AS _t "
            "WHERE _w = 1) AS qualified",
        ),
        ("SELECT min({'f': f, 'n': n}) AS m FROM t", "SELECT MIN(STRUCT(f AS f, n AS n)) AS m FROM t"),
        ("FROM read_parquet(['a', 'b']) r", "SELECT * FROM files_of_a_b AS r"),
    ],
)  # fmt: skip
def test_what_would_differ_is_said_otherwise(duckdb: str, on_spark: str) -> None:
    assert spark(duckdb) == on_spark


def test_what_is_nested_is_translated_too() -> None:
    assert spark("SELECT max(concat(n, concat(m))) FROM (SELECT len(l) AS n, m FROM t)") == (
        "SELECT MAX(CONCAT(COALESCE(CAST(n AS STRING), ''), COALESCE(CAST(CONCAT(COALESCE(CAST(m AS STRING), '')) "
        "AS STRING), ''))) FROM (SELECT ARRAY_SIZE(l) AS n, m FROM t)"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT regexp_replace(a, 'x', 'y') FROM t",
        "SELECT regexp_full_match(a, 'x') FROM t",
        "SELECT [x + 1 for x in l] FROM t",
        "SELECT l[2] FROM t",
        "SELECT l[2:3] FROM t",
        "SELECT try_strptime(a, '%Y') FROM t",
        "SELECT try_cast(a AS ENUM('x')) FROM t",
        "SELECT jaro_winkler_similarity(a, b) FROM t",
        "SELECT nfc_normalize(a) FROM t",
        "SELECT levenshtein(a, b) FROM t",
        "SELECT quantile_cont(a, 0.5) FROM t",
        "SELECT * FROM t ASOF JOIN u ON t.k = u.k AND t.a >= u.a",
        "PIVOT t ON a USING sum(b)",
        "SELECT * FROM unnest([1, 2]) u(x)",
        "SELECT a, unnest(l), unnest(m) FROM t",
        "SELECT *, unnest(l) FROM t",
        "SELECT COLUMNS('^a') FROM t",
        "SELECT a FROM t UNION BY NAME SELECT b FROM u",
        "SELECT list(a ORDER BY b DESC) FROM t",
    ],
)
def test_what_is_not_known_to_mean_the_same_is_refused(sql: str) -> None:
    with pytest.raises(NotPortable):
        spark(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE t SET a = 1",
        "ALTER TABLE t ADD COLUMN a INT",
        "ALTER TABLE t RENAME a TO b",
        "DELETE FROM t",
        "SELECT FROM (((",
    ],
)
def test_so_are_statements_of_other_kinds(sql: str) -> None:
    with pytest.raises(NotPortable):
        query_of(statements(sql)[0])


def test_a_refusal_shows_the_form_and_no_value() -> None:
    with pytest.raises(NotPortable) as refused:
        spark("SELECT nfc_normalize('张三') FROM t")
    assert "nfc_normalize" in str(refused.value).lower() and "张三" not in str(refused.value)


def test_a_condition_and_an_insert_are_read_by_themselves() -> None:
    assert condition_to_spark("list_contains(a_l, b_r) OR left(c_l, 3) = '1'") == (
        "ARRAY_CONTAINS(a_l, b_r) OR LEFT(c_l, 3) = '1'"
    )
    assert inserted_into("INSERT INTO t (a, b) VALUES (?, ?)") == ("t", ["a", "b"])
    assert inserted_into("INSERT INTO t VALUES (?)") == ("t", [])
