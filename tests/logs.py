"""What the functions log."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from logging import StreamHandler
from typing import Any

from keyfob.gateway.log import MARKER, logger


class Log:
    """Lines that were logged, in JSON."""

    def __init__(self) -> None:
        """Begin with none."""
        self.stream = io.StringIO()

    def entries(self) -> list[dict[str, Any]]:
        """Return every line but those of security events, read."""
        return [line for line in self._lines() if MARKER not in line]

    def security_events(self) -> list[dict[str, Any]]:
        """Return every line that tells of a security event, read."""
        return [line for line in self._lines() if MARKER in line]

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@contextmanager
def logged() -> Iterator[Log]:
    """Catch what the functions log meanwhile, security events too."""
    log, handler = Log(), logger.registered_handler
    assert isinstance(handler, StreamHandler)
    before = handler.setStream(log.stream)
    try:
        yield log
    finally:
        handler.setStream(before)
