"""A small installation whose residents leave questions open, worked from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner

from pipelines.cli.app import app
from resources.keys import open_restricted
from resources.settings import Settings

HEAD = "小区,楼栋,单元,房号,姓名,性别,出生日期,身份证号,电话\n"
ACME = (
    "滨湖明珠,3,2,502,张测试,男,1990-01-01,,\n"
    "滨湖明珠,3,2,503,李示例,女,1988-08-08,,13812345679\n"
    "滨湖明珠,3,2,504,欧阳样本,男,1979-05-06,,13812345670\n"
    "滨湖明珠,3,2,505,王样例,男,1990-03-05,,\n"
)
BETA = (
    "滨湖明珠,3,2,505,王样例,男,1990-03-15,,\n"
    "滨湖明珠,3,2,503,李示例,女,1988-08-08,,13812345679\n"
    "滨湖明珠,3,3,901,欧阳样本,男,1979-05-06,,13812345670\n"
)
VEHICLES = "小区,楼栋,单元,房号,车牌号\n滨湖明珠,3,2,502,皖A12345\n"
PERSONAL = ("张测试", "李示例", "欧阳样本", "王样例", "测试", "示例", "样本", "样例", "13812345679", "13812345670",
            "1990-03",
    "1988-08-08", "1979-05-06", "皖A12345")  # fmt: skip
"""Every personal value there is; none may be printed unasked."""


class City:
    """Two companies that know the same people, without ID numbers."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(data=root / "data", config=root / "config", memory_limit="1GB", threads=2)
        self.settings.feeds.mkdir(parents=True)
        for company, residents in (("acme", ACME), ("beta", BETA)):
            feeds = {"residents": {"files": "residents*"}, "vehicles": {"files": "vehicles*"}}
            known = {
                "company": company,
                "name": company,
                "communities": [{"name": "滨湖明珠", "code": "340199001001001"}],
            }
            text = yaml.safe_dump({**known, "feeds": feeds}, allow_unicode=True)
            (self.settings.feeds / f"{company}.yaml").write_text(text, encoding="utf-8")
            self.drop(company, "residents_20261120.csv", HEAD + residents)
        self.drop("acme", "vehicles_20261120.csv", VEHICLES)

    def drop(self, company: str, name: str, content: str) -> None:
        path = self.settings.drop / company / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code and everything that was printed."""
        roots = ["--data", str(self.settings.data), "--config", str(self.settings.config)]
        result = CliRunner().invoke(app, [*arguments, *roots])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    def json(self, *arguments: str) -> Any:
        """What a command prints for a machine."""
        code, printed = self.run(*arguments, "--json")
        assert code == 0, printed
        return json.loads(printed)

    def merge(self) -> bool:
        """A night; whether it published a release."""
        return bool(self.json("merge", "--without-dagster")["published"])

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the restricted database."""
        with open_restricted(self.settings) as con:
            return con.execute(sql).fetchall()

    def residents(self) -> int:
        return int(self.query("SELECT count(*) FROM residents")[0][0])
