"""A merge after a replay and a corrected return takes what came in by them, and keeps the ids given before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import yaml

from assets.nightly import load_company, run_merge
from assets.quarantine import replay, write_returns
from expectations.feeds import load_company as feed_file
from resources.settings import Settings

HEADER = "小区,楼栋,单元,房号,姓名,性别,电话\n"
PEOPLE = (
    "滨湖明珠,3,2,502,张三,甲,13812345678\n滨湖,3,2,503,李四,乙,13812345679\n"
    "滨湖,3,2,503,王五,甲,13812345670\n远方,3,2,504,赵六,乙,13812345671\n"
)


def _configure(settings: Settings, **feed: Any) -> None:
    communities = feed.pop("communities")
    described = {"files": "residents*", **feed}
    content = {"company": "acme", "name": "某物业", "communities": communities, "feeds": {"residents": described}}
    settings.feeds.mkdir(parents=True, exist_ok=True)
    (settings.feeds / "acme.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def _released(settings: Settings, table: str, columns: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.current.resolve() / "curated.duckdb"), read_only=True) as con:
        return con.sql(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()


def test_a_merge_takes_what_a_replay_and_a_corrected_return_brought_in(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "a", config=tmp_path / "config", memory_limit="1GB", threads=2)
    file = settings.drop / "acme" / "residents_20261120.csv"
    file.parent.mkdir(parents=True)
    file.write_text(HEADER + PEOPLE, encoding="utf-8")
    os.utime(file, (1_795_000_000, 1_795_000_000))
    _configure(settings, communities=[{"name": "滨湖明珠"}, {"name": "翡翠湖"}])
    load_company(settings, feed_file(settings.feeds / "acme.yaml"))
    run_merge(settings)
    (before,) = _released(settings, "residents", "resident_id")

    _configure(
        settings,
        communities=[{"name": "滨湖明珠", "aliases": ["滨湖"]}, {"name": "翡翠湖"}],
        codes={"sex": {"甲": "male", "乙": "female"}},
    )
    (done,) = replay(settings, feed_file(settings.feeds / "acme.yaml"))
    assert done.is_new
    (returned,) = write_returns(settings, feed_file(settings.feeds / "acme.yaml"))
    sheet = next(returned.folder.glob("*.csv"))
    file.with_name(sheet.name).write_text(sheet.read_text("utf-8").replace("远方", "翡翠湖"), encoding="utf-8")
    os.utime(file.with_name(sheet.name), (1_795_000_000, 1_795_000_000))
    load_company(settings, feed_file(settings.feeds / "acme.yaml"))
    report = run_merge(settings)
    assert report.published and before in _released(settings, "residents", "resident_id")
    assert not run_merge(settings).published
    assert _released(settings, "residents", "sex") == [("female",), ("female",), ("male",), ("male",)]
    assert _released(settings, "houses", "room, resident_count") == [("502", 1), ("503", 2), ("504", 1)]
    # what was sent stays what was sent: the row is still set aside in its own delivery, and came in by the correction
    assert _released(settings, "quarantine_summary", "reason, records") == [("community_unknown", 1)]
    assert _released(settings, "loads", "accepted, quarantined") == [(1, 0), (3, 1)]
