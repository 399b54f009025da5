"""Real lines of the log: those that the functions write, as Lambda lets them pass."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from awslambdaric.lambda_runtime_log_utils import JsonFormatter
from keyfob.gateway.authorizer import Unauthorized

from local.aws import ROTATION_STEPS
from tests.events import made
from tests.house import House
from tests.logs import logged

Line = dict[str, Any]


@contextmanager
def runtimes_log() -> Iterator[io.StringIO]:
    """Catch what is logged without Powertools, as the runtime's own handler writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.terminator = ""
    logger = logging.getLogger("keyfob")
    logger.addHandler(handler)
    try:
        yield stream
    finally:
        logger.removeHandler(handler)


def lines_about(house: House, function: str, event: Any) -> list[Line]:
    """Invoke a function with an event, and return what it logs."""
    with logged() as log, runtimes_log() as runtimes, suppress(Unauthorized):
        house.runtime.invoke(function, event)
    written = runtimes if function == "authorizer" else log.stream
    return [json.loads(line) for line in written.getvalue().splitlines()]


def events_in_order() -> dict[str, Any]:
    """Return the events of `events/` by their names, the steps of a rotation in their order."""
    events = made()
    steps = [f"rotate_keys.{step}.json" for step in ROTATION_STEPS]
    return {name: events[name] for name in (*sorted(events.keys() - set(steps)), *steps)}
