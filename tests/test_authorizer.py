"""The Lambda authorizer, as a REST API's and an HTTP API's, strict and stateless."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from keyfob.clock import now
from keyfob.contracts import NAMES, contract_named
from keyfob.errors import Unavailable
from keyfob.gateway.authorizer import Unauthorized
from keyfob.model.permission import MEMBERSHIP, ROLE_PERMISSIONS

from local.runtime import Runtime
from tests.aws_calls import Calls, refused
from tests.house import House
from tests.speakers import speaker

Event = dict[str, Any]
Authorize = Callable[[Event], Any]

EVENTS = Path(__file__).parents[1] / "events"
ARN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/orders/42"
EVERYTHING = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*"
MODES = ("strict", "stateless")
ALL = ",".join(NAMES)
NO_HEADERS: tuple[dict[str, str] | None, ...] = ({}, None)
BAD_AUTHORIZATION = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer nonsense",
    "Bearer a.b.c",
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    "Basic dXNlcjpwYXNz",
    "Bearer \u00e9.\u00e9.\u00e9",
    "Bearer " + "x" * 10_000,
    "Bearer\tx.y.z",
]


def rest_token(authorization: str, arn: str = ARN) -> Event:
    """Return what a REST API asks of an authorizer of the type `TOKEN`."""
    return {"type": "TOKEN", "authorizationToken": authorization, "methodArn": arn}


def rest_request(authorization: str, arn: str = ARN, header: str = "Authorization") -> Event:
    """Return what a REST API asks of an authorizer of the type `REQUEST`."""
    event: Event = json.loads((EVENTS / "authorizer.rest-request.json").read_text())
    headers = {"Host": "api.example.com", header: authorization}
    lists = {name: [text] for name, text in headers.items()}
    return {**event, "methodArn": arn, "headers": headers, "multiValueHeaders": lists}


def http_api(authorization: str, arn: str = ARN, header: str = "authorization") -> Event:
    """Return what an HTTP API asks of an authorizer of the format 2.0."""
    event: Event = json.loads((EVENTS / "authorizer.http-v2.json").read_text())
    headers = {"host": "api.example.com", header: authorization}
    return {**event, "routeArn": arn, "headers": headers, "identitySource": [authorization]}


KINDS: dict[str, Callable[..., Event]] = {"TOKEN": rest_token, "REQUEST": rest_request, "2.0": http_api}


@pytest.fixture(scope="module")
def house(tapped_house: House) -> House:
    """A deployment whose calls are tapped."""
    return tapped_house


def authorizer(
    house: House, mode: str = "strict", *, audiences: str = ALL, http_api_response: str = "simple"
) -> Authorize:
    """Return the authorizer, freshly started under these settings."""
    function = house.deployment.functions["authorizer"]
    environment = {
        **function.environment,
        "AUTHORIZER_MODE": mode,
        "AUDIENCES": audiences,
        "HTTP_API_RESPONSE": http_api_response,
    }
    changed = dataclasses.replace(function, environment=environment)
    runtime = Runtime(dataclasses.replace(house.deployment, functions={"authorizer": changed}))
    return lambda event: runtime.invoke("authorizer", event)


class SignedIn:
    """Somebody who is signed in on a contract."""

    def __init__(self, house: House, contract: str = "standard") -> None:
        """Sign in."""
        self.house = house
        self.talk = speaker(contract, house)
        self.login = self.talk.logged_in()
        self.token = self.talk.access_token(self.login)
        self.bearer = f"Bearer {self.token}"
        self.claims = self.talk.claims(self.token)

    def expired(self) -> str:
        """Return an `Authorization` of the same session that has just expired."""
        user = self.house.users.get(self.claims["sub"])
        assert user is not None
        policy = contract_named(self.talk.contract).tokens
        session = self.talk.stored_session(self.claims)
        return f"Bearer {self.house.issuer.access_token(user, session, policy, now() - policy.access_seconds)}"


def allows(authorize: Authorize, authorization: str) -> bool:
    """Tell whether APIs are told to let a request through; all kinds of them are told the same."""
    (agreed,) = {_lets_through(authorize, make(authorization)) for make in KINDS.values()}
    return agreed


def _lets_through(authorize: Authorize, event: Event) -> bool:
    if "version" in event:
        return bool(authorize(event)["isAuthorized"])
    try:
        return _effect(authorize(event)) == "Allow"
    except Unauthorized:
        return False


def _effect(answer: Any) -> str:
    (statement,) = answer["policyDocument"]["Statement"]
    return str(statement["Effect"])


# Shapes


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["TOKEN", "REQUEST"])
def test_a_rest_api_gets_a_policy_for_the_whole_stage(kind: str, mode: str, house: House) -> None:
    """The policy allows every route of the stage, since API Gateway keeps it for the caller's next route."""
    visitor = SignedIn(house)
    answer = authorizer(house, mode)(KINDS[kind](visitor.bearer))
    assert answer.keys() == {"principalId", "policyDocument", "context"}
    assert answer["principalId"] == visitor.claims["sub"]
    assert answer["policyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": EVERYTHING}],
    }


@pytest.mark.parametrize("mode", MODES)
def test_an_http_api_gets_the_answer_that_it_is_set_to(mode: str, house: House) -> None:
    """An HTTP API expects `isAuthorized`, or a policy as a REST API does."""
    visitor = SignedIn(house)
    simple = authorizer(house, mode)(http_api(visitor.bearer))
    iam = authorizer(house, mode, http_api_response="iam")(http_api(visitor.bearer))
    assert simple == {"isAuthorized": True, "context": iam["context"]}
    assert (iam["principalId"], _effect(iam)) == (visitor.claims["sub"], "Allow")
    assert iam["policyDocument"]["Statement"][0]["Resource"] == EVERYTHING


@pytest.mark.parametrize(
    ("arn", "resource"),
    [
        ("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/", "a1b2c3d4e5/prod/*"),
        ("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/$default/POST/a/b/c", "a1b2c3d4e5/$default/*"),
        ("arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:x/v1/DELETE/prod/GET/x", "x/v1/*"),
    ],
)
def test_the_policy_is_for_one_api_and_one_stage(arn: str, resource: str, house: House) -> None:
    """However a path is spelled, the policy covers the stage that was called and nothing beside it."""
    visitor = SignedIn(house)
    for mode in MODES:
        statement = authorizer(house, mode)(rest_token(visitor.bearer, arn))["policyDocument"]["Statement"][0]
        assert statement["Resource"] == f"{arn.rpartition(':')[0]}:{resource}"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("contract", NAMES)
def test_the_context_tells_who_is_asking_in_strings(contract: str, mode: str, house: House) -> None:
    """Integrations get the token's facts, all as strings, which is what every kind of API can hold."""
    visitor = SignedIn(house, contract)
    user = house.users.get(visitor.claims["sub"])
    assert user is not None
    expected = {
        "sub": user.id,
        "user_id": str(contract_named(contract).tokens.user_id(user)),
        "account_id": user.account.id,
        "role": "owner",
        "permissions": " ".join(sorted(ROLE_PERMISSIONS["owner"])),
        "scopes": "*",
        "session_id": visitor.claims["sid"],
        "key_id": "",
        "contract": contract,
    }
    authorize = authorizer(house, mode)
    for make in KINDS.values():
        assert authorize(make(visitor.bearer))["context"] == expected


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("header", ["authorization", "Authorization", "AUTHORIZATION", "aUTHORIZATION"])
def test_header_names_are_read_in_any_case(header: str, mode: str, house: House) -> None:
    """REST APIs pass names on as they were sent, HTTP APIs in lower case, and laptops as they please."""
    authorize, visitor = authorizer(house, mode), SignedIn(house)
    for make in (rest_request, http_api):
        assert "context" in authorize(make(visitor.bearer, header=header))


@pytest.mark.parametrize("mode", MODES)
def test_the_scheme_is_read_in_any_case(mode: str, house: House) -> None:
    """`bearer` is `Bearer`; a token without a scheme is none."""
    authorize, visitor = authorizer(house, mode), SignedIn(house)
    assert allows(authorize, f"bearer {visitor.token}")
    assert allows(authorize, f"BEARER  {visitor.token} ")
    assert not allows(authorize, visitor.token)
    assert not allows(authorize, f"Token {visitor.token}")


# Refusals


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("authorization", BAD_AUTHORIZATION)
def test_bad_credentials_are_unauthorized(authorization: str, mode: str, house: House) -> None:
    """A REST API is told so by an error with exactly this text, an HTTP API by its own kind of no."""
    authorize = authorizer(house, mode)
    for make in (rest_token, rest_request):
        with pytest.raises(Exception, match=r"\AUnauthorized\Z"):
            authorize(make(authorization))
    assert authorize(http_api(authorization)) == {"isAuthorized": False}
    denied = authorizer(house, mode, http_api_response="iam")(http_api(authorization))
    assert (_effect(denied), denied["context"]) == ("Deny", {})


@pytest.mark.parametrize("mode", MODES)
def test_a_request_without_headers_is_unauthorized(mode: str, house: House) -> None:
    """API Gateway may send no headers at all."""
    authorize = authorizer(house, mode)
    for headers in NO_HEADERS:
        with pytest.raises(Exception, match=r"\AUnauthorized\Z"):
            authorize({**rest_request(""), "headers": headers})
        assert authorize({**http_api(""), "headers": headers}) == {"isAuthorized": False}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("contract", NAMES)
def test_only_the_contracts_that_are_set_are_audiences(contract: str, mode: str, house: House) -> None:
    """A token of a contract that is not among `AUDIENCES` is refused, and so is every token if there are none."""
    visitor = SignedIn(house, contract)
    others = ", ".join(name for name in NAMES if name != contract)
    assert allows(authorizer(house, mode, audiences=f"{others}, {contract}"), visitor.bearer)
    assert not allows(authorizer(house, mode, audiences=others), visitor.bearer)
    assert not allows(authorizer(house, mode, audiences=""), visitor.bearer)


@pytest.mark.parametrize("mode", MODES)
def test_other_tokens_are_no_access_tokens(mode: str, house: House) -> None:
    """A refresh token, an expired token, and a token with one letter changed are refused."""
    authorize, visitor = authorizer(house, mode), SignedIn(house)
    assert allows(authorize, visitor.bearer)
    assert not allows(authorize, f"Bearer {visitor.talk.refresh_token(visitor.login)}")
    assert not allows(authorize, visitor.expired())
    head, payload, signature = visitor.token.split(".")
    assert not allows(authorize, f"Bearer {head}.{payload[:-1]}{'A' if payload[-1] != 'A' else 'B'}.{signature}")


# Strict


def test_strict_refuses_who_has_logged_out_at_once(house: House) -> None:
    """A token that was allowed a moment ago, and is remembered, is refused after the logout."""
    authorize, visitor = authorizer(house), SignedIn(house)
    assert allows(authorize, visitor.bearer)
    assert visitor.talk.log_out(visitor.login).status == 200
    assert not allows(authorize, visitor.bearer)


def test_strict_refuses_an_inactive_user_at_once(house: House) -> None:
    """Deactivating a user works without waiting for its tokens to expire, and so does activating it again."""
    authorize, visitor = authorizer(house), SignedIn(house)
    assert allows(authorize, visitor.bearer)
    house.change_user(visitor.claims["sub"], is_active=False)
    assert not allows(authorize, visitor.bearer)
    for make in (rest_token, rest_request):
        assert _effect(authorize(make(visitor.bearer))) == "Deny"  # the credentials are good: a 403, and no 401
    house.change_user(visitor.claims["sub"], is_active=True)
    assert allows(authorize, visitor.bearer)


def test_strict_refuses_a_session_that_has_expired(house: House) -> None:
    """A session that DynamoDB has not deleted yet is over all the same."""
    authorize, visitor = authorizer(house), SignedIn(house)
    house.change_session(visitor.claims["sub"], visitor.claims["sid"], expires_at=now())
    assert not allows(authorize, visitor.bearer)


def test_strict_refuses_after_reuse_of_a_refresh_token(house: House) -> None:
    """When a stolen refresh token comes to light, access tokens of the session end with it."""
    authorize, visitor = authorizer(house), SignedIn(house)
    talk, oldest = visitor.talk, visitor.talk.refresh_token(visitor.login)
    older = talk.refreshed_token(talk.client.call("refresh", talk.refresh_body(oldest)), oldest)
    newest = talk.client.call("refresh", talk.refresh_body(older))
    assert allows(authorize, f"Bearer {talk.access_token(newest)}")
    assert talk.client.call("refresh", talk.refresh_body(oldest)).status == 401
    assert not allows(authorize, f"Bearer {talk.access_token(newest)}")
    assert not allows(authorize, visitor.bearer)


def test_strict_tells_the_role_that_the_user_has_now(house: House) -> None:
    """A role or a flag that changed since the token was made is the one that counts."""
    authorize, visitor = authorizer(house), SignedIn(house)
    assert authorize(rest_token(visitor.bearer))["context"]["role"] == "owner"
    house.change_user(visitor.claims["sub"], account_role="viewer", account_id="0e1b5a52-6f6c-4a16-bb86-5cf3f8f8a2ab")
    house.change_user(visitor.claims["sub"], has_membership=True)
    for make in KINDS.values():
        context = authorize(make(visitor.bearer))["context"]
        assert (context["role"], context["account_id"]) == ("viewer", "0e1b5a52-6f6c-4a16-bb86-5cf3f8f8a2ab")
        assert set(context["permissions"].split()) == ROLE_PERMISSIONS["viewer"] | {MEMBERSHIP}


def test_strict_asks_in_one_round_trip(house: House, calls: Calls) -> None:
    """The session and its user are one call to DynamoDB, each time, for a remembered token too."""
    authorize, visitor = authorizer(house), SignedIn(house)
    authorize(rest_token(visitor.bearer))
    calls.names.clear()
    for _ in range(3):
        authorize(rest_token(visitor.bearer))
    assert calls.names == ["dynamodb.BatchGetItem"] * 3


def test_strict_asks_nothing_about_tokens_that_are_not_ours(house: House, calls: Calls) -> None:
    """A flood of forgeries costs no read."""
    authorize, visitor = authorizer(house), SignedIn(house)
    authorize(rest_token(visitor.bearer))
    calls.names.clear()
    for authorization in (*BAD_AUTHORIZATION, f"{visitor.bearer}x"):
        assert not allows(authorize, authorization)
    assert calls.names == []


# Stateless


def test_stateless_never_asks_dynamodb(house: House, calls: Calls) -> None:
    """The public keys are read once, and nothing else is asked, whatever comes."""
    visitors = [SignedIn(house, contract) for contract in NAMES]
    authorize = authorizer(house, "stateless")
    calls.names.clear()
    for _ in range(2):
        assert all(allows(authorize, visitor.bearer) for visitor in visitors)
        assert not any(allows(authorize, authorization) for authorization in BAD_AUTHORIZATION)
    assert calls.names == ["secrets-manager.GetSecretValue"]


def test_stateless_trusts_a_token_until_it_expires(house: House) -> None:
    """What happened since the token was made is not asked: that is the price of asking nobody."""
    authorize, visitor = authorizer(house, "stateless"), SignedIn(house)
    expired = visitor.expired()
    assert visitor.talk.log_out(visitor.login).status == 200
    house.change_user(visitor.claims["sub"], is_active=False, account_role="viewer")
    assert allows(authorize, visitor.bearer)
    assert authorize(rest_token(visitor.bearer))["context"]["role"] == "owner"
    assert not allows(authorize, expired)


# Failing dependencies


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("http_api_response", ["simple", "iam"])
def test_a_failure_is_no_denial(kind: str, http_api_response: str, house: House, calls: Calls) -> None:
    """When DynamoDB fails the error is raised, so that API Gateway answers 500 and keeps no answer."""
    authorize, visitor = authorizer(house, http_api_response=http_api_response), SignedIn(house)
    event = KINDS[kind](visitor.bearer)
    with calls.disturbed("dynamodb", refused(500, "InternalServerError")), pytest.raises(Unavailable):
        authorize(event)
    authorize(event)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
def test_without_keys_nobody_is_told_no(kind: str, mode: str, house: House, calls: Calls) -> None:
    """An authorizer that cannot read the keys judges nobody, not even forgeries; when it can, it does."""
    visitor = SignedIn(house)
    authorize = authorizer(house, mode)
    with calls.disturbed("secrets-manager", refused(503, "ServiceUnavailable")):
        for authorization in (visitor.bearer, "Bearer a.b.c"):
            with pytest.raises(Unavailable):
                authorize(KINDS[kind](authorization))
    assert allows(authorize, visitor.bearer)
    assert not allows(authorize, "Bearer a.b.c")
