"""The `sessions` table: one item a session, keyed by `user_id` and `session_id`, so all of a user's are one query.

DynamoDB deletes an item some time after its `expires_at` (seconds since the epoch); every use checks it before.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from keyfob.model.session import Client, Session, SessionRef
from keyfob.store.items import Item, Value, Wire, to_wire
from keyfob.store.table import ConditionFailed, Table
from keyfob.store.transactions import Change, IdTaken, NewItem

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


FORGOTTEN_AT_ONCE = 100


class StaleSession(Exception):
    """The session has gone on, or has ended. `session` is how it stands, or `None` if there is none."""

    def __init__(self, session: Session | None) -> None:
        """Keep the session as the failed condition found it."""
        super().__init__()
        self.session = session


class SessionPage(NamedTuple):
    """Some of a user's sessions, and the id to go on after, if there are more."""

    sessions: list[Session]
    last: str | None


class Sessions:
    """Reads and writes sessions."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._table = Table(client, table)

    def add(self, session: Session) -> None:
        """Store a new session. One write; storing the same one again changes nothing."""
        self._table.put(_item_from_session(session))

    def creation(self, session: Session) -> NewItem:
        """Return the storing of a new session as a part of a transaction."""
        return NewItem(self._table.name, _item_from_session(session), IdTaken)

    def carrying_over(self, session: Session, epoch: int, refused: type[Exception]) -> Change:
        """Return the moving of a session to its user's next `epoch`, as a part of a transaction."""
        return Change(
            self._table.name,
            session_key(session.user_id, session.id),
            "SET epoch = :next",
            "epoch = :epoch",
            {":next": epoch, ":epoch": session.epoch},
            refused,
        )

    def advance(self, ref: SessionRef, generation: int, *, now: int, lifetime: int, client: Client) -> Session:
        """Move a live session on from `generation` to the next, and return it as it then is. One conditional write.

        `lifetime` is how many seconds from `now` the family may live. Raises `StaleSession` if the session is at
        another epoch or generation, has expired or does not exist.
        """
        return self._update(
            ref,
            "generation = :generation AND epoch = :epoch AND expires_at > :now",
            "SET generation = :next, expires_at = :expires_at, refreshed_at = :now, ip = :ip, user_agent = :user_agent",
            {
                ":generation": generation,
                ":next": generation + 1,
                ":epoch": ref.epoch,
                ":expires_at": now + lifetime,
                ":now": now,
                ":ip": client.ip,
                ":user_agent": client.user_agent,
            },
        )

    def touch(self, ref: SessionRef, *, now: int, client: Client) -> Session:
        """Note that a live session was used, and return it. One conditional write.

        Raises `StaleSession` if the session is at another epoch, has expired or does not exist.
        """
        return self._update(
            ref,
            "epoch = :epoch AND expires_at > :now",
            "SET refreshed_at = :now, ip = :ip, user_agent = :user_agent",
            {":epoch": ref.epoch, ":now": now, ":ip": client.ip, ":user_agent": client.user_agent},
        )

    def prolong(self, ref: SessionRef, *, now: int, lifetime: int, client: Client) -> Session:
        """Note that a live session was used, and let it live `lifetime` seconds from `now`. One conditional write.

        Raises `StaleSession` as `touch` does.
        """
        return self._update(
            ref,
            "epoch = :epoch AND expires_at > :now",
            "SET expires_at = :expires_at, refreshed_at = :now, ip = :ip, user_agent = :user_agent",
            {
                ":epoch": ref.epoch,
                ":expires_at": now + lifetime,
                ":now": now,
                ":ip": client.ip,
                ":user_agent": client.user_agent,
            },
        )

    def of_user(self, user_id: str, *, after: str | None, limit: int) -> SessionPage:
        """Return up to `limit` sessions of a user in the order of their ids, expired ones included."""
        last = session_key(user_id, after) if after else None
        page = self._table.query({"user_id": user_id}, after=last, limit=limit)
        return SessionPage([session_from_item(item) for item in page.items], page.last)

    def find(self, user_id: str, session_id: str) -> Session | None:
        """Return one session of a user, or `None`. One consistent read."""
        item = self._table.get(session_key(user_id, session_id))
        return session_from_item(item) if item else None

    def end(self, user_id: str, session_id: str) -> None:
        """End a session; one that does not exist is ended already."""
        self._table.delete(session_key(user_id, session_id))

    def end_cookie(self, user_id: str, session_id: str, digest: str) -> None:
        """End a cookie session if its secret has this digest."""
        with suppress(ConditionFailed):
            self._table.delete(session_key(user_id, session_id), "secret_digest = :digest", {":digest": digest})

    def forget(self, user_id: str) -> None:
        """Delete up to `FORGOTTEN_AT_ONCE` sessions of a user that is gone. DynamoDB deletes others as they expire."""
        for session in self.of_user(user_id, after=None, limit=FORGOTTEN_AT_ONCE).sessions:
            self.end(user_id, session.id)

    def _update(self, ref: SessionRef, condition: str, update: str, values: Mapping[str, Value]) -> Session:
        try:
            item = self._table.update(session_key(ref.user_id, ref.id), update, condition, values)
        except ConditionFailed as failed:
            raise StaleSession(session_from_item(failed.item) if failed.item else None) from failed
        return session_from_item(item)


def session_key(user_id: str, session_id: str) -> Item:
    """Return the key of a session."""
    return {"user_id": user_id, "session_id": session_id}


def session_key_to_wire(user_id: str, session_id: str) -> Wire:
    """Return the key of a session in DynamoDB's wire format."""
    return to_wire(session_key(user_id, session_id))


def session_from_item(item: dict[str, Any]) -> Session:
    """Return the session that an item stores."""
    return Session(
        user_id=item["user_id"],
        id=item["session_id"],
        contract=item["contract"],
        epoch=item["epoch"],
        generation=item["generation"],
        created_at=item["created_at"],
        refreshed_at=item["refreshed_at"],
        expires_at=item["expires_at"],
        client=Client(item["ip"], item["user_agent"]),
        secret_digest=item.get("secret_digest"),
    )


def _item_from_session(session: Session) -> Item:
    return {
        "user_id": session.user_id,
        "session_id": session.id,
        "contract": session.contract,
        "epoch": session.epoch,
        "generation": session.generation,
        "created_at": session.created_at,
        "refreshed_at": session.refreshed_at,
        "expires_at": session.expires_at,
        "ip": session.client.ip,
        "user_agent": session.client.user_agent,
        "secret_digest": session.secret_digest,
    }
