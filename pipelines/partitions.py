"""One partition per company. The configuration folder decides which there are: a feed file is a partition."""

from __future__ import annotations

import re

import dagster as dg

from resources.settings import Settings

COMPANIES = dg.DynamicPartitionsDefinition(name="company")
_SLUG = re.compile(r"[a-z0-9_]{1,60}")


def configured_companies(settings: Settings) -> list[str]:
    """The companies of ``config/feeds``, broken feed files among them, since their run is where the error is shown.

    A file whose name is no slug cannot be a partition and is left to ``feeds check``.
    """
    return sorted(p.stem for p in settings.feeds.glob("*.yaml") if _SLUG.fullmatch(p.stem))


def partition_changes(settings: Settings, present: list[str]) -> tuple[list[str], list[str]]:
    """The partitions to add and the ones to remove, so that ``present`` becomes what is configured."""
    wanted = configured_companies(settings)
    return [c for c in wanted if c not in present], [c for c in present if c not in wanted]


def sync_partitions(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Make the partitions equal the configuration; returns them."""
    name = str(COMPANIES.name)
    added, removed = partition_changes(settings, list(instance.get_dynamic_partitions(name)))
    if added:
        instance.add_dynamic_partitions(name, added)
    for company in removed:
        instance.delete_dynamic_partition(name, company)
    return configured_companies(settings)
