"""Many users at once: who is there already, several new ones in one transaction, and all of them page by page."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from keyfob.errors import EmailTaken, InvalidOneTimeToken, Unavailable, UsernameTaken
from keyfob.model.account import Account
from keyfob.model.identity import Identity
from keyfob.model.transfer import UserRecord
from keyfob.model.user import User
from keyfob.store.api_keys import ApiKeys, item_from_key
from keyfob.store.batches import MOST_AT_ONCE, MOST_WRITES_AT_ONCE, read_together, write_together
from keyfob.store.client import available
from keyfob.store.items import Item, Wire, to_wire
from keyfob.store.table import Table
from keyfob.store.transactions import IdTaken, NewItem, Part, SlugTaken, commit
from keyfob.store.user_items import (
    ACCOUNT,
    PROFILE,
    UNIQUE,
    account_key,
    account_of,
    identifier_key,
    member_key,
    profile_key_to_wire,
    user_from_item,
)
from keyfob.store.users import IdentityTaken, Users

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from keyfob.model.api_key import ApiKey

T = TypeVar("T")

MOST_PARTS = 100
"""How many items one `TransactWriteItems` takes."""

REFUSALS = (EmailTaken, UsernameTaken, IdentityTaken, IdTaken, SlugTaken, InvalidOneTimeToken)
"""What may refuse a new user; the last one says that the account it was to enter is not there."""


class Known(NamedTuple):
    """What is there: users by id, who has an address or a username (both normalised), and accounts by id."""

    user_ids: frozenset[str]
    owners: dict[str, str]
    accounts: dict[str, Account]


class Arrival(NamedTuple):
    """A new user, and whether its account is there already, for it to enter."""

    record: UserRecord
    enters: bool


class ProfilePage(NamedTuple):
    """Some of all users, how many items were read to find them, and where to go on, if there are more."""

    users: list[User]
    items_read: int
    next_page: Item | None


class _Transaction(NamedTuple):
    """New users that are stored at once: no two may want the same item."""

    user_ids: tuple[str, ...]
    parts: tuple[Part, ...]
    keys: frozenset[tuple[str, str]]

    def has_room_for(self, other: "_Transaction") -> bool:
        """Tell whether both fit into one transaction."""
        return len(self.parts) + len(other.parts) <= MOST_PARTS and self.keys.isdisjoint(other.keys)

    def with_all_of(self, other: "_Transaction") -> "_Transaction":
        """Return the one transaction that both make."""
        return _Transaction(self.user_ids + other.user_ids, self.parts + other.parts, self.keys | other.keys)


class Bulk:
    """Reads and writes many users at once, with their identities and API keys."""

    def __init__(self, client: "DynamoDBClient", *, users_table: str, api_keys_table: str) -> None:
        """Take a DynamoDB client and both tables' names."""
        self._client = client
        self._table = Table(client, users_table)
        self._users = Users(client, users_table)
        self._api_keys_table = api_keys_table
        self._api_keys = ApiKeys(client, api_keys_table)

    def known(self, user_ids: Iterable[str], identifiers: Iterable[str], account_ids: Iterable[str]) -> Known:
        """Return what is there of these users, addresses, usernames and accounts. A consistent read each."""
        keys = [
            *map(profile_key_to_wire, user_ids),
            *(to_wire(identifier_key(each)) for each in identifiers),
            *(to_wire(account_key(each)) for each in account_ids),
        ]
        items = self._read(keys)
        return Known(
            frozenset(item["user_id"] for item in items if item["sk"] == PROFILE),
            {item["pk"].partition("#")[2]: item["user_id"] for item in items if item["sk"] == UNIQUE},
            {item["account_id"]: account_of(item) for item in items if item["sk"] == ACCOUNT},
        )

    def create_together(self, arrivals: Sequence[Arrival]) -> set[str]:
        """Store new users, several in each transaction, and return the ids of those that are stored then.

        Those whose transaction was refused, or got no answer, are left for `create`.
        """
        self._put_keys([key for arrival in arrivals for key in arrival.record.api_keys])
        stored: set[str] = set()
        for transaction in self._packed(arrivals):
            try:
                commit(self._client, transaction.parts)
            except (*REFUSALS, Unavailable):
                continue
            stored.update(transaction.user_ids)
        return stored

    def create(self, arrival: Arrival) -> None:
        """Store a new user; raises one of the `REFUSALS`, and then it is not stored."""
        self._put_keys(arrival.record.api_keys)
        commit(self._client, self._parts(arrival))

    def forget_keys(self, user_id: str) -> None:
        """Delete the API keys of a user that could not be stored."""
        self._api_keys.forget(user_id)

    def page(self, after: Item | None) -> ProfilePage:
        """Return the next users, as they are now, in DynamoDB's own order."""
        found = self._table.scan({"sk": PROFILE}, after=after)
        return ProfilePage(list(map(user_from_item, found.items)), found.items_read, found.last)

    def approximate_items(self) -> int:
        """Return how many items there were when DynamoDB last counted, some six hours ago or less."""
        return available(lambda: self._client.describe_table(TableName=self._table.name))["Table"]["ItemCount"]

    def joining_times(self, users: Sequence[User]) -> dict[str, int]:
        """Return when each of these users entered its account, by its id. A consistent read each."""
        items = self._read([to_wire(member_key(user.account.id, user.id)) for user in users])
        return {item["user_id"]: item["joined_at"] for item in items}

    def identities(self, user: User) -> tuple[Identity, ...]:
        """Return the identities of a user; their addresses and names are not kept."""
        return self._users.identities(user) if user.identity_count else ()

    def api_keys(self, user: User) -> tuple["ApiKey", ...]:
        """Return the API keys of a user, and none that an ended epoch has left."""
        return tuple(key for key in self._api_keys.of_user(user.id) if key.epoch == user.key_epoch)

    def _read(self, keys: Sequence[Wire]) -> list[dict[str, Any]]:
        return [
            item
            for some in _chunks(keys, MOST_AT_ONCE)
            for item in read_together(self._client, {self._table.name: some})[self._table.name]
        ]

    def _put_keys(self, keys: Sequence["ApiKey"]) -> None:
        """Store API keys, which are worth nothing before their user is there."""
        for some in _chunks(keys, MOST_WRITES_AT_ONCE):
            write_together(self._client, self._api_keys_table, [to_wire(item_from_key(key)) for key in some])

    def _packed(self, arrivals: Sequence[Arrival]) -> list[_Transaction]:
        transactions: list[_Transaction] = []
        for arrival in arrivals:
            parts = self._parts(arrival)
            own = _Transaction((arrival.record.user.id,), tuple(parts), frozenset(map(_key_of, parts)))
            place = next((at for at, each in enumerate(transactions) if each.has_room_for(own)), None)
            if place is None:
                transactions.append(own)
            else:
                transactions[place] = transactions[place].with_all_of(own)
        return transactions

    def _parts(self, arrival: Arrival) -> list[Part]:
        record = arrival.record
        stored = self._users.entering if arrival.enters else self._users.founding
        return stored(record.user, record.identities, record.joined_at)


def _key_of(part: Part) -> tuple[str, str]:
    item = part.item if isinstance(part, NewItem) else part.key
    return str(item["pk"]), str(item["sk"])


def _chunks(everything: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (everything[start : start + size] for start in range(0, len(everything), size))
