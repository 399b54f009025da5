"""Users that came with the hash of another system: they sign in as ever, and have one of ours from then on."""

from typing import TYPE_CHECKING

import bcrypt
import pytest
from keyfob.crypto.passwords import PasswordHasher

from tests.crypto.known_hashes import KNOWN
from tests.house import PASSWORD, House
from tests.speakers import CONTRACTS, speaker

if TYPE_CHECKING:
    from tests.contracts.behaviour import Behaviour

HASHER = PasswordHasher("test")


def imported(talk: "Behaviour", encoded: str) -> str:
    """Register a user, give it a hash as an import does, and return its address."""
    _, email = talk.registered()
    user = talk.house.users.find(email)
    assert user is not None
    talk.house.change_user(user.id, password_hash=encoded)
    return email


def stored_hash(house: House, email: str) -> str:
    """Return the hash that is stored for the user with this address."""
    user = house.users.find(email)
    assert user is not None
    assert user.password_hash is not None
    return user.password_hash


@pytest.mark.parametrize("endpoint", ["login", "session_login"])
@pytest.mark.parametrize("name", KNOWN)
def test_an_imported_hash_is_replaced_at_login(name: str, endpoint: str, house: House) -> None:
    """Its owner signs in with the old password, has a hash of ours then, and signs in with that."""
    talk = speaker("standard", house)
    encoded, password = KNOWN[name]
    email = imported(talk, encoded)
    assert talk.client.call(endpoint, talk.login_body(email, password)).status == 200
    assert stored_hash(house, email).startswith("$argon2id$")
    assert not HASHER.needs_rehash(stored_hash(house, email))
    assert talk.client.call(endpoint, talk.login_body(email, password)).status == 200
    assert talk.client.call(endpoint, talk.login_body(email, PASSWORD)).status == 401


@pytest.mark.parametrize("contract", CONTRACTS)
def test_an_imported_hash_opens_every_contract(contract: str, house: House) -> None:
    """However the clients of an imported user speak, it signs in."""
    talk = speaker(contract, house)
    email = imported(talk, bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode())
    talk.logged_in(email)
    assert not HASHER.needs_rehash(stored_hash(house, email))


@pytest.mark.parametrize(
    "encoded", [KNOWN["bcrypt 2a"].encoded, KNOWN["bcrypt 2a"].encoded.replace("$05$", "$31$"), "!"]
)
def test_a_wrong_password_replaces_nothing(encoded: str, house: House) -> None:
    """Who does not know the password gets the answer of any wrong one, whatever the hash is, and changes nothing."""
    talk = speaker("standard", house)
    email = imported(talk, encoded)
    refused = talk.client.call("login", talk.login_body(email, PASSWORD))
    assert (refused.status, talk.error(refused)) == (401, talk.bad_login)
    assert stored_hash(house, email) == encoded
