"""What the stores do with what AWS answers seldom."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from boto3 import Session as Boto
from botocore.exceptions import ClientError
from keyfob.crypto.random import new_id
from keyfob.errors import Unavailable
from keyfob.model.session import MAX_USER_AGENT_CHARACTERS, Client
from keyfob.model.user import MAX_EMAIL_CHARACTERS, User
from keyfob.store.attempts import Attempts, Exhausted, Window
from keyfob.store.client import secrets_client
from keyfob.store.failures import Failures, Overtaken, Streak
from keyfob.store.items import from_wire, to_wire
from keyfob.store.secrets import Secret
from keyfob.store.users import Users
from moto import mock_aws

from tests.aws_calls import Calls, refused, tapped
from tests.fakes import TIME
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


# Attempts


@pytest.fixture
def attempts(house: House) -> Attempts:
    """Attempts over the house's table."""
    return Attempts(house.dynamodb, house.deployment.functions["login"].environment["ONE_TIME_TABLE"])


def test_attempts_are_counted_in_windows_up_to_the_limit(attempts: Attempts) -> None:
    """A window begins with its first attempt, takes as many as its limit, and is followed by another."""
    who, seen = new_id(), None
    for count in (1, 2, 3):
        seen = attempts.take(who, seen, limit=3, seconds=60, now=TIME + count)
        assert seen == Window(count, TIME + 1)
    with pytest.raises(Exhausted) as exhausted:
        attempts.take(who, seen, limit=3, seconds=60, now=TIME + 60)
    assert exhausted.value.window == Window(3, TIME + 1)
    assert attempts.take(who, seen, limit=3, seconds=60, now=TIME + 61) == Window(1, TIME + 61)


@pytest.mark.parametrize("seen", [None, Window(1, TIME), Window(1, TIME - 60), Window(9, TIME - 600)])
def test_a_glance_that_was_wrong_gives_no_attempt_away(seen: Window | None, attempts: Attempts) -> None:
    """Only the condition of the write decides: what was seen a moment before is a hint, which saves a call."""
    who = new_id()
    for _ in range(2):
        attempts.take(who, None, limit=3, seconds=60, now=TIME)
    assert attempts.take(who, seen, limit=3, seconds=60, now=TIME) == Window(3, TIME)
    with pytest.raises(Exhausted):
        attempts.take(who, seen, limit=3, seconds=60, now=TIME)


def test_what_was_seen_used_up_costs_no_write(attempts: Attempts) -> None:
    """Whoever goes on when nothing is left makes us write nothing."""
    who = new_id()
    with pytest.raises(Exhausted):
        attempts.take(who, Window(3, TIME), limit=3, seconds=60, now=TIME)
    assert attempts.glance(who, TIME) is None


def test_an_attempt_that_is_given_back_was_none(attempts: Attempts) -> None:
    """There is one more left, and never more than the limit."""
    who = new_id()
    attempts.give_back(who)
    assert attempts.glance(who, TIME) is None
    seen = attempts.take(who, None, limit=2, seconds=60, now=TIME)
    for _ in range(3):
        attempts.give_back(who)
    assert attempts.glance(who, TIME) == Window(0, TIME)
    assert attempts.take(who, seen, limit=2, seconds=60, now=TIME) == Window(1, TIME)


def test_a_window_that_has_expired_is_not_seen(attempts: Attempts) -> None:
    """DynamoDB deletes late, so a glance looks at when."""
    who = new_id()
    attempts.take(who, None, limit=3, seconds=60, now=TIME)
    assert attempts.glance(who, TIME + 3599) == Window(1, TIME)
    assert attempts.glance(who, TIME + 3600) is None


# Wrong passwords


@pytest.fixture
def failures(house: House) -> Failures:
    """Failures over the house's table."""
    return Failures(house.dynamodb, house.deployment.functions["login"].environment["ONE_TIME_TABLE"])


def test_wrong_passwords_are_a_streak_until_there_was_a_right_one(failures: Failures) -> None:
    """They add up, each with its own time, and are forgiven together; that there were some is known for a day."""
    who = new_id()
    assert failures.begin(who, TIME) == Streak(1, TIME)
    assert failures.add(who, 2, TIME + 1) == Streak(2, TIME + 1)
    assert failures.follow(who, Streak(2, TIME + 1), TIME + 2) == Streak(3, TIME + 2)
    assert failures.glance(who, TIME + 2) == Streak(3, TIME + 2)
    failures.forgive(who, TIME + 2)
    assert failures.glance(who, TIME + 2) == Streak(0, TIME + 2)
    assert failures.add(who, 2, TIME + 3) == Streak(1, TIME + 3)


def test_whoever_is_overtaken_learns_how_it_stands(failures: Failures) -> None:
    """Each count is for the streak that it knows, and for no other."""
    who, stands = new_id(), Streak(1, TIME)
    failures.begin(who, TIME)
    counts: list[Callable[[], Streak]] = [
        lambda: failures.begin(who, TIME),
        lambda: failures.add(who, 1, TIME),
        lambda: failures.follow(who, Streak(1, TIME - 1), TIME),
        lambda: failures.follow(who, Streak(2, TIME), TIME),
    ]
    for count in counts:
        with pytest.raises(Overtaken) as overtaken:
            count()
        assert overtaken.value.streak == stands
    assert failures.glance(who, TIME) == stands


def test_a_streak_is_forgotten_after_a_day(failures: Failures) -> None:
    """DynamoDB deletes late: an expired one neither counts nor can be added to."""
    who, day = new_id(), 24 * 3600
    failures.begin(who, TIME)
    assert failures.glance(who, TIME + day) is None
    with pytest.raises(Overtaken) as overtaken:
        failures.add(who, 9, TIME + day)
    assert overtaken.value.streak is None
    assert failures.begin(who, TIME + day) == Streak(1, TIME + day)


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
