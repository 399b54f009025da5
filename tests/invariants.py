"""What the table `users` holds whenever nothing is under way, whatever has happened before."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from keyfob.model.user import User, normalised_email, normalised_username
from keyfob.store.items import from_wire
from keyfob.store.user_items import ACCOUNT, IDENTITY, INVITATION, PROFILE, UNIQUE, user_from_item

from tests.house import House

Key = tuple[str, str]


def check_users(house: House) -> None:
    """Check that profiles tell of every other item, and every other item of a profile, and that accounts count right.

    An invitation stays until it expires, also where its account has gone: it alone follows from no profile.
    """
    stored = {(item["pk"], item["sk"]): item for item in map(from_wire, house.items("UsersTable"))}
    items = {key: item for key, item in stored.items() if not key[1].startswith(INVITATION)}
    users = [user_from_item(item) for (_, sk), item in items.items() if sk == PROFILE]
    links = [key for key in items if key[1].startswith(IDENTITY)]
    records = {key: whose for user in users for key, whose in _records(user).items()}
    identities = {key: pk.removeprefix("USER#") for pk, sk in links for key in ((pk, sk), (sk, UNIQUE))}
    expected = records | identities
    assert items.keys() == expected.keys()
    assert {(key, whose) for key, item in items.items() if (whose := _whose(item))} <= expected.items()
    linked = Counter(pk for pk, _ in links)
    assert {user.id: user.identity_count for user in users} == {user.id: linked[f"USER#{user.id}"] for user in users}
    _check_counts(items.values(), users)


def counts(house: House, account_id: str) -> tuple[int, int] | None:
    """Return how many members and owners an account says that it has, or `None` if there is no such account."""
    for item in map(from_wire, house.items("UsersTable")):
        if (item["pk"], item["sk"]) == (f"ACCOUNT#{account_id}", ACCOUNT):
            return item["member_count"], item["owner_count"]
    return None


def _records(user: User) -> dict[Key, str]:
    """Return the keys of all items that there are because of a user, each with the id of whom it is about."""
    account = user.account
    return {
        (f"USER#{user.id}", PROFILE): user.id,
        (f"EMAIL#{normalised_email(user.email)}", UNIQUE): user.id,
        (f"USERNAME#{normalised_username(user.username)}", UNIQUE): user.id,
        (f"NUMBER#{user.number}", UNIQUE): user.id,
        (f"ACCOUNT#{account.id}", f"MEMBER#{user.id}"): user.id,
        (f"ACCOUNT#{account.id}", ACCOUNT): account.id,
        (f"SLUG#{account.slug}", UNIQUE): account.id,
        (f"NUMBER#{account.number}", UNIQUE): account.id,
    }


def _whose(item: dict[str, Any]) -> str | None:
    """Return the id of whom an item is about, if it says so."""
    whose: str | None = item.get("user_id") or item.get("account_id")
    return whose


def _check_counts(items: Iterable[dict[str, Any]], users: Iterable[User]) -> None:
    accounts = {item["account_id"]: item for item in items if item["sk"] == ACCOUNT}
    roles: dict[str, list[str]] = defaultdict(list)
    for user in users:
        roles[user.account.id].append(user.role)
    counted = {key: (account["member_count"], account["owner_count"]) for key, account in accounts.items()}
    assert counted == {key: (len(each), each.count("owner")) for key, each in roles.items()}
