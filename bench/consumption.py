"""What the functions in this process consume of DynamoDB.

DynamoDB Local counts single calls right. Of a transaction it says four units a table, whatever is in it, so those are
counted here as AWS documents it: two units for each KiB of each item that is written. One that is changed or deleted
is taken to have at most one, as all of ours have.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import get_ident
from typing import Any

from keyfob.store import client

_BEFORE = "provide-client-params.dynamodb"
_AFTER = "after-call.dynamodb"
_WRITES = frozenset({"DeleteItem", "PutItem", "UpdateItem"})
_KIB = 1024


@dataclass(slots=True)
class Consumption:
    """Read and write units, and the round trips in which they were consumed, all by the thread that made this.

    Other threads do what a request causes after it was answered, such as sending mail.
    """

    reads: float = 0
    writes: float = 0
    round_trips: int = 0
    _thread: int = field(default_factory=get_ident, init=False)

    def ask(self, **call: Any) -> None:  # noqa: ANN401 - botocore's, untyped; and so below
        """Let DynamoDB tell what a call consumes, and count what a transaction does."""
        if get_ident() != self._thread:
            return
        call["params"]["ReturnConsumedCapacity"] = "TOTAL"
        self.writes += sum(2 * _kib_written(part) for part in call["params"].get("TransactItems", []))

    def add(self, **call: Any) -> None:  # noqa: ANN401 - as above
        """Count what a call consumed."""
        if get_ident() != self._thread:
            return
        self.round_trips += 1
        operation, told = call["model"].name, call["parsed"].get("ConsumedCapacity", [])
        if operation == "TransactWriteItems":
            return
        units = sum(each["CapacityUnits"] for each in (told if isinstance(told, list) else [told]))
        if operation in _WRITES:
            self.writes += units
        else:
            self.reads += units

    def clear(self) -> None:
        """Begin to count anew."""
        self.reads, self.writes, self.round_trips = 0, 0, 0


@contextmanager
def counted() -> Iterator[Consumption]:
    """Count the calls of those clients that are made within the block."""
    session = client._session()  # noqa: SLF001 - the one session that all clients of the layer come from
    consumption = Consumption()
    session.register(_BEFORE, consumption.ask)
    session.register(_AFTER, consumption.add)
    try:
        yield consumption
    finally:
        session.unregister(_BEFORE, consumption.ask)
        session.unregister(_AFTER, consumption.add)


def _kib_written(part: Mapping[str, Any]) -> int:
    put = part.get("Put")
    return math.ceil(_size(put["Item"]) / _KIB) if put else 1


def _size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return at least the bytes that an item takes: its names, its texts, its numbers digit by digit."""
    return sum(
        len(name.encode()) + len(str(content).encode()) for name, value in item.items() for content in value.values()
    )
