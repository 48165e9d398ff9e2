"""The reasons of a row in the words of the clerk who is to correct it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from expectations.contracts.datasets import DATASETS
from expectations.contracts.model import Dataset
from expectations.contracts.reasons import REASONS
from expectations.feeds import Company

_COMMUNITIES_NAMED = 8


@dataclass(frozen=True)
class Clerk:
    """The company and the export a row goes back to; ``headers``: field -> the company's own header."""

    company: Company
    dataset: Dataset
    headers: Mapping[str, str]

    @classmethod
    def of(cls, company: Company, dataset: str, headers: Mapping[str, str]) -> Clerk:
        """For one dataset of a company."""
        return cls(company, DATASETS[dataset], headers)

    def fields(self, key: str) -> list[str]:
        """The fields a reason (``code:column``) is about, of those the export has a column for."""
        code, _, column = key.partition(":")
        reason = REASONS.get(code)
        named = dict.fromkeys([*(reason.also if reason else ()), column])
        return [f for f in named if f in self.headers]

    def problem(self, key: str) -> str:
        """Which column, what is wrong with it and what is expected, in Chinese."""
        code, _, column = key.partition(":")
        reason = REASONS.get(code)
        where = "、".join(self.headers[f] for f in self.fields(key)) or self._meaning(column)
        if reason is None:  # judged by a version of the rules that knew another reason
            return f"【{where}】{code}"
        return f"【{where}】{reason.meaning_zh}；应为：{self._expected(code)}"

    def remedies(self, keys: Sequence[str]) -> list[str]:
        """What to do, in Chinese, each thing once."""
        return list(dict.fromkeys(REASONS[c].remedy_zh for k in keys if (c := k.partition(":")[0]) in REASONS))

    def _expected(self, code: str) -> str:
        if code != "community_unknown":
            return REASONS[code].expected_zh
        names = [c.name for c in self.company.communities]
        more = "等" if len(names) > _COMMUNITIES_NAMED else ""
        return f"{REASONS[code].expected_zh}（{'、'.join(names[:_COMMUNITIES_NAMED])}{more}）"

    def _meaning(self, column: str) -> str:
        return next((f.meaning_zh for f in self.dataset.fields if f.name == column), "整行")
