"""Whole tables: one is made to hold what another holds, or emptied. For commands, not for requests."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from keyfob.errors import Unavailable
from keyfob.store.batches import BASE_SECONDS, MOST_AT_ONCE, MOST_WRITES_AT_ONCE
from keyfob.store.client import available
from keyfob.store.items import Wire
from keyfob.store.leftovers import left_over

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


Merge = Callable[[Wire, Wire | None], Wire | None]
"""Takes an item that is copied and what has its key already, and returns what to write, or `None` for nothing."""


def copy_items(client: "DynamoDBClient", source: str, target: str, merge: Merge) -> Iterator[int]:
    """Put every item of one table into another, as `merge` makes it; yield how many at a time."""
    names = _key_names(client, target)
    for items in _pages(client, source):
        for some in _chunks(items, MOST_WRITES_AT_ONCE):
            present = _read(client, target, [_key_of(item, names) for item in some])
            merged = [merge(item, _with_key(present, _key_of(item, names))) for item in some]
            written = [{"PutRequest": {"Item": item}} for item in merged if item is not None]
            if written:
                _write(client, target, written)
            yield len(written)


def delete_others(client: "DynamoDBClient", source: str, target: str) -> Iterator[int]:
    """Delete every item of `target` whose key no item of `source` has; yield how many at a time."""
    names = _key_names(client, target)
    for items in _pages(client, target):
        for some in _chunks([_key_of(item, names) for item in items], MOST_AT_ONCE):
            present = [_key_of(item, names) for item in _read(client, source, some)]
            yield from _delete(client, target, [key for key in some if key not in present])


def delete_all(client: "DynamoDBClient", table: str) -> Iterator[int]:
    """Delete every item of a table; yield how many at a time."""
    names = _key_names(client, table)
    for items in _pages(client, table):
        yield from _delete(client, table, [_key_of(item, names) for item in items])


def _delete(client: "DynamoDBClient", table: str, keys: Sequence[Wire]) -> Iterator[int]:
    for some in _chunks(keys, MOST_WRITES_AT_ONCE):
        _write(client, table, [{"DeleteRequest": {"Key": key}} for key in some])
        yield len(some)


def _pages(client: "DynamoDBClient", table: str) -> Iterator[list[Wire]]:
    after: dict[str, Any] = {}
    while True:
        answer: Any = available(lambda: client.scan(TableName=table, ConsistentRead=True, **after))  # noqa: B023 - called at once
        yield answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        after = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _key_names(client: "DynamoDBClient", table: str) -> list[str]:
    described = available(lambda: client.describe_table(TableName=table))
    return [each["AttributeName"] for each in described["Table"]["KeySchema"]]


def _key_of(item: Wire, names: Sequence[str]) -> Wire:
    return {name: item[name] for name in names}


def _with_key(items: Sequence[Wire], key: Wire) -> Wire | None:
    return next((item for item in items if key.items() <= item.items()), None)


def _read(client: "DynamoDBClient", table: str, keys: Sequence[Wire]) -> list[Wire]:
    found: list[Wire] = []

    def read(unread: dict[str, Any]) -> dict[str, Any]:
        answer: Any = available(lambda: client.batch_get_item(RequestItems=unread))
        found.extend(answer["Responses"].get(table, ()))
        return dict(answer["UnprocessedKeys"])

    if left_over(read, {table: {"Keys": list(keys), "ConsistentRead": True}}, BASE_SECONDS):
        raise Unavailable("DynamoDB left keys unread")
    return found


def _write(client: "DynamoDBClient", table: str, requests: Sequence[dict[str, Any]]) -> None:
    def write(unwritten: dict[str, Any]) -> dict[str, Any]:
        return dict(available(lambda: client.batch_write_item(RequestItems=unwritten))["UnprocessedItems"])

    if left_over(write, {table: list(requests)}, BASE_SECONDS):
        raise Unavailable("DynamoDB left items unwritten")


def _chunks(everything: Sequence[Wire], size: int) -> Iterator[Sequence[Wire]]:
    return (everything[start : start + size] for start in range(0, len(everything), size))
