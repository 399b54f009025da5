"""A session and its user in one round trip, from both tables at once."""

from typing import TYPE_CHECKING, Any

from keyfob.errors import Unavailable
from keyfob.model.session import Session
from keyfob.model.user import User
from keyfob.store.client import available, pause
from keyfob.store.items import from_wire
from keyfob.store.sessions import session_from_item, session_key_to_wire
from keyfob.store.users import profile_key, user_from_item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 4
BASE_SECONDS = 0.05


class SignIns:
    """Reads who is signed in."""

    def __init__(self, client: "DynamoDBClient", *, users_table: str, sessions_table: str) -> None:
        """Take a DynamoDB client and both tables' names."""
        self._client = client
        self._users_table = users_table
        self._sessions_table = sessions_table

    def find(self, user_id: str, session_id: str) -> tuple[Session | None, User | None]:
        """Return the session and the user, each `None` if it does not exist. Two consistent reads, one round trip."""
        found = self._read(
            {
                self._users_table: {"Keys": [profile_key(user_id)], "ConsistentRead": True},
                self._sessions_table: {
                    "Keys": [session_key_to_wire(user_id, session_id)],
                    "ConsistentRead": True,
                },
            }
        )
        sessions = [session_from_item(from_wire(item)) for item in found.get(self._sessions_table, [])]
        users = [user_from_item(from_wire(item)) for item in found.get(self._users_table, [])]
        return next(iter(sessions), None), next(iter(users), None)

    def _read(self, keys: dict[str, Any]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for attempt in range(ATTEMPTS):
            if attempt:
                pause(BASE_SECONDS * 2**attempt)
            unread = keys
            answer = available(lambda: self._client.batch_get_item(RequestItems=unread))  # noqa: B023 - called at once
            for table, items in answer["Responses"].items():
                found.setdefault(table, []).extend(items)
            keys = dict(answer["UnprocessedKeys"])
            if not keys:
                return found
        raise Unavailable("DynamoDB left keys unread")
