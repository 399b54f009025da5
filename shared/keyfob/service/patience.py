"""Waiting for DynamoDB, where nobody waits for us: for commands that take long anyway."""

import time
from collections.abc import Callable
from typing import TypeVar

from keyfob.errors import Unavailable

R = TypeVar("R")

WAITS_SECONDS = (1, 2, 4, 8, 16, 30)
"""How long to wait after each attempt that failed. A new on-demand table takes minutes to grow."""

Pause = Callable[[float], None]
"""Waits so many seconds."""


def patiently(operation: Callable[[], R], pause: Pause = time.sleep) -> R:
    """Return what `operation` returns, trying again later while it is `Unavailable`, and raise that in the end."""
    for wait in WAITS_SECONDS:
        try:
            return operation()
        except Unavailable:
            pause(wait)
    return operation()
