"""Somebody who watches: what a flow records, and what it should."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from keyfob.gateway.log import MARKER
from keyfob.model.security_event import SecurityEvent, SecurityEventKind

from tests.logs import Log, logged

FACTS = tuple(name for name in SecurityEvent._fields if name != "kind")


class Watch:
    """Security events that were recorded, without what every line of the log has."""

    def __init__(self, log: Log) -> None:
        """Take where they are logged."""
        self._log = log

    @property
    def events(self) -> list[dict[str, Any]]:
        """Each event's kind and facts, but the request's id and what a client calls itself, which each must have."""
        return [_seen(line) for line in self._log.security_events()]

    @property
    def only(self) -> dict[str, Any]:
        """The one event there is."""
        (event,) = self.events
        return event


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch what is recorded meanwhile."""
    with logged() as log:
        yield Watch(log)


def event(kind: SecurityEventKind, contract: str, **facts: Any) -> dict[str, Any]:
    """Return an event of this kind as a request of the tests' client makes it."""
    return {MARKER: kind, "contract": contract, "ip": "203.0.113.7", **facts}


def _seen(line: dict[str, Any]) -> dict[str, Any]:
    seen = {name: line[name] for name in (MARKER, *FACTS) if name in line}
    assert line["message"] == line[MARKER]
    assert seen.pop("request_id")
    assert seen.pop("user_agent") == "tests/1.0"
    return seen
