"""Every query in docs/analysts.md runs on a real release and answers something."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "analysts.md"
QUESTIONS = re.findall(r"### (.+?)\n+```sql\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.S)


def test_there_are_ten_questions() -> None:
    assert len(QUESTIONS) == 10


@pytest.mark.parametrize("question,sql", QUESTIONS, ids=[q for q, _ in QUESTIONS])
def test_query_answers(question: str, sql: str, merged_city: Path) -> None:
    with duckdb.connect(str(merged_city / "published" / "current" / "curated.duckdb"), read_only=True) as con:
        rows = con.sql(sql).fetchall()
    assert rows, question
