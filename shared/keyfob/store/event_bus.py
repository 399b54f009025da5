"""EventBridge: the bus that security events go to."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from keyfob.errors import Unavailable
from keyfob.model.logged_event import LoggedEvent
from keyfob.store.client import available, events_client
from keyfob.store.leftovers import left_over

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef as Entry

SOURCE = "keyfob"
MAX_ENTRIES = 10
"""How many events one call may put. All of them may have 256 KB, of which one of ours has less than 2."""

BASE_SECONDS = 0.1


class EventBus:
    """Puts security events on one bus."""

    def __init__(self, client: "EventBridgeClient", name: str, issuer: str) -> None:
        """Take an EventBridge client, the bus's name, and what tells this deployment from others on the same bus."""
        self._client = client
        self._name = name
        self._issuer = issuer

    @classmethod
    def connect(cls, name: str, issuer: str) -> "EventBus":
        """Return the bus called `name` over a new client."""
        return cls(events_client(), name, issuer)

    def put(self, events: Sequence[LoggedEvent]) -> None:
        """Put events on the bus, in order; one call for each `MAX_ENTRIES`, and more for entries that are refused.

        Raises `Unavailable` if entries are refused each time. The same events may be put again: each has its id.
        """
        entries = [self._entry(event) for event in events]
        for start in range(0, len(entries), MAX_ENTRIES):
            self._put(entries[start : start + MAX_ENTRIES])

    def _put(self, entries: "list[Entry]") -> None:
        refused = left_over(self._refused, entries, BASE_SECONDS)
        if refused:
            raise Unavailable(f"EventBridge refused {len(refused)} of {len(entries)} events each time")

    def _refused(self, entries: "list[Entry]") -> "list[Entry]":
        """Put entries in one call, and return those that the bus did not take: it takes the others all the same."""
        answers = available(lambda: self._client.put_events(Entries=entries))["Entries"]
        return [entry for entry, answer in zip(entries, answers, strict=True) if "ErrorCode" in answer]

    def _entry(self, logged: LoggedEvent) -> "Entry":
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": logged.event.kind,
            "Time": datetime.fromtimestamp(logged.at / 1000, UTC),
            "Detail": json.dumps({"id": logged.id, "issuer": self._issuer, **logged.event.facts}),
        }
