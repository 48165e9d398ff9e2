"""Workers: what they return, say and raise, in threads and in processes; and that none outlives its parent."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from resources.workers import tell, workers


def _double(number: int) -> tuple[int, int]:
    tell(f"doubling {number}")
    if number < 0:
        raise ValueError(f"{number} is too small")
    return 2 * number, os.getpid()


@pytest.mark.parametrize("apart", [False, True])
def test_workers_return_say_and_raise(apart: bool) -> None:
    said: list[str] = []
    with workers(2, said.append, apart=apart) as pool:
        results = [pool.submit(_double, n) for n in (1, 2)]
        failed = pool.submit(_double, -1)
    found = [r.result() for r in results]
    assert [number for number, _ in found] == [2, 4]
    assert all((process != os.getpid()) == apart for _, process in found)
    assert sorted(said) == ["doubling -1", "doubling 1", "doubling 2"]
    with pytest.raises(ValueError, match="too small"):
        failed.result()


def test_workers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent("""
            import os, signal
            from resources.workers import workers

            if __name__ == "__main__":
                with workers(1, print, apart=True) as pool:
                    print(pool.submit(os.getpid).result(), flush=True)
                    os.kill(os.getpid(), signal.SIGKILL)
            """),
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    worker = int(done.stdout)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists():
        assert time.monotonic() < deadline, "the worker waits for work of a parent that is gone"
        time.sleep(0.1)
