"""Calls that begin at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

R = TypeVar("R")

PATIENCE_SECONDS = 60


def simultaneously(calls: Sequence[Callable[[], R]]) -> list[R]:
    """Return what `calls` return, in their order; none begins before all can."""
    barrier = Barrier(len(calls), timeout=PATIENCE_SECONDS)

    def begin(call: Callable[[], R]) -> R:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(begin, calls))
