"""Several writes at once, or none of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from botocore.exceptions import ClientError

from keyfob.errors import Unavailable
from keyfob.store.client import CONDITION_FAILED, available, cancellation_reasons
from keyfob.store.items import Item, Value, to_wire

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_TRANSIENT = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded"})


class IdTaken(Exception):
    """A random id or number of a new item is in use: draw others."""


class SlugTaken(Exception):
    """Another account has this slug: derive another."""


class UserChanged(Exception):
    """A user or its account is not as it was when the user was read: read it again."""


class NewItem(NamedTuple):
    """An item that must not exist yet; `refused` is what to raise if it does. Its key's first attribute comes first."""

    table: str
    item: Item
    refused: type[Exception]

    def to_wire(self) -> dict[str, Any]:
        """Return this part as `TransactWriteItems` takes it."""
        return {
            "Put": {
                "TableName": self.table,
                "Item": to_wire(self.item),
                "ConditionExpression": "attribute_not_exists(#key)",
                "ExpressionAttributeNames": {"#key": next(iter(self.item))},
            }
        }


class Change(NamedTuple):
    """An item that changes if it is as `condition` wants it; `refused` is what to raise if it is not."""

    table: str
    key: Item
    update: str
    condition: str
    values: Mapping[str, Value]
    refused: type[Exception]

    def to_wire(self) -> dict[str, Any]:
        """Return this part as `TransactWriteItems` takes it."""
        return _conditioned("Update", self, UpdateExpression=self.update)


class Removal(NamedTuple):
    """An item that goes if it is as `condition` wants it; `refused` is what to raise if it is not."""

    table: str
    key: Item
    condition: str
    values: Mapping[str, Value]
    refused: type[Exception]

    def to_wire(self) -> dict[str, Any]:
        """Return this part as `TransactWriteItems` takes it."""
        return _conditioned("Delete", self)


class Unchanged(NamedTuple):
    """An item that must be as `condition` wants it, and stays so; `refused` is what to raise if it is not."""

    table: str
    key: Item
    condition: str
    values: Mapping[str, Value]
    refused: type[Exception]

    def to_wire(self) -> dict[str, Any]:
        """Return this part as `TransactWriteItems` takes it."""
        return _conditioned("ConditionCheck", self)


Part: TypeAlias = NewItem | Change | Removal | Unchanged


def commit(client: "DynamoDBClient", parts: Sequence[Part]) -> None:
    """Write all `parts`, or raise the `refused` of the first one whose condition failed and write nothing.

    botocore gives the transaction a `ClientRequestToken`, so a retry after a lost answer changes nothing.
    """
    writes: list[Any] = [part.to_wire() for part in parts]
    try:
        available(lambda: client.transact_write_items(TransactItems=writes))
    except ClientError as error:
        raise _failure(error, parts) from error


def _conditioned(kind: str, part: Change | Removal | Unchanged, **more: str) -> dict[str, Any]:
    """Return what `TransactWriteItems` takes of a part that has a condition."""
    values = {"ExpressionAttributeValues": to_wire(part.values)} if part.values else {}
    where = {"TableName": part.table, "Key": to_wire(part.key), "ConditionExpression": part.condition}
    return {kind: {**where, **values, **more}}


def _failure(error: ClientError, parts: Sequence[Part]) -> Exception:
    reasons = cancellation_reasons(error)
    for reason, part in zip(reasons, parts, strict=False):
        if reason == CONDITION_FAILED:
            return part.refused()
    return Unavailable(str(error)) if _TRANSIENT.intersection(reasons) else error
