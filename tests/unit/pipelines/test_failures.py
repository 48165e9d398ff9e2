"""Which failures of a run are tried again, and what the others say."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from two_companies import HOUSES, House

from pipelines import merges
from pipelines.failures import only_what_may_pass_is_retried
from resources.engine import SparkFailed


def _raised(error: BaseException) -> BaseException:
    with pytest.raises((dg.Failure, dg.RetryRequested)) as stopped, only_what_may_pass_is_retried():
        raise error
    return stopped.value


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT])
def test_what_may_pass_is_tried_again(code: int) -> None:
    for error in (OSError(code, os.strerror(code)), duckdb.IOException(f'IO Error: Read "x": {os.strerror(code)}')):
        assert isinstance(_raised(error), dg.RetryRequested)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [(errno.ENOSPC, "free some space"), (errno.EACCES, "give it to the user"), (errno.EROFS, "read-only")],
)
def test_what_needs_a_person_fails_at_once_and_says_what_to_do(code: int, remedy: str) -> None:
    for error in (OSError(code, os.strerror(code)), duckdb.IOException(f'IO Error: Write "x": {os.strerror(code)}')):
        stopped = _raised(error)
        assert isinstance(stopped, dg.Failure) and stopped.allow_retries is False
        assert remedy in (stopped.description or "") and "机器故障" in (stopped.description or "")


def test_spark_that_cannot_be_had_fails_at_once_in_its_own_words() -> None:
    said = "REGISTER_ENGINE=spark needs PySpark: install the extra 'spark'"
    stopped = _raised(SparkFailed(said))
    assert isinstance(stopped, dg.Failure) and stopped.allow_retries is False
    assert (stopped.description or "").startswith(f"{said}\nSpark ")


def test_a_disk_that_is_full_under_duckdb_is_known_for_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(dg.Failure, match="the disk is full"), only_what_may_pass_is_retried():
        duckdb.connect().execute("COPY (SELECT range FROM range(1000000)) TO '/dev/full' (FORMAT parquet)")
    with pytest.raises(dg.Failure, match="no room for what memory cannot hold"), only_what_may_pass_is_retried():
        con = duckdb.connect(config={"temp_directory": str(tmp_path), "memory_limit": "20MB", "threads": 1})
        con.execute("SET max_temp_directory_size = '1MB'")
        con.execute("CREATE TABLE t AS SELECT random() AS r, range FROM range(3000000) ORDER BY r")


def test_a_merge_on_a_full_disk_fails_once_with_its_message(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise duckdb.IOException(f'IO Error: Could not write file "x": {os.strerror(errno.ENOSPC)}')

    house.drop("acme", "houses_20261120.csv", HOUSES)
    assert house.load("acme").success
    monkeypatch.setitem(merges.REGISTER, "inputs", full)
    result = house.merge()
    (event,) = result.filter_events(lambda e: e.is_step_failure)
    assert "the disk is full: free some space" in event.step_failure_data.user_failure_data.description
    assert not result.filter_events(lambda e: e.is_step_up_for_retry)
