"""API keys, where what they do does not depend on the contract."""

import string
import sys
from typing import Any

import pytest
from keyfob.clock import now
from keyfob.crypto.api_keys import write_api_key
from keyfob.model.api_key import MAX_SECRETS, USE_NOTED_SECONDS

from tests.aws_calls import Calls, refused
from tests.contracts.cookies_behaviour import SAME_ORIGIN, Entry
from tests.contracts.keys_behaviour import NOT_KEYS, PREFIX, Issued, KeysBehaviour
from tests.house import SESSION_COOKIE, House
from tests.logs import logged
from tests.redeployed import redeployed
from tests.speakers import speaker

NOT_IN_BASE62 = "-_ +/=.\u00e9\u212a"
READ = "dynamodb.BatchGetItem"
NOTED = "dynamodb.UpdateItem"


pytestmark = pytest.mark.usefixtures("no_pauses")


@pytest.fixture(scope="module")
def house(tapped_house: House) -> House:
    """A deployment whose calls are tapped."""
    return tapped_house


@pytest.fixture
def talk(house: House) -> KeysBehaviour:
    """A client."""
    return talking(house)


def talking(house: House) -> KeysBehaviour:
    """Return a client of a house."""
    talk = speaker("standard", house)
    assert isinstance(talk, KeysBehaviour)
    return talk


@pytest.fixture
def owner(talk: KeysBehaviour) -> Entry:
    """The session of somebody new."""
    return talk.newcomer("bearer")[1]


def statuses(talk: KeysBehaviour, *keys: Issued) -> list[int]:
    """Return how ``me`` answers to each key."""
    return [talk.status_with(key) for key in keys]


# Reads and writes


def test_a_typo_costs_no_call(talk: KeysBehaviour, owner: Entry, calls: Calls) -> None:
    """Whatever cannot be a key of this deployment is refused before AWS is asked anything, in either header."""
    text = talk.key_of(owner).text
    other = talk.key_of(owner).text
    digits = string.ascii_letters + string.digits + NOT_IN_BASE62
    typos = {
        *(text[:place] + digits[place % len(digits)] + text[place + 1 :] for place in range(len(text))),
        *(text[:place] + text[place].swapcase() + text[place + 1 :] for place in range(len(text))),
        *(text[:length] for length in range(len(text))),
        *(text + more for more in ("0", "=", text)),
        text[:50] + other[50:],
        text.removeprefix(PREFIX),
        text.replace("sk_live_", "sk_test_"),
        write_api_key("sk_test_", Issued("", text).content),
        *NOT_KEYS,
    } - {text}
    calls.names.clear()
    for typo in typos:
        assert talk.client.call("me", headers={"X-API-Key": typo}).status == 401, typo
        if "." not in typo:
            assert talk.client.call("me", token=typo).status == 401, typo
    assert calls.names == []


def test_a_use_costs_one_round_trip_and_a_write_a_minute(talk: KeysBehaviour, owner: Entry, calls: Calls) -> None:
    """Key and user are read at once; that the key is in use is noted at its first use, and once it is a minute old."""
    key = talk.key_of(owner)

    def asked() -> list[str]:
        calls.names.clear()
        assert talk.client.call("me", token=key.text).status == 200
        return list(calls.names)

    assert [asked() for _ in range(3)] == [[READ, NOTED], [READ], [READ]]
    talk.change_key(key, last_used_at=now() - USE_NOTED_SECONDS + 5)
    assert asked() == [READ]
    talk.change_key(key, last_used_at=now() - USE_NOTED_SECONDS)
    assert [asked() for _ in range(2)] == [[READ, NOTED], [READ]]
    talk.rotated(key, owner)
    assert asked() == [READ]


def test_a_use_that_cannot_be_noted_refuses_nobody(talk: KeysBehaviour, owner: Entry, calls: Calls) -> None:
    """What fails at noting is told to nobody, and the next use is noted."""
    key = talk.key_of(owner)
    for failure in (
        refused(400, "ThrottlingException"),
        refused(503, "ServiceUnavailable"),
        refused(400, "TransactionConflictException"),
        refused(400, "ConditionalCheckFailedException"),
    ):
        calls.names.clear()
        with calls.disturbed(NOTED, failure):
            assert talk.client.call("me", token=key.text).status == 200
        assert NOTED in calls.names
        assert talk.shown(key, owner)["last_used_at"] is None
    assert talk.client.call("me", token=key.text).status == 200
    assert talk.shown(key, owner)["last_used_at"] is not None


def test_a_key_that_cannot_be_read_is_not_judged(talk: KeysBehaviour, owner: Entry, calls: Calls) -> None:
    """While DynamoDB is away the answer is to try again, and no 401 on which a program would give its key up."""
    key = talk.key_of(owner)
    with calls.disturbed(READ, refused(503, "ServiceUnavailable")):
        reply = talk.client.call("me", token=key.text)
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    assert statuses(talk, key) == [200]


def test_a_key_whose_making_failed_does_not_exist(talk: KeysBehaviour, owner: Entry, calls: Calls) -> None:
    """When a key, its other secret or its end cannot be stored the client is told to try again; nothing changes."""
    key = talk.key_of(owner)
    failure = refused(503, "ServiceUnavailable")
    with calls.disturbed("dynamodb.PutItem", failure):
        assert talk.create(owner).status == 503
    with calls.disturbed("dynamodb.UpdateItem", failure, sparing=1):  # the attempt is counted before
        assert talk.rotate(key, owner, overlap=0).status == 503
    with calls.disturbed("dynamodb.DeleteItem", failure):
        assert talk.delete(key, owner) == 503
    assert [each["id"] for each in talk.listed(owner)] == [key.id]
    assert statuses(talk, key) == [200]
    with calls.answers_lost("dynamodb.DeleteItem"):
        assert talk.delete(key, owner) == 503
    assert statuses(talk, key) == [401]
    assert talk.delete(key, owner) == 404


def test_a_key_is_made_although_no_mail_can_be_sent(talk: KeysBehaviour, owner: Entry, calls: Calls) -> None:
    """The key exists by then, and its text is told this once."""
    with calls.disturbed("sqs", refused(503, "ServiceUnavailable")):
        key = talk.key_of(owner)
    assert statuses(talk, key) == [200]


# Precedence


def test_the_first_credential_counts(talk: KeysBehaviour) -> None:
    """`Authorization` comes before `X-API-Key`, and that before a cookie; a bad one hides what comes after it."""
    people = [talk.newcomer("bearer") for _ in range(3)]
    (by_bearer, by_key, by_cookie) = (user for user, _ in people)
    bearer, key = (talk.key_of(entry).text for _, entry in people[:2])
    cookie = f"{SESSION_COOKIE}={talk.with_cookie(by_cookie.email).credential['cookie']}"

    def who(**headers: str) -> str | None:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        reply = talk.client.call("me", headers=sent)
        return reply.json["id"] if reply.status == 200 else None

    assert who(Authorization=f"Bearer {bearer}", X_API_Key=key, Cookie=cookie) == by_bearer.id
    assert who(X_API_Key=key, Cookie=cookie) == by_key.id
    assert who(Cookie=cookie) == by_cookie.id
    assert who(Authorization=f"Bearer {bearer}", X_API_Key="nonsense") == by_bearer.id
    for bad in ("", "Bearer", "Bearer x", "Bearer a.b.c", "Basic dXNlcjpwYXNz", key):
        assert who(Authorization=bad, X_API_Key=key, Cookie=cookie) is None
    for bad in ("", " ", "nonsense", f"Bearer {key}"):
        assert who(X_API_Key=bad, Cookie=cookie) is None
    assert who(X_API_Key=str(people[0][1].credential["token"])) is None


def test_a_key_needs_no_proof_of_where_it_comes_from(talk: KeysBehaviour, owner: Entry) -> None:
    """No browser sends a key by itself: a request with one is no cross-site request, cookie or not."""
    key = talk.key_of(owner)
    cookie = talk.with_cookie()
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "X-API-Key": key.text}
    cookies = {"Cookie": f"{SESSION_COOKIE}={cookie.credential['cookie']}"}
    assert talk.client.call("update_me", {"full_name": "Ada"}, headers=evil).status == 200
    assert talk.client.call("end_other_sessions", headers={**evil, **cookies}).status == 204
    assert talk.is_live(cookie)
    assert not talk.is_live(owner)


def test_a_cookie_makes_a_key_with_proof_alone(talk: KeysBehaviour) -> None:
    """Another site cannot have its visitor's browser make a key."""
    entry = talk.with_cookie()
    cookie = entry.credential["cookie"]
    assert talk.client.call("create_key", {}, cookie=cookie).status == 403
    assert talk.listed(entry) == []
    assert talk.client.call("create_key", {}, cookie=cookie, headers=dict(SAME_ORIGIN)).status == 201


# Settings


def test_the_prefix_is_a_setting(house: House, talk: KeysBehaviour) -> None:
    """Where nothing is live keys begin with `sk_test_`, and those of the live deployment are none there."""
    stage = redeployed(house, ("register", "login", "create_key", "me"), API_KEY_PREFIX="sk_test_")
    tester = talking(stage)
    _, entry = tester.newcomer("bearer")
    text = tester.payload(tester.create(entry))["api_key"]
    assert text.startswith("sk_test_")
    assert tester.client.call("me", token=text).status == 200
    assert talk.client.call("me", token=text).status == 401
    live = talk.key_of(talk.newcomer("bearer")[1])
    assert tester.client.call("me", token=live.text).status == 401


def test_how_many_keys_a_user_has_is_a_setting(house: House, talk: KeysBehaviour, owner: Entry) -> None:
    """The limit is each user's own. Lowering it ends no key, and keeps users from making more."""
    small = talking(redeployed(house, ("create_key",), API_KEYS_PER_USER="2"))
    keys = [small.key_of(owner) for _ in range(2)]
    assert small.create(owner).status == 409
    assert small.create(talk.newcomer("bearer")[1]).status == 201
    keys.append(talk.key_of(owner))
    assert talk.delete(keys[0], owner) == 204
    assert statuses(talk, *keys[1:]) == [200, 200]
    assert small.create(owner).status == 409
    assert talk.delete(keys[1], owner) == 204
    assert small.create(owner).status == 201


# Rotating


def test_a_rotation_without_overlap_is_always_possible(talk: KeysBehaviour, owner: Entry) -> None:
    """Whoever fears that a key has leaked ends all its texts at once, even if no more of them may overlap."""
    keys = [talk.key_of(owner)]
    keys += [talk.rotated(keys[0], owner) for _ in range(MAX_SECRETS - 1)]
    assert talk.rotate(keys[0], owner).status == 409
    last = talk.rotated(keys[0], owner, overlap=0)
    assert statuses(talk, *keys, last) == [401] * MAX_SECRETS + [200]


# Odd requests


@pytest.mark.parametrize("body", [[], "x", 7, {"overlap": {}}, {"scopes": {}}, {"name": []}])
def test_odd_bodies_are_told(talk: KeysBehaviour, owner: Entry, body: Any) -> None:
    """What is no object, or has fields of other types, is a 400; what a model does not name is ignored."""
    key = talk.key_of(owner)
    made = talk.client.call("create_key", body, **owner.credential)
    rotated = talk.client.call("rotate_key", body, path=key.path, **owner.credential)
    wrong = {"create_key": made.status, "rotate_key": rotated.status}
    if isinstance(body, dict):
        del wrong["create_key" if "overlap" in body else "rotate_key"]
    assert set(wrong.values()) == {400}
    assert statuses(talk, key) == [200]


def test_a_key_that_was_pasted_as_an_id_is_not_logged(talk: KeysBehaviour, owner: Entry) -> None:
    """People paste a key's text where its id belongs: the answer is 404, and no line of the log holds it."""
    key = talk.key_of(owner)
    with logged() as log:
        for endpoint in ("key", "delete_key", "rotate_key"):
            reply = talk.client.call(endpoint, path={"key_id": key.text}, **owner.credential)
            assert reply.status == 404
    assert log.entries()
    assert key.text not in log.stream.getvalue()


def test_nobody_grants_a_key_anything(talk: KeysBehaviour, owner: Entry) -> None:
    """Members of the body that the contract does not name are ignored."""
    granted = {"id": "x", "user_id": "x", "slot": 77, "epoch": sys.maxsize, "contract": "igny8", "secrets": "x"}
    key = talk.issued(talk.client.call("create_key", granted, **owner.credential))
    stored = talk.key_item(key)
    assert key.content.slot == 0
    assert (stored["contract"], stored["epoch"]) == ({"S": "standard"}, {"N": "0"})
    assert stored["secrets"] != {"S": "x"}
