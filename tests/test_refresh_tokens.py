"""Refresh tokens that nobody should have, but which are signed by a key of ours."""

from typing import Any

import pytest
from keyfob.clock import now
from keyfob.contracts import contract_named
from keyfob.crypto import jwt
from keyfob.crypto.keys import KeySet
from keyfob.errors import InvalidRefreshToken, Unavailable
from keyfob.model.permission import Permissions
from keyfob.model.session import Client, Session
from keyfob.model.token import RefreshClaims
from keyfob.service.keys import MIN_RELOAD_SECONDS, Keys
from keyfob.service.sessions import new_session
from keyfob.service.tokens import TokenIssuer

from tests.crypto.keys import key_set, refresh_jwk, signing_jwk
from tests.fakes import TIME, FakeClock, Shelf, somebody
from tests.house import House
from tests.speakers import CONTRACTS, speaker

ISSUER = "https://auth.example.com"
CLAIMS = RefreshClaims(ISSUER, "somebody", "standard", TIME + 60, TIME, "a-session.3", "a-session", 3)


def read(claims: dict[str, Any]) -> RefreshClaims:
    """Return what a token that says `claims`, under a right signature, is read as."""
    keys = key_set("ES256")
    return _issuer(keys).read_refresh_token(jwt.sign(claims, keys.refresh_signer_at(TIME)), "standard", TIME)


def test_a_refresh_token_says_what_it_was_made_of() -> None:
    """What is read is what was signed."""
    assert read(CLAIMS._asdict()) == CLAIMS


@pytest.mark.parametrize("name", RefreshClaims._fields)
def test_every_claim_is_needed(name: str) -> None:
    """A token of our own key that lacks a claim, such as one of an older version, is invalid and no fault."""
    claims = CLAIMS._asdict()
    del claims[name]
    with pytest.raises(InvalidRefreshToken):
        read(claims)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"aud": "metatag"},
        {"aud": ["standard"]},
        {"type": "access"},
        {"exp": TIME},
        {"exp": 0},
    ],
)
def test_a_token_that_is_not_for_us_now_is_invalid(change: dict[str, Any]) -> None:
    """Another issuer, another audience, another use, or no time left."""
    with pytest.raises(InvalidRefreshToken):
        read({**CLAIMS._asdict(), **change})


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_token_of_a_user_who_is_gone_is_invalid(contract: str, house: House) -> None:
    """A user that was deleted cannot refresh, even if a session was left behind."""
    talk = speaker(contract, house)
    policy = contract_named(contract).tokens
    session = new_session(somebody(), policy, Client("192.0.2.1", ""), now())
    house.sessions.add(session)
    reply = talk.client.call("refresh", talk.refresh_body(house.issuer.refresh_token(session, policy)))
    assert (reply.status, talk.error(reply)) == (401, "Invalid or expired refresh token")


def _session(refreshed_at: int) -> Session:
    policy = contract_named("standard").tokens
    return new_session(somebody(), policy, Client("192.0.2.1", ""), refreshed_at)


def _document(*turns: int) -> dict[str, Any]:
    entries = [{"signs_from": turn, "jwk": {**refresh_jwk(), "kid": str(turn)}} for turn in turns]
    return {"signing": [{"signs_from": 0, "jwk": signing_jwk("ES256")}], "refresh": entries}


def test_the_successor_is_the_same_before_and_after_a_rotation() -> None:
    """In the grace window a lost answer is given again, letter by letter, by a function with newer keys too."""
    policy = contract_named("standard").tokens
    before, after = _issuer(KeySet(_document(0))), _issuer(KeySet(_document(0, TIME)))
    for refreshed_at in (TIME - 10, TIME - 1):
        session = _session(refreshed_at)
        assert before.refresh_token(session, policy) == after.refresh_token(session, policy)
    later = _session(TIME)
    assert before.refresh_token(later, policy) != after.refresh_token(later, policy)


def _issuer(keys: KeySet) -> TokenIssuer:
    return TokenIssuer(ISSUER, Keys(lambda: "a document", lambda _: keys, FakeClock()), Permissions())


def test_without_keys_a_refresh_token_is_not_judged() -> None:
    """While keys cannot be read nobody is logged out: that is told apart from a bad token."""
    issuer = TokenIssuer(ISSUER, Keys(Shelf("", away=True).read, KeySet.from_json, FakeClock()), Permissions())
    with pytest.raises(Unavailable):
        issuer.read_refresh_token("a.b.c", "standard", TIME)


def test_forgeries_cost_no_more_than_a_bounded_reload() -> None:
    """However many tokens of unknown keys arrive, the secret is read at most once in `MIN_RELOAD_SECONDS`."""
    clock, shelf = FakeClock(), Shelf("a document")
    keys = key_set("ES256")
    issuer = TokenIssuer(ISSUER, Keys(shelf.read, lambda _: keys, clock), Permissions())
    for _ in range(2):
        clock.time += MIN_RELOAD_SECONDS
        for _ in range(20):
            with pytest.raises(InvalidRefreshToken):
                issuer.read_refresh_token("a.b.c", "standard", TIME)
    assert shelf.reads == 2
