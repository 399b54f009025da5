"""The time, in one place, so that everything else takes it as an argument."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], int]
"""Answers the current time in whole seconds since the Unix epoch."""


def now() -> int:
    """Return the current time in whole seconds since the Unix epoch (RFC 7519 NumericDate)."""
    return int(time.time())


def iso(timestamp: int) -> str:
    """Return `timestamp` (seconds since the epoch) as UTC ISO 8601, whole seconds, ending in ``Z``."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
