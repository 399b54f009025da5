"""The Lambda authorizer and session cookies, as a REST API's and an HTTP API's, strict and stateless."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from keyfob.clock import now
from keyfob.contracts import NAMES, contract_named
from keyfob.contracts.base import Contract
from keyfob.gateway.authorizer import Unauthorized
from keyfob.gateway.session_cookie import session_cookie_value
from keyfob.model.permission import ROLE_PERMISSIONS

from tests.contracts.cookies_behaviour import CookieBehaviour, Entry, read
from tests.house import ORIGIN, SESSION_COOKIE, House
from tests.speakers import speaker
from tests.test_authorizer import EVENTS, MODES, Authorize, Event, authorizer

HOST = "api.example.com"
STAGE = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod"
READING = [f"{STAGE}/{method}/*" for method in ("GET", "HEAD", "OPTIONS")]
KINDS = ("REQUEST", "2.0")


def event_of(kind: str, cookie: str, method: str = "GET", **headers: str) -> Event:
    """Return what an API asks about a request with a whole `Cookie` header, if any, and no `Authorization`."""
    arn = f"{STAGE}/{method}/orders/42"
    sent = {"Host": HOST, "X-Forwarded-Proto": "https", **headers}
    if kind == "REQUEST":
        event: Event = json.loads((EVENTS / "authorizer.rest-request.json").read_text())
        return {**event, "methodArn": arn, "httpMethod": method, "headers": {**sent, "Cookie": cookie}}
    event = json.loads((EVENTS / "authorizer.http-v2.json").read_text())
    context = event["requestContext"]
    return {
        **event,
        "routeArn": arn,
        "identitySource": [cookie],
        "headers": {name.lower(): value for name, value in sent.items()},
        "cookies": cookie.split("; "),
        "requestContext": {**context, "http": {**context["http"], "method": method}},
    }


def allows(authorize: Authorize, cookie: str, method: str = "GET", **headers: str) -> bool:
    """Tell whether APIs are told to let a request through; all kinds of them are told the same."""
    (agreed,) = {_lets_through(authorize, event_of(kind, cookie, method, **headers)) for kind in KINDS}
    return agreed


def _lets_through(authorize: Authorize, event: Event) -> bool:
    try:
        answer = authorize(event)
    except Unauthorized:
        return False
    return bool(answer["isAuthorized"]) if "isAuthorized" in answer else _statement(answer)["Effect"] == "Allow"


def _statement(answer: Mapping[str, Any]) -> dict[str, Any]:
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Action"] == "execute-api:Invoke"
    return dict(statement)


class Visitor:
    """Somebody who is signed in on a contract with a cookie."""

    def __init__(self, house: House, contract: str = "standard") -> None:
        """Sign in."""
        talk = speaker(contract, house)
        assert isinstance(talk, CookieBehaviour)
        self.house, self.talk = house, talk
        self.entry: Entry = talk.with_cookie()
        self.content = read(self.entry.credential["cookie"])
        self.cookie = f"{SESSION_COOKIE}={self.entry.credential['cookie']}"
        self.csrf_token = self.entry.reply.headers["x-csrf-token"]

    @property
    def spec(self) -> Contract:
        """The contract that the visitor signed in on."""
        return contract_named(self.talk.contract)


# Shapes


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("contract", NAMES)
def test_a_cookie_tells_who_is_asking_as_a_token_does(contract: str, mode: str, house: House) -> None:
    """Integrations get the same facts, all as strings, in both modes: a cookie says nothing by itself."""
    visitor = Visitor(house, contract)
    user = house.users.get(visitor.content.user_id)
    assert user is not None
    expected = {
        "sub": user.id,
        "user_id": str(visitor.spec.tokens.user_id(user)),
        "account_id": user.account.id,
        "role": "owner",
        "permissions": " ".join(sorted(ROLE_PERMISSIONS["owner"])),
        "scopes": "*",
        "session_id": visitor.entry.session_id,
        "key_id": "",
        "contract": contract,
    }
    authorize = authorizer(house, mode)
    for kind in KINDS:
        assert authorize(event_of(kind, visitor.cookie))["context"] == expected
    assert authorize(event_of("REQUEST", visitor.cookie))["principalId"] == user.id


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_policy_for_reading_covers_reading_alone(method: str, house: House) -> None:
    """API Gateway may keep it, and must not let a request through with it that has not been checked."""
    visitor = Visitor(house)
    for answer in (
        authorizer(house)(event_of("REQUEST", visitor.cookie, method)),
        authorizer(house, http_api_response="iam")(event_of("2.0", visitor.cookie, method)),
    ):
        assert _statement(answer) == {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": READING}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "CUSTOM"])
def test_a_policy_for_a_change_covers_that_very_request(method: str, house: House) -> None:
    """What has been checked is this request; no other route and no other method comes through with it."""
    visitor = Visitor(house)
    ours = {"Sec-Fetch-Site": "same-origin"}
    for answer in (
        authorizer(house)(event_of("REQUEST", visitor.cookie, method, **ours)),
        authorizer(house, http_api_response="iam")(event_of("2.0", visitor.cookie, method, **ours)),
    ):
        statement = _statement(answer)
        assert (statement["Effect"], statement["Resource"]) == ("Allow", f"{STAGE}/{method}/orders/42")


def test_an_http_api_gets_a_simple_answer(house: House) -> None:
    """An HTTP API that is not set to policies is told yes or no."""
    visitor, authorize = Visitor(house), authorizer(house)
    answer = authorize(event_of("2.0", visitor.cookie))
    assert answer.keys() == {"isAuthorized", "context"}
    assert answer["isAuthorized"] is True
    assert authorize(event_of("2.0", visitor.cookie, "POST")) == {"isAuthorized": False}


# Refusals


@pytest.mark.parametrize("mode", MODES)
def test_what_is_no_live_cookie_is_unauthorized(mode: str, house: House) -> None:
    """A wrong secret, another session, nonsense, an unprefixed name and a cookie that comes twice are a 401."""
    authorize, visitor, other = authorizer(house, mode), Visitor(house), Visitor(house)
    value = visitor.entry.credential["cookie"]
    bad = [
        f"{SESSION_COOKIE}={session_cookie_value(visitor.content._replace(secret=other.content.secret))}",
        f"{SESSION_COOKIE}={session_cookie_value(visitor.content._replace(session_id=other.content.session_id))}",
        f"{SESSION_COOKIE}={session_cookie_value(visitor.content._replace(user_id=other.content.user_id))}",
        f"{SESSION_COOKIE}=nonsense",
        f"session={value}",
        f"{visitor.cookie}; {other.cookie}",
        "theme=dark",
        "",
    ]
    for cookie in bad:
        with pytest.raises(Unauthorized, match=r"\AUnauthorized\Z"):
            authorize(event_of("REQUEST", cookie))
        assert authorize(event_of("2.0", cookie)) == {"isAuthorized": False}
    assert allows(authorize, f"theme=dark; {visitor.cookie}")


@pytest.mark.parametrize("mode", MODES)
def test_a_cookie_is_refused_as_soon_as_its_session_is_over(mode: str, house: House) -> None:
    """In both modes: after a logout, at its expiry, and when the user has ended its other sessions."""
    authorize = authorizer(house, mode)
    visitors = [Visitor(house) for _ in range(3)]
    assert all(allows(authorize, visitor.cookie) for visitor in visitors)
    gone, expired, elsewhere = visitors
    assert gone.talk.client.call("session_logout", **gone.entry.credential).status == 200
    house.change_session(expired.content.user_id, expired.entry.session_id, expires_at=now())
    user = house.users.get(elsewhere.content.user_id)
    assert user is not None
    here = elsewhere.talk.with_cookie(user.email)
    assert elsewhere.talk.client.call("end_other_sessions", **here.credential).status == 204
    assert not any(allows(authorize, visitor.cookie) for visitor in visitors)
    assert allows(authorize, f"{SESSION_COOKIE}={here.credential['cookie']}")


@pytest.mark.parametrize("mode", MODES)
def test_an_inactive_user_is_forbidden(mode: str, house: House) -> None:
    """The cookie is good and its owner deactivated: a 403, and no 401."""
    authorize, visitor = authorizer(house, mode), Visitor(house)
    house.change_user(visitor.content.user_id, is_active=False)
    assert _statement(authorize(event_of("REQUEST", visitor.cookie)))["Effect"] == "Deny"
    assert authorize(event_of("2.0", visitor.cookie)) == {"isAuthorized": False}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("contract", NAMES)
def test_only_cookies_of_the_contracts_that_are_set_are_taken(contract: str, mode: str, house: House) -> None:
    """A cookie of a contract that is not among `AUDIENCES` is refused, and so is every one if there are none."""
    visitor = Visitor(house, contract)
    others = ",".join(name for name in NAMES if name != contract)
    assert allows(authorizer(house, mode, audiences=contract), visitor.cookie)
    assert not allows(authorizer(house, mode, audiences=others), visitor.cookie)
    assert not allows(authorizer(house, mode, audiences=""), visitor.cookie)


def test_an_authorization_wins_over_a_cookie(house: House) -> None:
    """A bad token beside a good cookie is refused, and a good one beside a bad cookie is not."""
    authorize, visitor = authorizer(house), Visitor(house)
    token = visitor.talk.access_token(visitor.talk.logged_in())
    for authorization in ("Bearer x.y.z", "Basic dXNlcjpwYXNz", ""):
        assert not allows(authorize, visitor.cookie, Authorization=authorization)
    assert allows(authorize, f"{SESSION_COOKIE}=nonsense", "POST", Authorization=f"Bearer {token}")
    everything = authorize(event_of("REQUEST", visitor.cookie, "POST", Authorization=f"Bearer {token}"))
    assert _statement(everything)["Resource"] == f"{STAGE}/*"


def test_a_token_event_has_no_cookie(house: House) -> None:
    """What is sent as a token is none, whatever it looks like."""
    visitor = Visitor(house)
    event = {"type": "TOKEN", "authorizationToken": visitor.cookie, "methodArn": f"{STAGE}/GET/x"}
    with pytest.raises(Unauthorized):
        authorizer(house)(event)


# Cross-site requests


@pytest.mark.parametrize("mode", MODES)
def test_a_change_needs_proof_of_where_it_comes_from(mode: str, house: House) -> None:
    """The rule is that of Keyfob's own endpoints; without proof a cookie is a 403, and reading needs none."""
    authorize, visitor, other = authorizer(house, mode), Visitor(house), Visitor(house)
    proofs: list[dict[str, str]] = [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": f"https://{HOST}"},
        {"Origin": ORIGIN},
        {"X-CSRF-Token": visitor.csrf_token},
        {"X-CSRF-Token": visitor.csrf_token, "Origin": "https://evil.example"},
    ]
    suspicious: list[dict[str, str]] = [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": f"http://{HOST}"},
        {"Origin": f"https://{HOST}:8443"},
        {"Origin": f"https://{HOST}.evil.example"},
        {"X-CSRF-Token": other.csrf_token},
        {"X-CSRF-Token": "\u00e9"},
    ]
    for headers in proofs:
        assert allows(authorize, visitor.cookie, "DELETE", **headers)
    for headers in suspicious:
        assert not allows(authorize, visitor.cookie, "DELETE", **headers)
        assert _statement(authorize(event_of("REQUEST", visitor.cookie, "POST", **headers)))["Effect"] == "Deny"
        assert allows(authorize, visitor.cookie, "GET", **headers)


def test_over_http_a_cookie_has_no_prefix(house: House) -> None:
    """On a laptop the cookie is that of HTTP, and the own origin too."""
    authorize, visitor = authorizer(house), Visitor(house)
    cookie = f"session={visitor.entry.credential['cookie']}"
    http = {"X-Forwarded-Proto": "http"}
    assert allows(authorize, cookie, "POST", Origin=f"http://{HOST}", **http)
    assert not allows(authorize, cookie, "POST", Origin=f"https://{HOST}", **http)
    assert not allows(authorize, visitor.cookie, **http)


def test_the_authorizer_writes_nothing(house: House) -> None:
    """Its role allows no write: using another API does not prolong a session, using Keyfob's own does."""
    visitor = Visitor(house)
    house.change_session(visitor.content.user_id, visitor.entry.session_id, refreshed_at=now() - 100_000)
    before = house.everything()
    assert allows(authorizer(house), visitor.cookie)
    assert house.everything() == before
