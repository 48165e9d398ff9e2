"""What the assets are given: where the installation lies, and the lock that keeps merges apart."""

# no postponed annotations here: Dagster reads a resource's dependencies from them

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from assets.locks import merge_lock
from resources.settings import Settings


class Installation(dg.ConfigurableResource):
    """The data and configuration roots; empty for ``REGISTER_DATA`` and ``REGISTER_CONFIG``."""

    data: str = ""
    config: str = ""

    def settings(self) -> Settings:
        """The settings of this installation."""
        return Settings.load(
            data=Path(self.data) if self.data else None,
            config=Path(self.config) if self.config else None,
        )


class MergeLock(dg.ConfigurableResource):
    """Held from the first step of a merge to its last; a run that finds it taken fails and says who has it."""

    installation: dg.ResourceDependency[Installation]

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["MergeLock"]:
        with merge_lock(self.installation.settings()):
            yield self
