"""All users of the `users` table, page by page.

Nobody looks through them but staff, so this is a scan: an index would cost every registration two more writes.
"""

from typing import TYPE_CHECKING, NamedTuple

from keyfob.model.user import User
from keyfob.store.table import Table
from keyfob.store.user_items import PROFILE, key, user_from_item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ITEMS_AT_ONCE = 400
"""How many items one step looks at: a user has eight or more."""

MAX_PARTITION_KEY_BYTES = 2048
MAX_SORT_KEY_BYTES = 1024


class Place(NamedTuple):
    """A key of the table to go on after, whether or not there is an item of that key."""

    pk: str
    sk: str

    @classmethod
    def at(cls, pk: str, sk: str) -> "Place":
        """Return the place after a key; raises `ValueError` for what DynamoDB takes for no key."""
        if not 0 < len(pk.encode()) <= MAX_PARTITION_KEY_BYTES or not 0 < len(sk.encode()) <= MAX_SORT_KEY_BYTES:
            raise ValueError("not a key of the table")
        return cls(pk, sk)


class Directory:
    """Looks through the table."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._table = Table(client, table)

    def page(self, after: Place | None) -> tuple[list[User], Place | None]:
        """Return some users, and where to go on if there may be more; none only at the end.

        Users who come or go meanwhile may be missing.
        """
        while True:
            users, after = self._step(after)
            if users or after is None:
                return users, after

    def _step(self, after: Place | None) -> tuple[list[User], Place | None]:
        start = key(after.pk, after.sk) if after else None
        found = self._table.skim({"sk": PROFILE}, after=start, limit=ITEMS_AT_ONCE)
        return list(map(user_from_item, found.items)), Place(**found.last) if found.last else None
