"""An API key and its user in one round trip, from both tables at once."""

from typing import TYPE_CHECKING

from keyfob.model.api_key import ApiKey
from keyfob.model.user import User
from keyfob.store.api_keys import item_key_to_wire, key_from_item
from keyfob.store.batches import ItemRef, read_both
from keyfob.store.user_items import profile_key_to_wire, user_from_item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class KeyOwners:
    """Reads whose a key is."""

    def __init__(self, client: "DynamoDBClient", *, users_table: str, api_keys_table: str) -> None:
        """Take a DynamoDB client and both tables' names."""
        self._client = client
        self._users_table = users_table
        self._api_keys_table = api_keys_table

    def find(self, user_id: str, slot: int) -> tuple[ApiKey | None, User | None]:
        """Return the key and the user, each `None` if it does not exist. Two consistent reads, one round trip."""
        key, user = read_both(
            self._client,
            ItemRef(self._api_keys_table, item_key_to_wire(user_id, slot)),
            ItemRef(self._users_table, profile_key_to_wire(user_id)),
        )
        return key_from_item(key) if key else None, user_from_item(user) if user else None
