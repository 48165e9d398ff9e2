"""Nights of a made-up city, for tests: where it lies, and loading all of its companies."""

from __future__ import annotations

from pathlib import Path

from assets.nightly import load_company
from expectations.feeds import load_companies
from resources.settings import Settings


def city_settings(city: Path) -> Settings:
    """The settings of a made-up city: its configuration lies in its data root."""
    return Settings(data=city, config=city / "config", memory_limit="2GB", threads=2)


def load_all(settings: Settings, *, reverse: bool = False) -> None:
    """Load every company of a configuration."""
    companies, _ = load_companies(settings.feeds)
    for name in sorted(companies, reverse=reverse):
        load_company(settings, companies[name])
