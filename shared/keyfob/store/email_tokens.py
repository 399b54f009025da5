"""Tokens sent by mail, in the `one-time` table: one of each kind a user, so that a new one voids the old.

An item's key is ``<KIND>#<user id>``. It holds the digest of the token's secret, the address that it was sent to, and
the user's `session_epoch` then.
"""

from typing import TYPE_CHECKING, Literal, NamedTuple

from keyfob.errors import InvalidOneTimeToken
from keyfob.store.items import Item
from keyfob.store.table import Table
from keyfob.store.transactions import Removal

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

EmailTokenKind = Literal["VERIFY", "RESET"]


class StoredEmailToken(NamedTuple):
    """A token as it is stored, for the address `email` and the user's `session_epoch`; `expires_at` in seconds."""

    user_id: str
    email: str
    session_epoch: int
    digest: str
    expires_at: int


class EmailTokens:
    """Reads and writes the tokens of one kind."""

    def __init__(self, client: "DynamoDBClient", table: str, kind: EmailTokenKind) -> None:
        """Take a DynamoDB client, the table's name and the kind."""
        self._table = Table(client, table)
        self.kind = kind

    def put(self, token: StoredEmailToken) -> None:
        """Store a token in place of the user's last one of this kind."""
        self._table.put({**self._key(token.user_id), **token._asdict()})

    def find(self, user_id: str) -> StoredEmailToken | None:
        """Return the user's token of this kind, expired or not, or `None`. One consistent read."""
        item = self._table.get(self._key(user_id))
        return StoredEmailToken(*(item[name] for name in StoredEmailToken._fields)) if item else None

    def spending(self, token: StoredEmailToken, now: int) -> Removal:
        """Return the spending of a token, unless it is spent, replaced or expired, as a part of a transaction."""
        return Removal(
            self._table.name,
            self._key(token.user_id),
            "digest = :digest AND expires_at > :now",
            {":digest": token.digest, ":now": now},
            InvalidOneTimeToken,
        )

    def _key(self, user_id: str) -> Item:
        return {"pk": f"{self.kind}#{user_id}"}
