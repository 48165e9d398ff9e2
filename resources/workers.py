"""Workers side by side: threads, or processes where each should have an interpreter of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

Hear = Callable[[str], object]

_here = threading.local()


def tell(text: str) -> None:
    """Say what is being done, from inside a worker, to whoever started the workers."""
    _here.hear(text)


@contextmanager
def workers(count: int, hear: Hear, *, apart: bool) -> Iterator[Executor]:
    """An executor of ``count`` workers; ``hear`` is told what they :func:`tell`. Leaving it waits for all work.

    ``apart``: in processes, a second or two each to start. What is submitted must then be known by name to a module,
    and all that is given and returned can be pickled. They end with this process, however it ends.
    """
    if not apart:
        with ThreadPoolExecutor(count, initializer=_begin, initargs=(hear,)) as pool:
            yield pool
        return
    # a fork would copy the locks of threads that it does not copy
    context = multiprocessing.get_context("spawn")
    said = context.SimpleQueue()
    listener = threading.Thread(target=_listen, args=(said, hear), name="what the workers say")
    listener.start()
    try:
        with ProcessPoolExecutor(count, context, _begin_apart, (said, os.getpid())) as pool:
            yield pool
    finally:
        said.put(None)
        listener.join()


def _begin(hear: Hear) -> None:
    _here.hear = hear


def _begin_apart(said: Any, parent: int) -> None:
    _begin(said.put)
    # Ctrl-C is the parent's to handle: it lets what was begun end
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True, name="watch on the parent").start()


def _end_with(parent: int) -> None:
    # a worker whose parent was killed would wait for work for ever
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _listen(said: Any, hear: Hear) -> None:
    while (text := said.get()) is not None:
        hear(text)
