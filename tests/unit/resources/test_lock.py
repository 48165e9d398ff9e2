"""One at a time: who has the lock is said, and a lock does not outlive its process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.nightly import merge_lock, run_merge
from resources.lock import Held, exclusive
from resources.settings import Settings

_HOLDER = """
import sys, time
from pathlib import Path
from assets.nightly import merge_lock
from resources.settings import Settings
with merge_lock(Settings(data=Path(sys.argv[2]), config=Path(sys.argv[2]))):
    print("held", flush=True)
    time.sleep(300)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, config=tmp_path / "config")


@pytest.fixture
def holder(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Another process that is in the middle of a merge."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, "merging", str(settings.data)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_merge_is_told_who_has_the_first(settings: Settings, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(Held) as said:
        run_merge(settings)
    message = str(said.value)
    assert f"process {holder.pid} on {socket.gethostname()} (-c merging) since 20" in message
    assert message.startswith("a merge of this data folder is being done") and ".merge.lock" in message


def test_a_killed_process_leaves_no_lock(settings: Settings, holder: subprocess.Popen[str]) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with merge_lock(settings):  # at once, though the dead one's name is still in the file
        text = (settings.data / ".merge.lock").read_text(encoding="utf-8")
        assert f'"pid": {os.getpid()}' in text and str(holder.pid) not in text.replace(str(os.getpid()), "")


def test_a_lock_is_given_back_after_an_error_and_may_be_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "deep" / ".lock"
    with pytest.raises(ZeroDivisionError), exclusive(path, "the test"):
        raise ZeroDivisionError
    with exclusive(path, "the test"), pytest.raises(Held, match="the test"), exclusive(path, "the test", 0.3):
        pass
    with exclusive(path, "the test"):
        pass
