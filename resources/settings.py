"""Where things are: the data root, the configuration root, and how much memory and how many threads to use."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

ENGINES = ("duckdb", "spark")


class SettingsError(ValueError):
    """A setting has a value that it cannot have; the message names it and those it can."""


def _rows(name: str, default: int) -> int:
    """A number of rows from the environment."""
    said = os.environ.get(name, str(default))
    if not said.strip().isdecimal():
        raise SettingsError(f"{name}={said!r}: expected a number of rows, 0 or more, e.g. {default}")
    return int(said)


@dataclass(frozen=True)
class Settings:
    """The paths and limits of one installation.

    ``data`` and ``config`` default to ``REGISTER_DATA`` (``./data``) and ``REGISTER_CONFIG`` (``./config``);
    ``memory_limit`` is DuckDB's (``REGISTER_MEMORY``, 4GB), ``threads`` (``REGISTER_THREADS``) defaults to the
    processors this process may use.
    ``engine`` (``REGISTER_ENGINE``) is what runs the stages that can choose: ``duckdb``, or ``spark`` on
    ``spark_master`` (``REGISTER_SPARK_MASTER``, a Spark of this process by default). A delivery of fewer rows than
    ``spark_rows`` (``REGISTER_SPARK_ROWS``, 1,000,000) is judged by DuckDB all the same: deliveries are many, nearly
    all small, and Spark's jobs for one cost what DuckDB needs for 800,000 rows. 0: all go to Spark.
    """

    data: Path
    config: Path
    memory_limit: str = "4GB"
    threads: int = 2
    engine: str = "duckdb"
    spark_master: str = "local[2]"
    spark_rows: int = 1_000_000

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise SettingsError(f"REGISTER_ENGINE={self.engine!r}: expected one of {', '.join(ENGINES)}")

    @classmethod
    def load(cls, data: Path | None = None, config: Path | None = None) -> Settings:
        """From the environment; arguments win. A data root that holds a configuration of its own, as a made-up city
        does, is used with it unless another is named."""
        root = Path(data or os.environ.get("REGISTER_DATA", "data")).resolve()
        own = root / "config"
        named = config or os.environ.get("REGISTER_CONFIG") or (own if (own / "feeds").is_dir() else "config")
        threads = int(os.environ.get("REGISTER_THREADS", len(os.sched_getaffinity(0))))
        return cls(
            data=root,
            config=Path(named).resolve(),
            memory_limit=os.environ.get("REGISTER_MEMORY", "4GB"),
            threads=threads,
            engine=os.environ.get("REGISTER_ENGINE", "duckdb"),
            spark_rows=_rows("REGISTER_SPARK_ROWS", cls.spark_rows),
            spark_master=os.environ.get("REGISTER_SPARK_MASTER", f"local[{threads}]"),
        )

    def shared(self, workers: int) -> Settings:
        """The same installation for each of several workers in this process: its memory and threads divided."""
        size = re.fullmatch(r"\s*([0-9.]+)\s*([A-Za-z]+)\s*", self.memory_limit)
        if size is None:
            raise ValueError(f"REGISTER_MEMORY={self.memory_limit!r}: expected a number and a unit, e.g. 4GB")
        memory = f"{float(size[1]) / workers:.3f}{size[2]}"
        return replace(self, memory_limit=memory, threads=max(1, self.threads // workers))

    @property
    def feeds(self) -> Path:
        return self.config / "feeds"

    @property
    def receivers(self) -> Path:
        return self.config / "receivers"

    @property
    def drop(self) -> Path:
        return self.data / "drop"

    @property
    def landing(self) -> Path:
        return self.data / "landing"

    @property
    def standard(self) -> Path:
        return self.data / "standard"

    @property
    def register(self) -> Path:
        return self.data / "register"

    @property
    def releases(self) -> Path:
        return self.data / "releases"

    @property
    def published(self) -> Path:
        return self.data / "published"

    @property
    def current(self) -> Path:
        """The link to the current release."""
        return self.published / "current"

    @property
    def ledger(self) -> Path:
        return self.data / "ledger"

    @property
    def acknowledged(self) -> Path:
        """What people let through: of no release, kept for good."""
        return self.data / "acknowledged"

    @property
    def reviews(self) -> Path:
        """What people decided: of no release, kept for all of them."""
        return self.data / "reviews"

    @property
    def publications(self) -> Path:
        """The log of what was given to whom."""
        return self.data / "publications"

    @property
    def erasures(self) -> Path:
        """Who must not come back, and what receivers must delete; keyed, so that neither names anyone."""
        return self.data / "erasures"

    @property
    def returns(self) -> Path:
        """What goes back to the companies: the rows set aside, with their reasons. Holds personal data."""
        return self.data / "returns"
