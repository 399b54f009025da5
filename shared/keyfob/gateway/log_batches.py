"""Batches of log lines, as CloudWatch Logs hands them to a function that subscribes to a log group.

The event holds one member, a JSON document that is compressed with gzip and written in base64 (CloudWatch Logs User
Guide, "Subscription filters with AWS Lambda").
"""

import gzip
import json
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keyfob.gateway.log import MARKER, logger
from keyfob.model.logged_event import LoggedEvent
from keyfob.model.security_event import SecurityEvent

Event = Mapping[str, Any]


def security_event_consumer(handle: Callable[[Sequence[LoggedEvent]], None]) -> Callable[[Event, Any], None]:
    """Make a Lambda handler that gives the security events of a batch to `handle`, in order.

    What it raises is raised, so that Lambda invokes the function with the same batch again.
    """

    def handler(event: Event, _context: Any) -> None:  # noqa: ANN401 - Lambda's context, not used
        events = security_events(event)
        handle(events)
        logger.info("security events forwarded", extra={"count": len(events)})

    return handler


def security_events(event: Event) -> list[LoggedEvent]:
    """Return the security events in a batch; any other line is passed over."""
    batch = json.loads(gzip.decompress(b64decode(event["awslogs"]["data"])))
    read = ((line, _security_event(line["message"])) for line in batch["logEvents"])
    return [LoggedEvent(line["id"], line["timestamp"], event) for line, event in read if event is not None]


def _security_event(message: str) -> SecurityEvent | None:
    try:
        line = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict) or not isinstance(line.get(MARKER), str):
        return None
    facts = {name: line[name] for name in SecurityEvent._fields if name in line}
    try:
        return SecurityEvent(**{**facts, "kind": line[MARKER]})
    except TypeError:
        return None
