"""What a failure looks like on the operators' page: said in both languages, never retried unless it may pass by
itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg
import duckdb

from resources.engine import SparkFailed
from resources.machine import may_pass, trouble


@contextmanager
def only_what_may_pass_is_retried(seconds: float = 5.0) -> Iterator[None]:
    """Ask for two more tries when the file store failed and may come back. Any other error of the machine, a full disk
    or a missing permission, fails at once and says what to do, and so does Spark; data that cannot be read is never
    tried again."""
    try:
        yield
    except SparkFailed as e:
        raise failure([(str(e), "Spark 未能完成（原因见上一行）；已发布的数据不变。")]) from e
    except (OSError, MemoryError, duckdb.IOException, duckdb.OutOfMemoryException) as e:
        if may_pass(e):
            raise dg.RetryRequested(max_retries=2, seconds_to_wait=seconds) from e
        if (what := trouble(e)) is None:
            raise
        raise failure(
            [(f"{what}; what was published stays as it is", f"机器故障（{what}）；已发布的数据不变。")]
        ) from e


def failure(messages: Iterable[tuple[str, str | None]], metadata: Mapping[str, Any] | None = None) -> dg.Failure:
    """A failure that no retry can mend, from (English, Chinese) messages, each of which names file and remedy."""
    lines = [line for english, chinese in messages for line in (english, chinese) if line]
    return dg.Failure("\n".join(lines), metadata=dict(metadata or {}), allow_retries=False)
