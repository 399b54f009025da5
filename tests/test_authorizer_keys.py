"""The Lambda authorizer and API keys, as a REST API's and an HTTP API's, strict and stateless."""

from typing import Any

import pytest
from keyfob.clock import now
from keyfob.contracts import NAMES, contract_named
from keyfob.errors import Unavailable
from keyfob.gateway.authorizer import Unauthorized
from keyfob.model.api_key import USE_NOTED_SECONDS
from keyfob.model.permission import ROLE_PERMISSIONS, TO_BE_NAMED
from keyfob.settings import InvalidSetting

from tests.aws_calls import Calls, refused
from tests.contracts.keys_behaviour import NOT_KEYS, Issued, KeysBehaviour
from tests.house import House
from tests.redeployed import redeployed
from tests.speakers import speaker
from tests.test_authorizer import (
    ALL,
    EVERYTHING,
    MODES,
    Authorize,
    Event,
    authorizer,
    http_api,
    rest_request,
    rest_token,
)

ORDERS = "owner=orders:read orders:write, viewer=orders:read"


pytestmark = pytest.mark.usefixtures("no_pauses")


@pytest.fixture(scope="module")
def house(tapped_house: House) -> House:
    """A deployment whose calls are tapped."""
    return tapped_house


class Owner:
    """Somebody signed in on a contract who has a key."""

    def __init__(self, house: House, contract: str = "standard", **wanted: Any) -> None:
        """Sign in, and make a key."""
        talk = speaker(contract, house)
        assert isinstance(talk, KeysBehaviour)
        self.house, self.talk = house, talk
        self.user, self.entry = talk.newcomer("bearer")
        self.key: Issued = talk.key_of(self.entry, **wanted)
        self.key_id = talk.key_item(self.key)["key_id"]["S"]


def events(text: str) -> list[Event]:
    """Return what every kind of API asks about a key, in either header; a `TOKEN` event has but one."""
    bearer = f"Bearer {text}"
    return [
        rest_token(bearer),
        rest_request(bearer),
        http_api(bearer),
        rest_request(text, header="X-API-Key"),
        http_api(text, header="x-api-key"),
    ]


def effect(authorize: Authorize, event: Event) -> str:
    """Return what an API is told: ``Allow``, ``Deny``, or ``Unauthorized``."""
    try:
        answer = authorize(event)
    except Unauthorized:
        return "Unauthorized"
    if "isAuthorized" in answer:
        return "Allow" if answer["isAuthorized"] else "Deny"
    (statement,) = answer["policyDocument"]["Statement"]
    return str(statement["Effect"])


def allows(authorize: Authorize, key: Issued) -> bool:
    """Tell whether APIs are told to let a request with a key through; all kinds of them are told the same."""
    (agreed,) = {effect(authorize, event) == "Allow" for event in events(key.text)}
    return agreed


# Shapes


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("contract", NAMES)
def test_the_context_tells_whose_key_it_is_in_strings(contract: str, mode: str, house: House) -> None:
    """Integrations get the facts of the user and of its key, which is read in both modes."""
    owner = Owner(house, contract, scopes=["profile:read", "content:write"])
    expected = {
        "sub": owner.user.id,
        "user_id": str(contract_named(contract).tokens.user_id(owner.user)),
        "account_id": owner.user.account.id,
        "role": "owner",
        "permissions": "content:write profile:read",
        "scopes": "content:write profile:read",
        "session_id": "",
        "key_id": owner.key_id,
        "contract": contract,
    }
    authorize = authorizer(house, mode)
    for event in events(owner.key.text):
        assert authorize(event)["context"] == expected


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_to_a_key_covers_the_whole_stage(mode: str, house: House) -> None:
    """As for a token: the key is the caller's in any request, whatever the method."""
    owner = Owner(house)
    rest = authorizer(house, mode)
    iam = authorizer(house, mode, http_api_response="iam")
    for event in events(owner.key.text):
        policy = iam(event) if "version" in event else rest(event)
        assert policy["principalId"] == owner.user.id
        assert policy["policyDocument"]["Statement"] == [
            {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": EVERYTHING}
        ]


def test_a_session_has_no_key_and_a_key_no_session(house: House) -> None:
    """What is not there is an empty text, which every kind of API can hold."""
    owner, authorize = Owner(house), authorizer(house)
    by_token = authorize(rest_token(f"Bearer {owner.entry.credential['token']}"))["context"]
    by_key = authorize(rest_token(f"Bearer {owner.key.text}"))["context"]
    assert (by_token["session_id"], by_token["key_id"]) == (owner.entry.session_id, "")
    assert (by_key["session_id"], by_key["key_id"]) == ("", owner.key_id)
    same = ("sub", "user_id", "account_id", "role", "scopes", "contract")
    assert [by_token[name] for name in same] == [by_key[name] for name in same]
    assert set(by_token["permissions"].split()) - set(by_key["permissions"].split()) == TO_BE_NAMED


@pytest.mark.parametrize("mode", MODES)
def test_permissions_are_what_the_user_may_do_now_within_the_scopes(mode: str, house: House) -> None:
    """A role or a flag that changes counts at once, and never widens a key."""
    owner = Owner(house)
    narrow = owner.talk.key_of(owner.entry, scopes=["members:read", "content:read"])
    house.change_user(owner.user.id, is_staff=True, has_membership=True)
    staff = owner.talk.key_of(owner.entry, scopes=["*", "staff"])
    authorize = authorizer(house, mode)

    def permissions() -> list[set[str]]:
        answers = [authorize(rest_token(f"Bearer {key.text}")) for key in (owner.key, narrow, staff)]
        return [set(answer["context"]["permissions"].split()) for answer in answers]

    owns, views = (set(ROLE_PERMISSIONS[role] - TO_BE_NAMED) for role in ("owner", "viewer"))
    assert permissions() == [owns, {"members:read", "content:read"}, owns | {"staff"}]
    house.change_user(owner.user.id, account_role="viewer", is_staff=False)
    assert permissions() == [views, {"content:read"}, views]


# Refusals


@pytest.mark.parametrize("mode", MODES)
def test_what_ends_a_key_ends_it_at_once(mode: str, house: House) -> None:
    """An authorizer that allowed a key a moment ago refuses it when it is deleted, expired, or rotated away."""
    owner, authorize = Owner(house), authorizer(house, mode)
    expiring = owner.talk.key_of(owner.entry, expires_in=60)
    rotating = owner.talk.key_of(owner.entry)
    assert all(allows(authorize, key) for key in (owner.key, expiring, rotating))
    assert owner.talk.delete(owner.key, owner.entry) == 204
    owner.talk.change_key(expiring, expires_at=now())
    rotated = owner.talk.rotated(rotating, owner.entry, overlap=0)
    assert not any(allows(authorize, key) for key in (owner.key, expiring, rotating))
    assert effect(authorize, rest_token(f"Bearer {owner.key.text}")) == "Unauthorized"
    assert allows(authorize, rotated)


@pytest.mark.parametrize("mode", MODES)
def test_a_deactivated_users_key_is_denied_at_once(mode: str, house: House) -> None:
    """The credentials are good, so the answer is a 403 and no 401; a deleted user's key is worth nothing."""
    owner, authorize = Owner(house), authorizer(house, mode)
    assert allows(authorize, owner.key)
    house.change_user(owner.user.id, is_active=False)
    assert {effect(authorize, event) for event in events(owner.key.text)} == {"Deny"}
    house.change_user(owner.user.id, is_active=True)
    assert allows(authorize, owner.key)
    assert owner.talk.client.call("delete_me", **owner.entry.credential).status == 204
    assert effect(authorize, rest_token(f"Bearer {owner.key.text}")) == "Unauthorized"


@pytest.mark.parametrize("mode", MODES)
def test_only_keys_of_the_contracts_that_are_set_are_taken(mode: str, house: House) -> None:
    """A key of a contract that is not among `AUDIENCES` is refused, and so is every key if there are none."""
    owner = Owner(house, "igny8")
    assert allows(authorizer(house, mode, audiences="standard, igny8"), owner.key)
    assert not allows(authorizer(house, mode, audiences=ALL.replace("igny8", "")), owner.key)
    assert not allows(authorizer(house, mode, audiences=""), owner.key)


@pytest.mark.parametrize("mode", MODES)
def test_what_is_no_key_costs_no_call(mode: str, house: House, calls: Calls) -> None:
    """Typos, other deployments' keys and odd texts are refused before anything is asked."""
    owner, authorize = Owner(house), authorizer(house, mode)
    text = owner.key.text
    typos = [*NOT_KEYS, text[:-1], text + "0", text.swapcase(), text.replace("live", "test"), f"{text} {text}"]
    calls.names.clear()
    for typo in typos:
        for event in (rest_request(typo, header="X-API-Key"), http_api(typo, header="X-API-Key")):
            assert effect(authorize, event) in {"Unauthorized", "Deny"}
        if "." not in typo:
            assert effect(authorize, rest_token(f"Bearer {typo}")) == "Unauthorized"
    assert calls.names == []


@pytest.mark.parametrize("mode", MODES)
def test_the_first_credential_counts(mode: str, house: House) -> None:
    """`Authorization` comes before `X-API-Key`, and that before a cookie; a bad one hides what comes after it."""
    owner, other, authorize = Owner(house), Owner(house), authorizer(house, mode)
    cookie = f"__Host-session={owner.talk.with_cookie(owner.user.email).credential['cookie']}"
    bearer, api_key = f"Bearer {owner.key.text}", other.key.text

    def subject(**headers: str) -> str | None:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        event = {**rest_request(""), "httpMethod": "GET", "headers": {"Host": "api.example.com", **sent}}
        try:
            return str(authorize(event)["context"]["sub"])
        except Unauthorized:
            return None

    assert subject(Authorization=bearer, X_API_Key=api_key, Cookie=cookie) == owner.user.id
    assert subject(Authorization=bearer, X_API_Key="x") == owner.user.id
    assert subject(X_API_Key=api_key, Cookie=cookie) == other.user.id
    assert subject(Cookie=cookie) == owner.user.id
    for bad in ("", "Bearer", "Bearer x", "Bearer a.b.c", api_key):
        assert subject(Authorization=bad, X_API_Key=api_key, Cookie=cookie) is None
    for bad in ("", " ", "x", bearer):
        assert subject(X_API_Key=bad, Cookie=cookie) is None


# Calls


@pytest.mark.parametrize("mode", MODES)
def test_a_key_is_one_round_trip_and_seldom_a_write(mode: str, house: House, calls: Calls) -> None:
    """Key and user are read at once, and no secret; a use is noted when the last noted one is a minute old."""
    owner, authorize = Owner(house), authorizer(house, mode)
    asked, noted = ["dynamodb.BatchGetItem"], ["dynamodb.BatchGetItem", "dynamodb.UpdateItem"]
    for expected in (noted, asked, asked):
        calls.names.clear()
        authorize(rest_token(f"Bearer {owner.key.text}"))
        assert calls.names == expected
    owner.talk.change_key(owner.key, last_used_at=now() - USE_NOTED_SECONDS)
    calls.names.clear()
    authorize(rest_token(f"Bearer {owner.key.text}"))
    assert calls.names == noted


def test_the_use_that_is_noted_is_as_api_gateway_tells_it(house: House) -> None:
    """The address is API Gateway's own, never a header's; a `TOKEN` event tells none."""
    owner, authorize = Owner(house), authorizer(house)
    text = owner.key.text
    for event, ip, user_agent in (
        (rest_token(f"Bearer {text}"), None, None),
        (rest_request(text, header="X-API-Key"), "203.0.113.7", "tests/9"),
        (http_api(text, header="x-api-key"), "203.0.113.7", "tests/9"),
    ):
        if "headers" in event:
            event["headers"] |= {"User-Agent": "tests/9", "X-Forwarded-For": "198.51.100.99"}
        authorize(event)
        shown = owner.talk.shown(owner.key, owner.entry)
        assert shown["last_used_at"] is not None
        assert (shown["last_used_ip"], shown["last_used_user_agent"]) == (ip, user_agent)
        owner.talk.change_key(owner.key, last_used_at=0)


def test_a_failure_is_no_denial(house: House, calls: Calls) -> None:
    """When keys cannot be read, nobody is judged; a use that cannot be noted costs nobody its access."""
    owner, authorize = Owner(house), authorizer(house)
    with calls.disturbed("dynamodb.BatchGetItem", refused(500, "InternalServerError")):
        for event in events(owner.key.text):
            with pytest.raises(Unavailable):
                authorize(event)
    for failure in (refused(500, "InternalServerError"), refused(400, "TransactionConflictException")):
        calls.names.clear()
        with calls.disturbed("dynamodb.UpdateItem", failure):
            assert allows(authorize, owner.key)
        assert "dynamodb.UpdateItem" in calls.names
    assert owner.talk.shown(owner.key, owner.entry)["last_used_at"] is None


# Roles


@pytest.mark.parametrize("mode", MODES)
def test_what_a_deployment_adds_to_roles_is_told(mode: str, house: House) -> None:
    """Its own permissions are in contexts, whatever the credential, in access tokens, and can be scopes of keys."""
    shop = redeployed(
        house,
        ("register", "login", "session_login", "create_key", "authorizer"),
        ROLE_PERMISSIONS=ORDERS,
        AUTHORIZER_MODE=mode,
    )
    owner = Owner(shop, scopes=["orders:read"])
    everything = owner.talk.key_of(owner.entry)
    token = str(owner.entry.credential["token"])
    cookie = owner.talk.with_cookie(owner.user.email).credential["cookie"]
    may = {*ROLE_PERMISSIONS["owner"], "orders:read", "orders:write"}
    expected, unnamed = (" ".join(sorted(each)) for each in (may, may - TO_BE_NAMED))
    assert owner.talk.claims(token)["scope"] == expected
    asked = {**rest_request(""), "headers": {"Cookie": f"__Host-session={cookie}"}}
    permissions = [
        shop.runtime.invoke("authorizer", event)["context"]["permissions"]
        for event in (
            rest_token(f"Bearer {token}"),
            rest_token(f"Bearer {everything.text}"),
            rest_token(f"Bearer {owner.key.text}"),
            asked,
        )
    ]
    assert permissions == [expected, unnamed, "orders:read", expected]
    assert effect(authorizer(house, mode), rest_token(f"Bearer {owner.key.text}")) == "Allow"


@pytest.mark.parametrize(
    "permissions", ["king=orders:read", "owner=orders", "owner=Orders:Read", "owner=*", "owner=staff", "=orders:read"]
)
@pytest.mark.parametrize("function", ["authorizer", "me", "login", "create_key"])
def test_a_wrong_table_of_permissions_fails_at_once(function: str, permissions: str, house: House) -> None:
    """A role that is none, and a permission that a flag or a star could be taken for, fail at import, by name."""
    with pytest.raises(InvalidSetting, match="ROLE_PERMISSIONS"):
        redeployed(house, (function,), ROLE_PERMISSIONS=permissions)
