"""A session and its user in one round trip, from both tables at once."""

from typing import TYPE_CHECKING

from keyfob.model.session import Session
from keyfob.model.user import User
from keyfob.store.batches import ItemRef, read_both
from keyfob.store.sessions import session_from_item, session_key_to_wire
from keyfob.store.user_items import profile_key_to_wire, user_from_item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class SignIns:
    """Reads who is signed in."""

    def __init__(self, client: "DynamoDBClient", *, users_table: str, sessions_table: str) -> None:
        """Take a DynamoDB client and both tables' names."""
        self._client = client
        self._users_table = users_table
        self._sessions_table = sessions_table

    def find(self, user_id: str, session_id: str) -> tuple[Session | None, User | None]:
        """Return the session and the user, each `None` if it does not exist. Two consistent reads, one round trip."""
        session, user = read_both(
            self._client,
            ItemRef(self._sessions_table, session_key_to_wire(user_id, session_id)),
            ItemRef(self._users_table, profile_key_to_wire(user_id)),
        )
        return session_from_item(session) if session else None, user_from_item(user) if user else None
