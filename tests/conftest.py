"""A company and its drop folder, made afresh for each test; and the small made-up city, merged once for all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from city_nights import city_settings, load_all

from assets.landing import Delivery, delivery_folder, land_company
from assets.nightly import run_merge
from expectations.feeds import Company
from resources.sample_city import generate
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


@pytest.fixture(scope="session")
def sample_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The community city of seed 1: ``drop`` and ``config``, its truth in ``truth`` beside it. Not to be written to."""
    root = tmp_path_factory.mktemp("sample")
    generate("community", 1, root / "city", root / "truth")
    return root / "city"


@pytest.fixture(scope="session")
def merged_city(sample_city: Path) -> Path:
    """The data root of the same city after its first night. Not to be written to."""
    settings = city_settings(sample_city)
    load_all(settings)
    run_merge(settings)
    return sample_city
