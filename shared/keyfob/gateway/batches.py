"""Batches of a queue's messages and of a table's changes, as Lambda hands them over.

A record that fails is reported to Lambda by its id, so that it alone comes again.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from keyfob.gateway.log import logger, told
from keyfob.gateway.outcomes import Outcomes
from keyfob.settings import Settings
from keyfob.store.items import from_wire

Event = Mapping[str, Any]
Handler = Callable[[Event, Any], dict[str, Any]]

RESERVED_MILLISECONDS = 40_000
"""With less time left than this no further message is begun: a function that is killed reports nothing."""


def queue_consumer(name: str, settings: Settings) -> Callable[[Callable[[str], None]], Handler]:
    """Make a Lambda handler, called `name` in the log, that gives each message's body to the decorated function.

    What that raises is logged, and reported.
    """
    outcomes = Outcomes(name, settings.metrics_namespace)

    def decorate(handle: Callable[[str], None]) -> Handler:
        def handler(event: Event, context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context has no type
            return _report(_failed_messages(event, context, partial(_done, outcomes, context, handle)))

        return handler

    return decorate


def stream_consumer(name: str, settings: Settings) -> Callable[[Callable[[dict[str, Any]], None]], Handler]:
    """Make a Lambda handler, called `name` in the log, that gives each change's new item to the decorated function.

    The changes come in order. The first that fails is logged and reported, and comes again with all after it: none
    overtakes another.
    """
    outcomes = Outcomes(name, settings.metrics_namespace)

    def decorate(handle: Callable[[dict[str, Any]], None]) -> Handler:
        def handler(event: Event, context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context has no type
            for record in event["Records"]:
                change = record["dynamodb"]
                number, item = change["SequenceNumber"], from_wire(change["NewImage"])
                if not _done(outcomes, context, handle, number, item):
                    return _report([number])
            return _report([])

        return handler

    return decorate


def _failed_messages(event: Event, context: Any, done: Callable[[str, str], bool]) -> Iterator[str]:  # noqa: ANN401 - as above
    for record in event["Records"]:
        if context.get_remaining_time_in_millis() < RESERVED_MILLISECONDS:
            about = {"request_id": context.aws_request_id, "record": record["messageId"]}
            logger.warning("no_time_left", extra=about)
            yield record["messageId"]
        elif not done(record["messageId"], record["body"]):
            yield record["messageId"]


def _done(
    outcomes: Outcomes,
    context: Any,  # noqa: ANN401 - as above
    handle: Callable[[Any], None],
    record_id: str,
    content: object,
) -> bool:
    """Tell whether `handle` took a record. What is logged does not tell what was in it."""
    try:
        with told(outcomes, context.aws_request_id, record=record_id):
            handle(content)
    except Exception:  # noqa: BLE001 - told, whatever it is
        return False
    return True


def _report(failed: "Iterator[str] | list[str]") -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
