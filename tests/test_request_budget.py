"""What each flow asks of AWS: which calls, and how many units of DynamoDB, as Amazon's own engine counts."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from keyfob.clock import now
from keyfob.model.api_key import MAX_SECRETS

from bench.consumption import Consumption, counted
from tests.contracts.keys_behaviour import KeysBehaviour
from tests.hooks import hooked
from tests.house import ORIGIN, PASSWORD, SESSION_COOKIE, House, Reply, running_house, unique
from tests.mail_tokens import emailed, invited
from tests.speakers import CONTRACTS, administration_speaker, speaker
from tests.throttles import new_ip

LONGEST_USER_AGENT = {"User-Agent": "a" * 255}
LONGEST_NAME = "\N{GRINNING FACE}" * 150
LONGEST_KEY_NAME = "\N{KEY}" * 100
LONGEST_SCOPES = "x" * 2300
"""As many characters as what a role allows has, and all that a deployment can add to it."""
METHOD_ARN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/orders"
NO_PATH: Mapping[str, str] = MappingProxyType({})

Flow = Callable[[], object]


class Budget(NamedTuple):
    """How many units a flow may consume."""

    reads: float
    writes: float


BUDGETS = {
    "login": Budget(reads=3, writes=1),
    "session_login": Budget(reads=3, writes=1),
    "failing login": Budget(reads=3, writes=2),
    "failing session_login": Budget(reads=3, writes=2),
    "failing login of nobody": Budget(reads=3, writes=2),
    "refresh": Budget(reads=1, writes=1),
    "me": Budget(reads=2, writes=0),
    "me by cookie": Budget(reads=2, writes=0),
    "authorizer": Budget(reads=2, writes=0),
    "authorizer by cookie": Budget(reads=2, writes=0),
    "me by key": Budget(reads=2, writes=0),
    "first me by key": Budget(reads=2, writes=1),
    "authorizer by key": Budget(reads=2, writes=0),
    "first authorizer by key": Budget(reads=2, writes=1),
    "forgot_password": Budget(reads=0.5, writes=1),
    "send_verification": Budget(reads=0.5, writes=1),
}
COUNTED = ["GetItem", "UpdateItem"]
"""An attempt: whether there was any lately, and one more."""

LOGIN = ["GetItem"] * 4
"""Whose identifier it is, what is counted of the address and of the account, and the user."""

FORGIVEN = ["UpdateItem"] * 3
"""Wrong passwords: of the id, of the email address and of the username."""

CALLS = {
    "register": [*COUNTED, "SendMessage", "GetItem", "TransactWriteItems"],
    "login": [*LOGIN, "PutItem"],
    "session_login": [*LOGIN, "PutItem"],
    "failing login": [*LOGIN, "UpdateItem", "UpdateItem"],
    "failing session_login": [*LOGIN, "UpdateItem", "UpdateItem"],
    "failing login of nobody": [*LOGIN, "UpdateItem", "UpdateItem"],
    "refresh": ["GetItem", "UpdateItem"],
    "me": ["BatchGetItem"],
    "me by cookie": ["BatchGetItem"],
    "authorizer": ["BatchGetItem"],
    "authorizer by cookie": ["BatchGetItem"],
    "me by key": ["BatchGetItem"],
    "first me by key": ["BatchGetItem", "UpdateItem"],
    "authorizer by key": ["BatchGetItem"],
    "first authorizer by key": ["BatchGetItem", "UpdateItem"],
    "create_key": ["BatchGetItem", *COUNTED, "Query", "PutItem", "SendMessage"],
    "keys": ["BatchGetItem", *COUNTED, "Query"],
    "key": ["BatchGetItem", *COUNTED, "Query"],
    "rotate_key": ["BatchGetItem", *COUNTED, "Query", "UpdateItem"],
    "delete_key": ["BatchGetItem", *COUNTED, "Query", "DeleteItem"],
    "sessions": ["BatchGetItem", *COUNTED, "Query"],
    "session_logout": ["BatchGetItem", "DeleteItem"],
    "forgot_password": [*COUNTED, "SendMessage"],
    "send_verification": [*COUNTED, "SendMessage"],
    "verify_email": [*COUNTED, "GetItem", "GetItem", "TransactWriteItems"],
    "reset_password": [*COUNTED, "GetItem", "GetItem", "Query", "TransactWriteItems", *FORGIVEN, "SendMessage"],
    "change_password": ["BatchGetItem", *COUNTED, "GetItem", "TransactWriteItems", "SendMessage"],
    "update_me": ["BatchGetItem", *COUNTED, "GetItem", "GetItem", "SendMessage"],
    "end_other_sessions": ["BatchGetItem", *COUNTED, "TransactWriteItems"],
    "delete_me": [
        "BatchGetItem",
        *COUNTED,
        "Query",
        "GetItem",
        "TransactWriteItems",
        "Query",
        "DeleteItem",
        "DeleteItem",
        "Query",
        "SendMessage",
    ],
}

SIGNED_IN = ["BatchGetItem", *COUNTED]
FOUND = {"standard": ["GetItem"], "igny8": ["GetItem", "GetItem"]}
"""The user that a path names, after whose number it is where users are shown by numbers."""


class Calls(list[str]):
    """The operations that were called, in their order."""

    def note(self, model: Any, **_: object) -> None:
        """Note one that was answered."""
        self.append(model.name)


class Visitor:
    """Somebody with the longest user agent, signed in by a token and by a cookie, from addresses that did nothing."""

    def __init__(self, house: House, contract: str) -> None:
        """Register and sign in."""
        self.house = house
        self.talk = speaker(contract, house)
        username = unique()
        self.email = f"{username}@example.com"
        self.successful("register", self.talk.register_body(username, self.email))
        self.forget_sessions()
        self.tokens = self.log_in("login")
        self.token = self.talk.access_token(self.tokens)
        self.cookie = self.log_in("session_login").cookies[SESSION_COOKIE]

    def forget_sessions(self) -> None:
        """End the session that registering began, where it did."""
        user = self.house.users.find(self.email)
        assert user is not None
        self.house.sessions.forget(user.id)

    def call(self, endpoint: str, body: Any = None, **credentials: Any) -> Reply:
        """Return the reply of a call."""
        headers = {**LONGEST_USER_AGENT, "Origin": ORIGIN}
        return self.talk.client.call(endpoint, body, headers=headers, source_ip=new_ip(), **credentials)

    def successful(self, endpoint: str, body: Any = None, **credentials: Any) -> Reply:
        """Return the reply of a call that succeeds."""
        reply = self.call(endpoint, body, **credentials)
        assert reply.status in {200, 201, 204}, reply.text
        return reply

    def log_in(self, endpoint: str) -> Reply:
        """Log in."""
        return self.successful(endpoint, self.talk.login_body(self.email, PASSWORD))

    def fail(self, endpoint: str, identifier: str) -> None:
        """Log in with a wrong password."""
        assert self.call(endpoint, self.talk.login_body(identifier, "not-the-password")).status == 401


def flows(house: House, contract: str) -> dict[str, Flow]:
    """Return each flow of somebody new, ready to begin."""
    visitor = Visitor(house, contract)
    send, talk, newcomer = visitor.successful, visitor.talk, unique()
    signed_in, by_cookie = {"token": visitor.token}, {"cookie": visitor.cookie}
    email = {"email": visitor.email}
    new, current = (
        ("newPassword", "currentPassword") if contract == "reference" else ("new_password", "current_password")
    )
    reset = {"token": emailed(house, visitor.email, "RESET"), new: "another-password"}
    verification = emailed(house, visitor.email, "VERIFY")
    return {
        "register": partial(send, "register", talk.register_body(newcomer, f"{newcomer}@example.com")),
        "login": partial(visitor.log_in, "login"),
        "session_login": partial(visitor.log_in, "session_login"),
        "failing login": partial(visitor.fail, "login", visitor.email),
        "failing session_login": partial(visitor.fail, "session_login", visitor.email),
        "failing login of nobody": partial(visitor.fail, "login", unique()),
        "refresh": partial(send, "refresh", talk.refresh_body(talk.refresh_token(visitor.tokens))),
        "me": partial(send, "me", **signed_in),
        "me by cookie": partial(send, "me", **by_cookie),
        "authorizer": partial(authorized, house, token_event(visitor.token)),
        "authorizer by cookie": partial(authorized, house, cookie_event(visitor.cookie)),
        "sessions": partial(send, "sessions", **signed_in),
        "session_logout": partial(send, "session_logout", **by_cookie),
        "forgot_password": partial(send, "forgot_password", email),
        "send_verification": partial(send, "send_verification", email),
        "verify_email": partial(send, "verify_email", path={"token": verification}),
        "reset_password": partial(send, "reset_password", reset),
        "change_password": partial(send, "change_password", {current: PASSWORD, new: "another-password"}, **signed_in),
        "update_me": partial(send, "update_me", {"email": f"new-{visitor.email}", current: PASSWORD}, **signed_in),
        "end_other_sessions": partial(send, "end_other_sessions", **signed_in),
        "delete_me": partial(send, "delete_me", **signed_in),
    }


def key_flows(house: House, contract: str) -> dict[str, Flow]:
    """Return each flow of somebody new that is about its API keys, one of which has just been used, ready to begin."""
    visitor = Visitor(house, contract)
    send, talk, signed_in = visitor.successful, visitor.talk, {"token": visitor.token}
    assert isinstance(talk, KeysBehaviour)
    used, unused = (talk.issued(send("create_key", {"name": LONGEST_KEY_NAME}, **signed_in)) for _ in range(2))
    send("me", token=used.text)
    return {
        "me by key": partial(send, "me", token=used.text),
        "first me by key": partial(send, "me", token=unused.text),
        "authorizer by key": partial(authorized, house, token_event(used.text)),
        "first authorizer by key": partial(authorized, house, token_event(unused.text)),
        "create_key": partial(send, "create_key", {}, **signed_in),
        "keys": partial(send, "keys", **signed_in),
        "key": partial(send, "key", path=used.path, **signed_in),
        "rotate_key": partial(send, "rotate_key", {}, path=used.path, **signed_in),
        "delete_key": partial(send, "delete_key", path=used.path, **signed_in),
    }


def prepared(house: House, contract: str, flow: str) -> Flow:
    """Return a flow of somebody new, ready to begin."""
    return (key_flows if "key" in flow else flows)(house, contract)[flow]


def token_event(token: str) -> dict[str, Any]:
    """Return what an authorizer gets of a bearer token."""
    return {"type": "TOKEN", "authorizationToken": f"Bearer {token}", "methodArn": METHOD_ARN}


def cookie_event(cookie: str) -> dict[str, Any]:
    """Return what an authorizer gets of a session cookie."""
    headers = {"Cookie": f"{SESSION_COOKIE}={cookie}", "Host": "api.example.com"}
    return {"type": "REQUEST", "httpMethod": "GET", "headers": headers, "methodArn": METHOD_ARN}


def authorized(house: House, event: dict[str, Any]) -> None:
    """Let the authorizer allow a call of another API."""
    policy = house.runtime.invoke("authorizer", event)["policyDocument"]
    assert policy["Statement"][0]["Effect"] == "Allow"


@pytest.fixture(scope="module")
def calls() -> Calls:
    """What the functions of this module have called."""
    return Calls()


@pytest.fixture(scope="module")
def consumption() -> Iterator[Consumption]:
    """What the functions of this module have consumed."""
    with counted() as consumption:
        yield consumption


@pytest.fixture(scope="module")
def house(dynamodb_local_url: str, calls: Calls, consumption: Consumption) -> Iterator[House]:
    """A deployment whose calls are noted and whose consumption is counted."""
    dynamodb, sqs = hooked("after-call.dynamodb", calls.note), hooked("after-call.sqs", calls.note)
    with dynamodb, sqs, running_house(dynamodb_url=dynamodb_local_url) as house:
        consumption.clear()
        yield house
        house.drop_tables()


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("flow", CALLS)
def test_a_flow_makes_just_these_calls(house: House, calls: Calls, contract: str, flow: str) -> None:
    """What changes more than one item is one transaction, reading who is signed in is one round trip, mail one call."""
    run = prepared(house, contract, flow)
    calls.clear()
    run()
    assert calls == CALLS[flow]


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("flow", BUDGETS)
def test_a_flow_stays_within_its_budget(house: House, consumption: Consumption, contract: str, flow: str) -> None:
    """A flow consumes no more units than this, with a user agent as long as one can be."""
    run = prepared(house, contract, flow)
    consumption.clear()
    run()
    assert 0 < consumption.reads <= BUDGETS[flow].reads
    assert consumption.writes == BUDGETS[flow].writes


def test_a_cookie_that_was_not_used_for_an_hour_costs_one_write(house: House, consumption: Consumption) -> None:
    """Its use is noted, so that its session goes on; for an hour the next ones write nothing."""
    visitor = Visitor(house, "standard")
    user = house.users.find(visitor.email)
    assert user is not None
    (session,) = [each for each in house.sessions.of_user(user.id, after=None, limit=9).sessions if each.secret_digest]
    house.change_session(user.id, session.id, refreshed_at=now() - 3601)
    for writes in (1, 0):
        consumption.clear()
        visitor.successful("me", cookie=visitor.cookie)
        assert (consumption.reads, consumption.writes) == (2, writes)


def test_a_login_after_failures_costs_four_writes_more(house: House, consumption: Consumption) -> None:
    """From an address and at an account with failures a login is counted at both first, and forgiven at both then."""
    visitor, ip = Visitor(house, "standard"), new_ip()
    for password in ("not-the-password", PASSWORD):
        consumption.clear()
        visitor.talk.client.call("login", {"email": visitor.email, "password": password}, source_ip=ip)
    assert (consumption.reads, consumption.writes) == (3, 5)


def test_the_longest_profile_costs_no_more(house: House, consumption: Consumption) -> None:
    """A user whose every field is as long as it may be is still read in one unit."""
    visitor = Visitor(house, "pythonorg")
    client, successful = visitor.talk, visitor.successful
    email = f"{'m' * 64}@{'.'.join(['d' * 59] * 3)}.example"
    names = {"first_name": LONGEST_NAME, "last_name": LONGEST_NAME}
    successful("register", {**client.register_body(unique("u" * 140), email), **names})
    consumption.clear()
    login = successful("login", client.login_body(email, PASSWORD))
    assert (consumption.reads, consumption.writes) == (3, 1)
    consumption.clear()
    successful("me", token=client.access_token(login))
    assert (consumption.reads, consumption.writes) == (2, 0)


def test_the_longest_key_costs_no_more(house: House, consumption: Consumption) -> None:
    """A key whose every field is as long as it may be is still read in one unit, and so is its user."""
    visitor = Visitor(house, "standard")
    talk, successful, signed_in = visitor.talk, visitor.successful, {"token": visitor.token}
    assert isinstance(talk, KeysBehaviour)
    key = talk.issued(successful("create_key", {"name": LONGEST_KEY_NAME, "expires_in": 3600}, **signed_in))
    for _ in range(MAX_SECRETS - 1):
        successful("rotate_key", {}, path=key.path, **signed_in)
    talk.change_key(key, scopes=f"* {LONGEST_SCOPES}")
    successful("me", token=key.text)
    consumption.clear()
    successful("me", token=key.text)
    assert (consumption.reads, consumption.writes) == (2, 0)


@pytest.mark.parametrize("contract", FOUND)
def test_what_concerns_others_makes_just_these_calls(house: House, calls: Calls, contract: str) -> None:
    """Seeing members is one query and one round trip, whoever leaves an account does so in one transaction."""
    talk, found = administration_speaker(contract, house), FOUND[contract]
    owner, guest, staff, somebody = talk.person(), talk.person(), talk.superuser(), talk.person().user
    member, leaver = talk.joining(owner, "viewer").user, talk.joining(owner, "admin")
    token = invited(house, guest.user.email, by=owner.user)
    path = {"invitation_id": talk.shown_invitations(owner)[0].id}
    revoke = partial(talk.client.call, "revoke_invitation", path=path, **owner.entry.credential)
    expected: list[tuple[Callable[[], Reply], list[str]]] = [
        (partial(talk.members, owner), ["Query", "BatchGetItem"]),
        (partial(talk.change_role, owner, member, "owner"), [*found, "GetItem", "TransactWriteItems"]),
        (partial(talk.remove, owner, member), [*found, "GetItem", "TransactWriteItems"]),
        (partial(talk.leave, leaver), ["GetItem", "TransactWriteItems"]),
        (partial(talk.client.call, "invitations", **owner.entry.credential), ["Query"]),
        (partial(talk.accept, guest, token), [*["GetItem"] * 4, "TransactWriteItems"]),
        (partial(talk.invite, owner, somebody.email), ["GetItem", "GetItem", "PutItem", "SendMessage"]),
        (partial(talk.invite, owner, "nobody@example.com"), ["GetItem", "GetItem", "PutItem", "SendMessage"]),
        (partial(talk.client.call, "users", **staff.entry.credential), ["Scan"]),
        (partial(talk.client.call, "users", query="email=a@b.c", **staff.entry.credential), ["GetItem", "GetItem"]),
        (partial(talk.about, "user", staff, somebody), found),
        (partial(talk.change_user, staff, somebody, is_active=False), [*found, "TransactWriteItems"]),
        (partial(talk.about, "end_user_sessions", staff, somebody), [*found, "TransactWriteItems"]),
        (partial(talk.about, "send_user_reset", staff, somebody), [*found, "SendMessage"]),
        (revoke, ["DeleteItem"]),
    ]
    for flow, made in expected:
        calls.clear()
        flow()
        assert calls == [*SIGNED_IN, *made], flow
