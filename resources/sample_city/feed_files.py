"""The feed file of a made-up company, as its data team would write it: only what the defaults do not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from resources.sample_city.dialects import EXPORTS, Export
from resources.sample_city.tiers import CompanyPlan


def write_feed_file(company: CompanyPlan, folder: Path) -> None:
    """Write ``<folder>/<slug>.yaml``."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "company": company.slug,
        "name": company.name,
        "uscc": company.uscc,
        "contact": {"name": "数据专员", "phone": f"0551-6{company.index:07d}"},
        "communities": [
            {
                "name": c.name,
                "code": c.code,
                "aliases": [c.alias],
                "region_code": c.region_code,
                "district": c.district,
                "expected": {"houses": c.houses, "residents": c.residents, "vehicles": c.vehicles},
            }
            for c in company.communities
        ],
        "feeds": {e.name: _feed(e) for e in EXPORTS[company.dialect]},
    }
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
    (folder / f"{company.slug}.yaml").write_text(text, encoding="utf-8")


def _feed(export: Export) -> dict[str, Any]:
    feed: dict[str, Any] = {"files": [export.pattern]}
    if export.name != export.dataset:
        feed["dataset"] = export.dataset
    if export.mode:
        feed["mode"] = export.mode
    headers = {c.field: [c.header] for c in export.columns if c.field and not c.known}
    if headers:
        feed["headers"] = headers
    codes = export.codes.feed_codes(set(export.fields))
    if codes:
        feed["codes"] = codes
    return {**feed, **export.settings}
