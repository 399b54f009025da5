"""Several new items at once, or none of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from keyfob.errors import Unavailable
from keyfob.store.client import CONDITION_FAILED, available, cancellation_reasons
from keyfob.store.items import Item, to_wire

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_TRANSIENT = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded"})


class IdTaken(Exception):
    """A random id or number of a new item is in use: draw others."""


class SlugTaken(Exception):
    """Another account has this slug: derive another."""


class NewItem(NamedTuple):
    """An item that must not exist yet; `taken` is what to raise if it does. Its key's first attribute comes first."""

    table: str
    item: Item
    taken: type[Exception]


def create_all(client: "DynamoDBClient", items: Sequence[NewItem]) -> None:
    """Store all of `items`, or raise the `taken` of the first one that exists and store nothing.

    botocore gives the transaction a `ClientRequestToken`, so a retry after a lost answer changes nothing.
    """
    puts: list[Any] = [{"Put": _put(new)} for new in items]
    try:
        available(lambda: client.transact_write_items(TransactItems=puts))
    except ClientError as error:
        raise _failure(error, items) from error


def _put(new: NewItem) -> dict[str, Any]:
    return {
        "TableName": new.table,
        "Item": to_wire(new.item),
        "ConditionExpression": "attribute_not_exists(#key)",
        "ExpressionAttributeNames": {"#key": next(iter(new.item))},
    }


def _failure(error: ClientError, items: Sequence[NewItem]) -> Exception:
    reasons = cancellation_reasons(error)
    for reason, new in zip(reasons, items, strict=False):
        if reason == CONDITION_FAILED:
            return new.taken()
    return Unavailable(str(error)) if _TRANSIENT.intersection(reasons) else error
