"""Batches of a queue's messages and of a table's changes, as Lambda hands them over.

A record that fails is reported to Lambda by its id, so that it alone comes again.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from keyfob.errors import KeyfobError
from keyfob.gateway.log import logger
from keyfob.store.items import from_wire

Event = Mapping[str, Any]
Handler = Callable[[Event, Any], dict[str, Any]]

RESERVED_MILLISECONDS = 40_000
"""With less time left than this no further message is begun: a function that is killed reports nothing."""


def queue_consumer(handle: Callable[[str], None]) -> Handler:
    """Make a Lambda handler that gives each message's body to `handle`; what it raises is logged, and reported."""

    def handler(event: Event, context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context has no type
        return _report(_failed_messages(event, context, handle))

    return handler


def stream_consumer(handle: Callable[[dict[str, Any]], None]) -> Handler:
    """Make a Lambda handler that gives each change's new item to `handle`, in order.

    The first that fails is logged and reported, and comes again with all after it: none overtakes another.
    """

    def handler(event: Event, _context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context, not used
        for record in event["Records"]:
            change = record["dynamodb"]
            if not _done(change["SequenceNumber"], handle, from_wire(change["NewImage"])):
                return _report([change["SequenceNumber"]])
        return _report([])

    return handler


def _failed_messages(event: Event, context: Any, handle: Callable[[str], None]) -> Iterator[str]:  # noqa: ANN401 - as above
    for record in event["Records"]:
        if context.get_remaining_time_in_millis() < RESERVED_MILLISECONDS:
            logger.warning("no_time_left", extra={"record": record["messageId"]})
            yield record["messageId"]
        elif not _done(record["messageId"], handle, record["body"]):
            yield record["messageId"]


def _done(record_id: str, handle: Callable[[Any], None], content: object) -> bool:
    """Tell whether `handle` took a record. What is logged does not tell what was in it."""
    try:
        handle(content)
    except KeyfobError as error:
        logger.warning(error.event, extra={"reason": str(error), "record": record_id})
        return False
    except Exception:
        logger.exception("fault", extra={"record": record_id})
        return False
    return True


def _report(failed: "Iterator[str] | list[str]") -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
