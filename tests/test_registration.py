"""Registering when names and numbers collide, which transactions tell."""

import pytest

from tests.aws_calls import Calls, Disturbance, refused
from tests.house import PASSWORD, House, unique
from tests.speakers import CONTRACTS, speaker

ITEMS = ("email", "username", "number", "account number", "slug", "account", "member", "profile")
"""What a registration stores, in the order of its transaction; the session comes last where there is one."""


@pytest.fixture(scope="module")
def house(tapped_house: House) -> House:
    """A deployment whose calls are tapped."""
    return tapped_house


def taken(item: str) -> Disturbance:
    """Return what refuses a registration because one of its items exists."""
    reasons = ["ConditionalCheckFailed" if each == item else "None" for each in (*ITEMS, "session")]
    return refused(400, "TransactionCanceledException", CancellationReasons=[{"Code": reason} for reason in reasons])


@pytest.mark.parametrize("item", ["number", "account number", "slug", "account", "member", "profile"])
@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_was_drawn_and_is_taken_is_drawn_again(contract: str, item: str, house: House, calls: Calls) -> None:
    """A random id or number that is in use, or a slug, is nobody's concern but ours."""
    talk = speaker(contract, house)
    with calls.disturbed("dynamodb.TransactWriteItems", taken(item), times=2):
        _, email = talk.registered()
    talk.logged_in(email)


@pytest.mark.parametrize("contract", ["pythonorg", "igny8"])
def test_a_session_id_that_is_taken_is_drawn_again(contract: str, house: House, calls: Calls) -> None:
    """The first session is part of the transaction, and its id is drawn anew with the others."""
    talk = speaker(contract, house)
    with calls.disturbed("dynamodb.TransactWriteItems", taken("session"), times=1):
        talk.registered()


def test_a_derived_username_that_is_taken_gets_a_suffix(house: House, calls: Calls) -> None:
    """Where the contract has no username, a taken one is ours to change."""
    stem = unique()
    with calls.disturbed("dynamodb.TransactWriteItems", taken("username"), times=2):
        reply = house.client("metatag").call("register", {"email": f"{stem}@example.com", "password": PASSWORD})
    assert reply.status == 201
    user = house.users.find(f"{stem}@example.com")
    assert user is not None
    assert user.username.startswith(f"{stem}-")


@pytest.mark.parametrize("item", ["profile", "slug", "username"])
def test_what_is_taken_each_time_is_a_503(item: str, house: House, calls: Calls) -> None:
    """There is an end to drawing, and then the client may try again; nothing is stored."""
    body = {"email": f"{unique()}@example.com", "password": PASSWORD}
    before = house.everything()
    calls.names.clear()
    with calls.disturbed("dynamodb.TransactWriteItems", taken(item)):
        reply = house.client("metatag").call("register", body)
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    assert 1 < calls.names.count("dynamodb.TransactWriteItems") < 10
    assert house.everything() == before
    assert house.client("metatag").call("register", body).status == 201


@pytest.mark.parametrize(
    ("email", "stem"),
    [
        ("Ada.Lovelace@example.com", "ada.lovelace"),
        ("ada+work@example.com", "ada-work"),
        ("!#$%@example.com", "-"),
        (f"{'a' * 64}@example.com", "a" * 64),
        ("o'neil{x}@example.com", "o-neil-x-"),
    ],
)
def test_a_derived_username_is_one_that_could_be_chosen(email: str, stem: str, house: House) -> None:
    """Whatever an address begins with, the username that is made of it follows the rules for usernames."""
    assert house.client("standard").call("register", {"email": email, "password": PASSWORD}).json["username"] == stem
    email = f"{unique()}@example.com"
    chosen = {"email": email, "password": PASSWORD, "username": f"{stem}{unique()}"}
    assert house.client("standard").call("register", chosen).status == 201


@pytest.mark.parametrize("contract", ["standard", "metatag"])
def test_a_derived_username_is_no_password(contract: str, house: House) -> None:
    """A password is not the username that is derived from the address, in any case."""
    stem = unique("lovelace")
    for password in (stem, stem.upper(), f"{stem}@example.com"):
        body = {"email": f"{stem}@example.com", "password": password}
        reply = house.client(contract).call("register", body)
        assert (reply.status, speaker(contract, house).error(reply)) == (
            400,
            "Password must not be your email or username",
        )
