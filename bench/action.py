"""What is measured of a system: one kind of request, and the process that answers it."""

from collections.abc import Callable
from typing import NamedTuple


class Action(NamedTuple):
    """A request that can be repeated, raising `RuntimeError` if it fails, and the process whose CPU time it costs."""

    system: str
    name: str
    pid: int
    request: Callable[[], object]
