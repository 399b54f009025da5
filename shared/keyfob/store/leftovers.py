"""Calls that do a part of what they are asked to, and are asked again for what they left."""

from collections.abc import Callable, Sized
from typing import TypeVar

from keyfob.store.client import pause

W = TypeVar("W", bound=Sized)

ATTEMPTS = 4


def left_over(call: Callable[[W], W], work: W, base_seconds: float) -> W:
    """Let `call` do the work, then what it returned as left, and so on; return what is left after `ATTEMPTS` calls.

    Waits between them, at random up to `base_seconds` doubled with each.
    """
    left = call(work)
    for attempt in range(1, ATTEMPTS):
        if not left:
            break
        pause(base_seconds * 2**attempt)
        left = call(left)
    return left
