"""An installation with two small companies, and the jobs run on an instance of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from pipelines.definitions import build_defs
from pipelines.partitions import sync_partitions
from pipelines.resources import Installation
from resources.settings import Settings

HOUSES = "小区,楼栋,单元,房号,面积\n滨湖明珠,3,2,502,98.5\n滨湖明珠,3,2,503,101\n"
RESIDENTS = "小区,楼栋,单元,房号,姓名,电话\n滨湖明珠,3,2,502,张三,13812345678\n滨湖明珠,3,2,503,李四,13812345679\n"
NO_NAME = "小区,楼栋,单元,房号\n滨湖明珠,3,2,502\n"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class House:
    """An installation with two companies and an instance that remembers their runs."""

    def __init__(self, root: Path, instance: dg.DagsterInstance) -> None:
        self.settings = Settings(data=root / "data", config=root / "config", memory_limit="1GB", threads=2)
        self.instance = instance
        self.installation = Installation(data=str(self.settings.data), config=str(self.settings.config))
        self.defs = build_defs({"installation": self.installation})
        self.settings.feeds.mkdir(parents=True)
        for company in ("acme", "beta"):
            self.configure(company)

    def configure(self, company: str, **changes: Any) -> None:
        content = {
            "company": company,
            "name": f"{company}物业",
            "communities": [{"name": "滨湖明珠"}],
            "feeds": {"residents": {"files": "residents*"}, "houses": {"files": "houses*"}},
        }
        text = yaml.safe_dump({**content, **changes}, allow_unicode=True)
        (self.settings.feeds / f"{company}.yaml").write_text(text, encoding="utf-8")

    def drop(self, company: str, name: str, content: str) -> Path:
        path = self.settings.drop / company / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    def load(self, company: str, **tags: str) -> dg.ExecuteInProcessResult:
        sync_partitions(self.instance, self.settings)
        return self._run("load_company", partition_key=company, tags=tags)

    def merge(self) -> dg.ExecuteInProcessResult:
        # the merge's resources are built from the installation, the lock's own among them
        return self._run("nightly_merge")

    def _run(self, job: str, **options: Any) -> dg.ExecuteInProcessResult:
        return self.defs.resolve_job_def(job).execute_in_process(
            instance=self.instance, raise_on_error=False, run_config=QUIET, **options
        )
