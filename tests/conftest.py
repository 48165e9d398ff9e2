"""A company and its drop folder, made afresh for each test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.landing import Delivery, delivery_folder, land_company
from expectations.feeds import Company
from resources.settings import Settings


class Office:
    """A company with a drop folder; ``land`` lands what was put there at once."""

    def __init__(self, root: Path, **company: Any) -> None:
        self.settings = Settings(data=root / "data", config=root / "config", memory_limit="1GB", threads=2)
        feeds = {"residents": {"files": ["*residents*"]}, "access_events": {"files": ["*events*"]}}
        described = {
            "company": "acme",
            "name": "某物业",
            "communities": [{"name": "滨湖明珠"}, {"name": "翡翠湖"}],
            "feeds": feeds,
        }
        self.company = Company.model_validate({**described, **company})
        self.drop = self.settings.drop / "acme"
        self.drop.mkdir(parents=True)

    def put(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.drop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def land(self) -> list[Delivery]:
        return land_company(self.settings, self.company, settle_seconds=0)

    def land_one(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Delivery:
        self.put(name, content, encoding)
        (delivery,) = self.land()
        return delivery

    def rows(self, delivery: Delivery, *columns: str) -> list[tuple[Any, ...]]:
        """The landed rows, in file order."""
        data = delivery_folder(self.settings, "acme", delivery.delivery_id) / "data.parquet"
        return duckdb.sql(f"SELECT {', '.join(columns)} FROM '{data}' ORDER BY file, row_number").fetchall()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)
