"""The made-up cities that are measured, and the whole night run over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assets.nightly import MergeReport, load_all, run_merge
from expectations.feeds import load_companies
from resources.sample_city import generate
from resources.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / ".sample"


@dataclass(frozen=True)
class City:
    """One generated city: its drop, configuration and data below ``root``, what is true about it below ``truth``."""

    tier: str
    seed: int
    nights: int = 1

    @property
    def name(self) -> str:
        return f"{self.tier}-{self.seed}" + (f"-{self.nights}nights" if self.nights > 1 else "")

    @property
    def root(self) -> Path:
        return SAMPLES / self.name

    @property
    def truth(self) -> Path:
        return SAMPLES / f"{self.name}-truth"

    @property
    def settings(self) -> Settings:
        return Settings.load(self.root, self.root / "config")


def sample(city: City, tell: Callable[[str], None]) -> None:
    """Generate the city if it is not there (the marker is the one that ``make sample`` writes)."""
    marker = city.root / ".complete"
    if marker.exists():
        return
    tell(f"generating {city.name}")
    generate(city.tier, city.seed, city.root, city.truth, city.nights)
    marker.touch()


def run_night(settings: Settings, tell: Callable[[str], None]) -> MergeReport:
    """Load every company and merge, as the nightly job does, in this process. Failed deliveries are told and passed
    over."""
    companies, broken = load_companies(settings.feeds)
    for error in broken.values():
        tell(str(error))
    for company, report in load_all(settings, companies.values()):
        if isinstance(report, Exception):
            raise report
        for failed in report.failed:
            tell(f"{company}: {failed.message}")
    return run_merge(settings, progress=tell)
