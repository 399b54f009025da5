"""Sign-ins at a provider that have begun, in the `one-time` table: an item with the key ``STATE#<digest of state>``.

An item holds digests alone of what the browser carries, so that who reads the table can go on with nobody's sign-in.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from keyfob.errors import InvalidState
from keyfob.store.items import Item
from keyfob.store.table import ConditionFailed, Table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class OAuthState(NamedTuple):
    """A sign-in that has begun: at which provider, on which contract, and for which browser.

    `digest` is that of the state, `browser` that of the secret in the browser's cookie. `expires_at` is in seconds
    since the epoch.
    """

    digest: str
    browser: str
    provider: str
    contract: str
    nonce: str
    expires_at: int
    redirect_to: str | None


class OAuthStates:
    """Reads and writes sign-ins that have begun."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Take a DynamoDB client and the table's name."""
        self._table = Table(client, table)

    def put(self, state: OAuthState) -> None:
        """Store a sign-in; storing the same one again changes nothing. One write."""
        self._table.put({**_key(state.digest), **state._asdict()})

    def find(self, digest: str) -> OAuthState | None:
        """Return the sign-in with this digest, expired or not, or `None`. One consistent read."""
        item = self._table.get(_key(digest))
        return _from_item(item) if item else None

    def take(self, state: OAuthState, now: int) -> None:
        """Take a sign-in away, so that nobody else goes on with it. One conditional write.

        Raises `InvalidState` if it has expired, or somebody else took it.
        """
        try:
            self._table.delete(
                _key(state.digest), "browser = :browser AND expires_at > :now", {":browser": state.browser, ":now": now}
            )
        except ConditionFailed as failed:
            raise InvalidState("used or expired") from failed


def _from_item(item: dict[str, Any]) -> OAuthState:
    return OAuthState(
        digest=item["digest"],
        browser=item["browser"],
        provider=item["provider"],
        contract=item["contract"],
        nonce=item["nonce"],
        expires_at=item["expires_at"],
        redirect_to=item.get("redirect_to"),
    )


def _key(digest: str) -> Item:
    return {"pk": f"STATE#{digest}"}
