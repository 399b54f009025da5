"""What the stores do with what AWS answers seldom."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from boto3 import Session as Boto
from botocore.exceptions import ClientError
from keyfob.crypto.random import new_id
from keyfob.errors import Unavailable
from keyfob.model.session import MAX_USER_AGENT_CHARACTERS, Client
from keyfob.model.user import MAX_EMAIL_CHARACTERS, User
from keyfob.store.client import secrets_client
from keyfob.store.items import from_wire, to_wire
from keyfob.store.secrets import Secret
from keyfob.store.users import Users
from moto import mock_aws

from tests.aws_calls import Calls, refused, tapped
from tests.house import House
from tests.speakers import speaker

VERSION = "5e8ff9bf-55ba-4508-84e9-5b29b5c1d2e4"


# Users


def _somebody(house: House) -> User:
    _, email = speaker("standard", house).registered()
    user = house.users.find(email)
    assert user is not None
    return user


def test_a_better_hash_never_replaces_a_newer_password(house: House) -> None:
    """A login that hashes the old password anew loses against a change of the password meanwhile."""
    user = _somebody(house)
    house.change_user(user.id, password_hash="$argon2id$of-the-new-password")
    house.users.replace_password_hash(user, "$argon2id$of-the-old-password")
    assert house.users.get(user.id) == replace(user, password_hash="$argon2id$of-the-new-password")


def test_a_better_hash_makes_no_user(house: House) -> None:
    """A user that was deleted meanwhile does not come back as a hash."""
    nobody = replace(_somebody(house), id="nobody")
    house.users.replace_password_hash(nobody, "$argon2id$")
    assert house.users.get("nobody") is None


def test_a_wrong_table_is_not_taken_for_a_race(house: House) -> None:
    """Only a failed condition means that somebody was quicker."""
    users = Users(house.dynamodb, "no-such-table")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        users.replace_password_hash(_somebody(house), "$argon2id$")


def test_a_user_is_stored_as_it_is(house: House) -> None:
    """Nothing of a user is lost on the way to the table and back, and nothing is told of its hash in passing."""
    user = _somebody(house)
    assert user.password_hash is not None
    assert user.password_hash not in repr(user)
    assert house.users.find(user.username.upper()) == house.users.find(f" {user.email} ") == user


def test_an_identifier_that_nobody_can_have_finds_nobody(house: House) -> None:
    """One that is too long for a key is not sent as one, and costs the same two reads."""
    assert house.users.find("n" * (MAX_EMAIL_CHARACTERS + 1)) is None
    assert house.users.find("\U0001f511" * MAX_EMAIL_CHARACTERS) is None


# Sessions


def test_a_client_keeps_as_much_of_a_user_agent_as_there_is_room_for() -> None:
    """The length is in characters, so none of them is cut in two."""
    agent = "\U0001f511" * 300
    assert Client("192.0.2.1", agent).user_agent == agent[:MAX_USER_AGENT_CHARACTERS]


# Items


def test_items_keep_their_types() -> None:
    """Texts, integers and truths come back as they were; what is `None` is left out."""
    item: dict[str, str | int | bool | None] = {
        "text": "",
        "number": 2**53 - 1,
        "yes": True,
        "no": False,
        "zero": 0,
        "nothing": None,
    }
    wire = to_wire(item)
    assert wire == {
        "text": {"S": ""},
        "number": {"N": "9007199254740991"},
        "yes": {"BOOL": True},
        "no": {"BOOL": False},
        "zero": {"N": "0"},
    }
    assert from_wire(wire) == {name: value for name, value in item.items() if value is not None}


# Secrets


@pytest.fixture
def calls() -> Iterator[Calls]:
    """What the secret's client calls."""
    with tapped() as calls:
        yield calls


@pytest.fixture
def secret(calls: Calls) -> Iterator[Secret]:
    """A secret whose current text is `first`."""
    assert calls.names == []
    with mock_aws():
        arn = Boto().client("secretsmanager").create_secret(Name=new_id(), SecretString="first")["ARN"]
        yield Secret(secrets_client(), arn)


def test_a_pending_version_is_not_current_until_it_is_promoted(secret: Secret) -> None:
    """Writing changes nothing that is in use; promoting does, and may be repeated."""
    assert secret.read_pending(VERSION) is None
    secret.write_pending(VERSION, "second")
    assert (secret.read(), secret.read_pending(VERSION)) == ("first", "second")
    secret.promote(VERSION)
    assert secret.read() == "second"
    secret.promote(VERSION)
    assert secret.read() == "second"


def test_promoting_again_moves_nothing(secret: Secret, calls: Calls) -> None:
    """A step that is repeated after it was done asks, and leaves things as they are."""
    secret.write_pending(VERSION, "second")
    secret.promote(VERSION)
    calls.names.clear()
    secret.promote(VERSION)
    assert calls.names == ["secrets-manager.DescribeSecret"]


def test_a_refusal_is_not_taken_for_a_version_that_is_missing(secret: Secret, calls: Calls) -> None:
    """Only what is not found is missing: a rotation must not make new keys because it may not read."""
    secret.write_pending(VERSION, "second")
    reading = "secrets-manager.GetSecretValue"
    with calls.disturbed(reading, refused(400, "AccessDeniedException")), pytest.raises(ClientError, match="AccessDen"):
        secret.read_pending(VERSION)
    with calls.disturbed(reading, refused(500, "InternalServiceError")), pytest.raises(Unavailable):
        secret.read_pending(VERSION)
    assert secret.read_pending(VERSION) == "second"
