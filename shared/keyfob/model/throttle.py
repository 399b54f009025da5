"""What is left of a limit."""

from typing import NamedTuple


class Allowance(NamedTuple):
    """How many attempts a window has, how many are left, and in how many seconds it ends."""

    limit: int
    remaining: int
    reset: int
