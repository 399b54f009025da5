"""Every kind of secret offered wherever one is taken: just the documented pairs pass, on every contract.

Whoever gets hold of one kind, from a mail, a log of a proxy or a cookie jar, must not make another of it.
"""

from collections.abc import Iterator

import pytest
from keyfob.model.permission import PUBLIC

from tests.house import SESSION_COOKIE, House, Reply
from tests.managers import manager_of
from tests.speakers import CONTRACTS, UNLIKE
from tests.visitor import ENDPOINTS, WITHOUT_A_TOKEN, Visitor, stored

REFUSED = {400, 401, 404}

ACCESS, REFRESH, COOKIE, KEY = "an access token", "a refresh token", "a session cookie", "an API key"
VERIFICATION, RESET, INVITATION = "a token to verify", "a token to reset", "a token to join"
FOREIGN, FOREIGN_KEY = "another contract's access token", "another contract's API key"
KINDS = (ACCESS, REFRESH, COOKIE, KEY, VERIFICATION, RESET, INVITATION, FOREIGN, FOREIGN_KEY)


class Secrets:
    """One visitor, and a secret of every kind that are all its own, but for those of another contract."""

    def __init__(self, contract: str, house: House) -> None:
        """Sign in everywhere."""
        self.house, self.visitor = house, Visitor(contract, house)
        visitor, talk = self.visitor, self.visitor.talk
        stranger = manager_of(next(each for each in CONTRACTS if each != contract), house)
        self.of = {
            ACCESS: visitor.token,
            REFRESH: talk.refresh_token(visitor.login),
            COOKIE: visitor.cookie,
            KEY: visitor.key.text,
            VERIFICATION: visitor.verification,
            RESET: visitor.reset,
            INVITATION: visitor.invitation,
            FOREIGN: stranger.token,
            FOREIGN_KEY: stranger.key.text,
        }

    def but(self, *kinds: str) -> Iterator[tuple[str, str]]:
        """Yield all kinds but these, each with its secret."""
        return ((kind, secret) for kind, secret in self.of.items() if kind not in kinds)


@pytest.fixture(params=CONTRACTS)
def secrets(request: pytest.FixtureRequest, house: House) -> Secrets:
    """A visitor of each contract."""
    return Secrets(request.param, house)


def refused(reply: Reply) -> bool:
    """Tell whether a reply lets nobody in and hands out nothing."""
    return reply.status in REFUSED and not reply.cookies


@pytest.mark.parametrize("secrets", UNLIKE, indirect=True)
def test_every_kind_is_offered(secrets: Secrets) -> None:
    """They differ, so none stands for two."""
    assert set(secrets.of) == set(KINDS)
    assert len(set(secrets.of.values())) == len(KINDS)


def test_only_access_tokens_and_keys_of_the_contract_are_bearers(secrets: Secrets) -> None:
    """Every endpoint that is for somebody refuses all else, nothing is stored, and the right token passes."""
    visitor = secrets.visitor
    right, before = visitor.token, stored(secrets.house)
    for kind, secret in secrets.but(ACCESS, KEY):
        visitor.token = secret
        for endpoint in _for_somebody(visitor):
            assert _asked(visitor, endpoint, secret).status == 401, (endpoint, kind)
    assert stored(secrets.house) == before
    visitor.token = right
    visitor.check_all_succeeds()


def _for_somebody(visitor: Visitor) -> list[str]:
    operations = visitor.talk.spec.operations
    return [each for each in ENDPOINTS if each not in WITHOUT_A_TOKEN and operations[each].permission != PUBLIC]


def _asked(visitor: Visitor, endpoint: str, secret: str) -> Reply:
    return visitor.talk.client.call("logout", token=secret) if endpoint == "logout" else visitor.send(endpoint)


def test_only_a_refresh_token_refreshes(secrets: Secrets) -> None:
    """An access token that leaked is not made to last, and offering it ends no session."""
    talk = secrets.visitor.talk
    for kind, secret in secrets.but(REFRESH):
        assert refused(talk.client.call("refresh", talk.refresh_body(secret))), kind
    assert talk.client.call("refresh", talk.refresh_body(secrets.of[REFRESH])).status == 200


@pytest.mark.parametrize("secrets", UNLIKE, indirect=True)
def test_only_a_session_cookie_is_one(secrets: Secrets) -> None:
    """No token is taken from the cookie, and the cookie's value from no other place."""
    client = secrets.visitor.talk.client
    for kind, secret in secrets.but(COOKIE):
        assert client.call("me", cookie=secret).status == 401, kind
    assert client.call("me", headers={"X-API-Key": secrets.of[COOKIE]}).status == 401
    assert client.call("me", headers={"Cookie": f"{SESSION_COOKIE}={secrets.of[COOKIE]}"}).status == 200


@pytest.mark.parametrize("secrets", UNLIKE, indirect=True)
def test_only_an_api_key_is_one(secrets: Secrets) -> None:
    """The header for keys takes nothing that a person is signed in by."""
    client = secrets.visitor.talk.client
    for kind, secret in secrets.but(KEY):
        assert client.call("me", headers={"X-API-Key": secret}).status == 401, kind
    assert client.call("me", headers={"X-API-Key": secrets.of[KEY]}).status == 200


@pytest.mark.parametrize("secrets", UNLIKE, indirect=True)
@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [("verify_email", VERIFICATION), ("reset_password", RESET), ("accept_invitation", INVITATION)],
)
def test_only_its_own_mail_does_what_a_mail_is_for(endpoint: str, kind: str, secrets: Secrets) -> None:
    """A token to verify an address sets no password and joins nothing, nor the other way about."""
    visitor = secrets.visitor
    name = {VERIFICATION: "verification", RESET: "reset", INVITATION: "invitation"}[kind]
    for other, secret in secrets.but(kind):
        setattr(visitor, name, secret)
        assert refused(visitor.send(endpoint)), other
    setattr(visitor, name, secrets.of[kind])
    assert visitor.succeeds(endpoint)


@pytest.mark.parametrize("contract", UNLIKE)
def test_an_id_is_no_secret(contract: str, house: House) -> None:
    """Who knows the ids of a user, a session, an account and a key, all of which show, is nobody yet."""
    visitor = Visitor(contract, house)
    talk = visitor.talk
    claims = talk.claims(visitor.token)
    for known in (claims["sub"], claims["sid"], claims["jti"], claims["account_id"], str(claims["user_id"])):
        assert talk.client.call("me", token=known).status == 401
        assert talk.client.call("me", cookie=known).status == 401
        assert talk.client.call("me", headers={"X-API-Key": known}).status == 401
        assert refused(talk.client.call("refresh", talk.refresh_body(known)))
