"""Reading and writing many items at once."""

from typing import TYPE_CHECKING, Any, NamedTuple

from keyfob.errors import Unavailable
from keyfob.store.client import available
from keyfob.store.items import Wire, from_wire
from keyfob.store.leftovers import left_over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from types_boto3_dynamodb import DynamoDBClient

BASE_SECONDS = 0.05
MOST_AT_ONCE = 100
"""How many keys one `BatchGetItem` takes."""
MOST_WRITES_AT_ONCE = 25
"""How many items one `BatchWriteItem` takes."""


class ItemRef(NamedTuple):
    """One item, by its table and its key."""

    table: str
    key: Wire


def read_together(client: "DynamoDBClient", keys: "Mapping[str, Sequence[Wire]]") -> dict[str, list[dict[str, Any]]]:
    """Return the items that have these keys, by table, in no order; those that do not exist are left out.

    Up to `MOST_AT_ONCE` consistent reads in one round trip. Raises `Unavailable` if DynamoDB leaves some unread.
    """
    found: dict[str, list[dict[str, Any]]] = {table: [] for table in keys}

    def read(unread: dict[str, Any]) -> dict[str, Any]:
        answer = available(lambda: client.batch_get_item(RequestItems=unread))
        for table, items in answer["Responses"].items():
            found[table].extend(from_wire(item) for item in items)
        return dict(answer["UnprocessedKeys"])

    wanted = {table: {"Keys": list(each), "ConsistentRead": True} for table, each in keys.items()}
    if left_over(read, wanted, BASE_SECONDS):
        raise Unavailable("DynamoDB left keys unread")
    return found


def read_both(
    client: "DynamoDBClient", one: ItemRef, other: ItemRef
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return two items of different tables, each `None` if it does not exist, as `read_together` reads them."""
    found = read_together(client, {one.table: [one.key], other.table: [other.key]})
    return next(iter(found[one.table]), None), next(iter(found[other.table]), None)


def write_together(client: "DynamoDBClient", table: str, items: "Sequence[Wire]") -> None:
    """Store up to `MOST_WRITES_AT_ONCE` items of different keys, each in place of what was there, in no order.

    Raises `Unavailable` if DynamoDB leaves some unwritten; the others are stored then.
    """

    def write(unwritten: dict[str, Any]) -> dict[str, Any]:
        return dict(available(lambda: client.batch_write_item(RequestItems=unwritten))["UnprocessedItems"])

    if left_over(write, {table: [{"PutRequest": {"Item": item}} for item in items]}, BASE_SECONDS):
        raise Unavailable("DynamoDB left items unwritten")
