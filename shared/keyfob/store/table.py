"""One DynamoDB table as a few verbs, which is all that the stores need."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from keyfob.store.client import available, error_code
from keyfob.store.items import Item, Value, from_wire, to_wire

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_NOTHING: Mapping[str, Value] = MappingProxyType({})


class ConditionFailed(Exception):
    """The item is not as the condition wants it. `item` is how it is, or `None` if there is none."""

    def __init__(self, item: dict[str, Any] | None) -> None:
        """Keep the item as the failed condition found it."""
        super().__init__()
        self.item = item


class Page(NamedTuple):
    """Items in the order of their sort keys, and the sort key to go on after, if there are more."""

    items: list[dict[str, Any]]
    last: str | None


class Scanned(NamedTuple):
    """Items in DynamoDB's own order, how many it read to find them, and the key to go on after if there may be more."""

    items: list[dict[str, Any]]
    items_read: int
    last: dict[str, Any] | None


class Table:
    """Reads and writes items of one table. What may pass by itself raises `Unavailable`, the rest its own error."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._client = client
        self.name = name

    def get(self, key: Item) -> dict[str, Any] | None:
        """Return an item as it is now, or `None`. One consistent read."""
        return self._get(key, consistent=True)

    def glance(self, key: Item) -> dict[str, Any] | None:
        """Return an item as it was a moment ago, or `None`. Half a read."""
        return self._get(key, consistent=False)

    def put(self, item: Item, condition: str = "", values: Mapping[str, Value] = _NOTHING) -> None:
        """Store an item, in place of what was there; raises `ConditionFailed`. One write."""
        self._write("put_item", {"Item": to_wire(item)}, condition, values)

    def update(self, key: Item, update: str, condition: str, values: Mapping[str, Value]) -> dict[str, Any]:
        """Change an item if it is as `condition` wants it, and return it as it then is; raises `ConditionFailed`."""
        call = {"Key": to_wire(key), "UpdateExpression": update, "ReturnValues": "ALL_NEW"}
        return from_wire(self._write("update_item", call, condition, values)["Attributes"])

    def delete(self, key: Item, condition: str = "", values: Mapping[str, Value] = _NOTHING) -> None:
        """Delete an item; one that does not exist is deleted already. Raises `ConditionFailed`. One write."""
        self._write("delete_item", {"Key": to_wire(key)}, condition, values)

    def query(self, key: Item, *, prefix: Item = _NOTHING, after: Item | None = None, limit: int) -> Page:
        """Return up to `limit` items that share the partition key in `key`, `after` the item with that whole key.

        With a `prefix`, only those whose sort key begins with it.
        """
        query: Any = _key_condition(key, prefix) | ({"ExclusiveStartKey": to_wire(after)} if after else {})
        answer: Any = available(
            lambda: self._client.query(
                TableName=self.name,
                **query,
                ConsistentRead=True,
                Limit=limit,
            )
        )
        last = from_wire(answer.get("LastEvaluatedKey", {}))
        last.pop(next(iter(key)), None)
        return Page([from_wire(item) for item in answer["Items"]], next(iter(last.values()), None))

    def scan(self, where: Item, *, after: Item | None) -> Scanned:
        """Return some of all items that have the one attribute `where`, as they are now, `after` a key.

        One call, which reads as much as it may. Consistent reads.
        """
        return self._scan({"ConsistentRead": True}, where, after)

    def skim(self, where: Item, *, after: Item | None, limit: int) -> Scanned:
        """Return those of the next `limit` items that have the one attribute `where`, as they were a moment ago.

        One call, `after` a key. Half reads.
        """
        return self._scan({"Limit": limit}, where, after)

    def _scan(self, call: dict[str, Any], where: Item, after: Item | None) -> Scanned:
        ((name, value),) = to_wire(where).items()
        call |= {
            "FilterExpression": "#name = :value",
            "ExpressionAttributeNames": {"#name": name},
            "ExpressionAttributeValues": {":value": value},
        }
        if after:
            call["ExclusiveStartKey"] = to_wire(after)
        answer: Any = available(lambda: self._client.scan(TableName=self.name, **call))
        last = from_wire(answer.get("LastEvaluatedKey", {}))
        return Scanned([from_wire(item) for item in answer["Items"]], answer["ScannedCount"], last or None)

    def _get(self, key: Item, *, consistent: bool) -> dict[str, Any] | None:
        answer = available(
            lambda: self._client.get_item(TableName=self.name, Key=to_wire(key), ConsistentRead=consistent)
        )
        return from_wire(answer["Item"]) if "Item" in answer else None

    def _write(self, operation: str, call: dict[str, Any], condition: str, values: Mapping[str, Value]) -> Any:  # noqa: ANN401 - botocore's answer
        if condition:
            call |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        if values:
            call["ExpressionAttributeValues"] = to_wire(values)
        method = getattr(self._client, operation)
        try:
            return available(lambda: method(TableName=self.name, **call))
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            found: Any = error.response.get("Item")
            raise ConditionFailed(from_wire(found) if found else None) from error


def _key_condition(key: Item, prefix: Item) -> dict[str, Any]:
    """Return the arguments of a query for a partition key, and perhaps for how sort keys begin."""
    ((name, value),) = to_wire(key).items()
    condition, names, values = "#key = :key", {"#key": name}, {":key": value}
    for sort, beginning in to_wire(prefix).items():
        condition += " AND begins_with(#sort, :prefix)"
        names["#sort"], values[":prefix"] = sort, beginning
    return {
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }
