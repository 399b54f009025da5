"""What the endpoints log."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from logging import StreamHandler
from typing import Any

from keyfob.gateway import endpoint


class Log:
    """Lines that were logged, in JSON."""

    def __init__(self) -> None:
        """Begin with none."""
        self.stream = io.StringIO()

    def entries(self) -> list[dict[str, Any]]:
        """Return every line, read."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@contextmanager
def logged() -> Iterator[Log]:
    """Catch what the endpoints log meanwhile."""
    log, handler = Log(), endpoint.logger.registered_handler
    assert isinstance(handler, StreamHandler)
    before = handler.setStream(log.stream)
    try:
        yield log
    finally:
        handler.setStream(before)
