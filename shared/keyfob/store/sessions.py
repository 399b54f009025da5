"""The `sessions` table: one item a session, keyed by `user_id` and `session_id`, so all of a user's are one query.

DynamoDB deletes an item some time after its `expires_at` (seconds since the epoch); every use checks it before.
"""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from keyfob.model.session import Client, Session
from keyfob.store.client import available, error_code
from keyfob.store.items import Item, Wire, from_wire, to_wire
from keyfob.store.transactions import IdTaken, NewItem

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class StaleGeneration(Exception):
    """The session has gone on, or has ended. `session` is how it stands, or `None` if there is none."""

    def __init__(self, session: Session | None) -> None:
        """Keep the session as the failed condition found it."""
        super().__init__()
        self.session = session


class Sessions:
    """Reads and writes sessions."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._client = client
        self._table = table

    def add(self, session: Session) -> None:
        """Store a new session. One write; storing the same one again changes nothing."""
        available(lambda: self._client.put_item(TableName=self._table, Item=to_wire(_item_from_session(session))))

    def creation(self, session: Session) -> NewItem:
        """Return the storing of a new session as a part of a transaction."""
        return NewItem(self._table, _item_from_session(session), IdTaken)

    def advance(
        self, session_key: tuple[str, str], generation: int, *, now: int, lifetime: int, client: Client
    ) -> Session:
        """Move a live session on from `generation` to the next, and return it as it then is. One conditional write.

        `session_key` is the user's and the session's id, `lifetime` the seconds from `now` that the family may live.
        Raises `StaleGeneration` if the session is at another generation, has expired or does not exist.
        """
        return self._update(
            session_key,
            "generation = :generation AND expires_at > :now",
            "SET generation = :next, expires_at = :expires_at, refreshed_at = :now, ip = :ip, user_agent = :user_agent",
            {
                ":generation": generation,
                ":next": generation + 1,
                ":expires_at": now + lifetime,
                ":now": now,
                ":ip": client.ip,
                ":user_agent": client.user_agent,
            },
        )

    def touch(self, session_key: tuple[str, str], *, now: int, client: Client) -> Session:
        """Note that a live session was used, and return it. One conditional write.

        Raises `StaleGeneration` if the session has expired or does not exist.
        """
        return self._update(
            session_key,
            "expires_at > :now",
            "SET refreshed_at = :now, ip = :ip, user_agent = :user_agent",
            {":now": now, ":ip": client.ip, ":user_agent": client.user_agent},
        )

    def end(self, user_id: str, session_id: str) -> None:
        """End a session; one that does not exist is ended already."""
        key = session_key_to_wire(user_id, session_id)
        available(lambda: self._client.delete_item(TableName=self._table, Key=key))

    def _update(self, session_key: tuple[str, str], condition: str, update: str, values: Item) -> Session:
        try:
            answer = available(
                lambda: self._client.update_item(
                    TableName=self._table,
                    Key=session_key_to_wire(*session_key),
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=to_wire(values),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            found: Any = error.response.get("Item")
            raise StaleGeneration(session_from_item(from_wire(found)) if found else None) from error
        return session_from_item(from_wire(answer["Attributes"]))


def session_key_to_wire(user_id: str, session_id: str) -> Wire:
    """Return the key of a session."""
    return to_wire({"user_id": user_id, "session_id": session_id})


def session_from_item(item: dict[str, Any]) -> Session:
    """Return the session that an item stores."""
    return Session(
        user_id=item["user_id"],
        id=item["session_id"],
        contract=item["contract"],
        generation=item["generation"],
        created_at=item["created_at"],
        refreshed_at=item["refreshed_at"],
        expires_at=item["expires_at"],
        client=Client(item["ip"], item["user_agent"]),
    )


def _item_from_session(session: Session) -> Item:
    return {
        "user_id": session.user_id,
        "session_id": session.id,
        "contract": session.contract,
        "generation": session.generation,
        "created_at": session.created_at,
        "refreshed_at": session.refreshed_at,
        "expires_at": session.expires_at,
        "ip": session.client.ip,
        "user_agent": session.client.user_agent,
    }
