"""Many registrations at once: each name goes to one user, and nothing of the others is stored."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
from keyfob.model.user import User

from tests.contracts.behaviour import Behaviour
from tests.house import House, Reply, unique
from tests.on_dynamodb_local.together import simultaneously
from tests.speakers import CONTRACTS, speaker

REGISTRATIONS = 16
TAKES_USERNAMES = tuple(name for name in CONTRACTS if name != "metatag")


@pytest.fixture
def empty_house(house: House) -> House:
    """The deployment without a single item."""
    house.empty()
    return house


def register_at_once(client: Behaviour, names: list[tuple[str, str]]) -> list[Reply]:
    """Register everybody of `names`, pairs of username and email address, at the same moment."""
    bodies = [client.register_body(username, email) for username, email in names]
    return simultaneously([partial(client.client.call, "register", body) for body in bodies])


def stored(house: House) -> set[tuple[str, str]]:
    """Return the keys of everything in the users' table."""
    return {(item["pk"]["S"], item["sk"]["S"]) for item in house.items("UsersTable")}


def keys_of(user: User) -> set[tuple[str, str]]:
    """Return the keys of all items that belong to one user."""
    account = user.account
    return {
        (f"USER#{user.id}", "PROFILE"),
        (f"EMAIL#{user.email}", "UNIQUE"),
        (f"USERNAME#{user.username}", "UNIQUE"),
        (f"NUMBER#{user.number}", "UNIQUE"),
        (f"NUMBER#{account.number}", "UNIQUE"),
        (f"ACCOUNT#{account.id}", "ACCOUNT"),
        (f"ACCOUNT#{account.id}", f"MEMBER#{user.id}"),
        (f"SLUG#{account.slug}", "UNIQUE"),
    }


def assert_one_registered(client: Behaviour, replies: list[Reply], names: list[tuple[str, str]], refusal: str) -> None:
    """Check that one of `names` was registered, the others were refused, and what is stored is that one's alone."""
    conflict = 400 if client.contract == "metatag" else 409
    assert Counter(reply.status for reply in replies) == {201: 1, conflict: len(names) - 1}
    assert {client.error(reply) for reply in replies if reply.status == conflict} == {refusal}
    _, email = next(name for name, reply in zip(names, replies, strict=True) if reply.status == 201)
    winner = client.house.users.find(email)
    assert winner is not None
    assert stored(client.house) == keys_of(winner)
    sessions: list[dict[str, Any]] = client.house.items("SessionsTable")
    assert {session["user_id"]["S"] for session in sessions} <= {winner.id}
    assert len(sessions) == client.spec.registration_logs_in


@pytest.mark.parametrize("contract", CONTRACTS)
def test_one_email_address_is_registered_once(empty_house: House, contract: str) -> None:
    """Of sixteen registrations of one address one succeeds and fifteen are told; only the one's items exist."""
    client = speaker(contract, empty_house)
    email = f"{unique()}@example.com"
    names = [(unique(), email) for _ in range(REGISTRATIONS)]
    assert_one_registered(client, register_at_once(client, names), names, "Email already registered")
    assert client.logged_in(email).status == 200


@pytest.mark.parametrize("contract", TAKES_USERNAMES)
def test_one_username_is_registered_once(empty_house: House, contract: str) -> None:
    """Of sixteen registrations of one username one succeeds and fifteen are told; only the one's items exist."""
    client = speaker(contract, empty_house)
    username = unique()
    names = [(username, f"{unique()}@example.com") for _ in range(REGISTRATIONS)]
    assert_one_registered(client, register_at_once(client, names), names, "Username already taken")
    assert client.logged_in(username).status == 200


def test_derived_usernames_do_not_collide(empty_house: House) -> None:
    """Sixteen addresses that begin alike are all registered at once, each with a username of its own."""
    client = speaker("metatag", empty_house)
    stem = unique()
    names = [(stem, f"{stem}@{number}.example.com") for number in range(REGISTRATIONS)]
    assert [reply.status for reply in register_at_once(client, names)] == [201] * REGISTRATIONS
    users = [empty_house.users.find(email) for _, email in names]
    assert len({user.username for user in users if user}) == REGISTRATIONS


def test_the_first_users_of_a_deployment_can_come_together(empty_house: House) -> None:
    """Sixteen users of all contracts at once all get an account, though all wanted the same slug."""
    clients = [speaker(CONTRACTS[number % len(CONTRACTS)], empty_house) for number in range(REGISTRATIONS)]
    emails = [email for _, email in simultaneously([client.registered for client in clients])]
    users = [user for email in emails if (user := empty_house.users.find(email))]
    slugs = Counter(user.account.slug for user in users)
    assert len(slugs) == REGISTRATIONS
    assert slugs["my-account"] == 1
    assert stored(empty_house) == {key for user in users for key in keys_of(user)}
