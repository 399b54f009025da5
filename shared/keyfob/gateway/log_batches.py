"""Batches of log lines, as CloudWatch Logs hands them to a function that subscribes to a log group.

The event holds one member, a JSON document that is compressed with gzip and written in base64 (CloudWatch Logs User
Guide, "Subscription filters with AWS Lambda").
"""

import gzip
import json
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keyfob.gateway.log import MARKER, told
from keyfob.gateway.outcomes import Outcomes
from keyfob.model.logged_event import LoggedEvent
from keyfob.model.security_event import SecurityEvent
from keyfob.settings import Settings

Event = Mapping[str, Any]
Handler = Callable[[Event, Any], None]


def security_event_consumer(
    name: str, settings: Settings
) -> Callable[[Callable[[Sequence[LoggedEvent]], None]], Handler]:
    """Make a Lambda handler, called `name` in the log, that gives the events of a batch to the decorated function.

    They come in order. What that raises is raised, so that Lambda invokes the handler with the same batch again.
    """
    outcomes = Outcomes(name, settings.metrics_namespace)

    def decorate(handle: Callable[[Sequence[LoggedEvent]], None]) -> Handler:
        def handler(event: Event, context: Any) -> None:  # noqa: ANN401 - Lambda's context has no type
            events = security_events(event)
            with told(outcomes, context.aws_request_id, count=len(events)):
                handle(events)

        return handler

    return decorate


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
