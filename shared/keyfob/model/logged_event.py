"""Security events as they stand in the log."""

from typing import NamedTuple

from keyfob.model.security_event import SecurityEvent


class LoggedEvent(NamedTuple):
    """An event as the log has it: under an id that no other line has, and at a time in milliseconds since the epoch."""

    id: str
    at: int
    event: SecurityEvent
