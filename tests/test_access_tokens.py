"""Access tokens: which are taken, and which verified ones are remembered."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from keyfob.crypto import jwt
from keyfob.crypto.keys import PublicKeys
from keyfob.errors import InvalidAccessToken
from keyfob.model.token import AccessClaims
from keyfob.service.access_tokens import CLOCK_SKEW_SECONDS, MAX_REMEMBERED, AccessTokens
from keyfob.service.keys import MAX_AGE_SECONDS, MIN_RELOAD_SECONDS, Keys

from tests.crypto.keys import jwk_set, key_set
from tests.fakes import TIME, FakeClock, Shelf

ALG = "ES256"  # the quickest to sign with
ISSUER = "https://auth.example.com"
CLAIMS = AccessClaims(
    iss=ISSUER,
    sub="71c14ab4-5f4f-4a4d-9f3b-6c2d0b3d9a10",
    aud="standard",
    exp=TIME + 900,
    iat=TIME,
    jti="c7d3b6f2-20f4-44a5-8d4e-4bb3c1a45d0e",
    sid="f2b8a1de-5fd8-4a73-8b8a-0d6f5a1c7e55",
    user_id="71c14ab4-5f4f-4a4d-9f3b-6c2d0b3d9a10",
    account_id="0e1b5a52-6f6c-4a16-bb86-5cf3f8f8a2ab",
    role="owner",
    scope="*",
)


def token(claims: dict[str, Any] | AccessClaims = CLAIMS, name: str = "current") -> str:
    """Return a token that says `claims`, signed by the key called `name`."""
    said = claims._asdict() if isinstance(claims, AccessClaims) else claims
    return jwt.sign(said, key_set(ALG, name).access_signer_at(TIME))


class Reader:
    """Access tokens as a function reads them, with a clock to set and a secret to change."""

    def __init__(self) -> None:
        """Publish the key `current`."""
        self.clock, self.shelf = FakeClock(), Shelf(json.dumps(jwk_set(ALG)))
        self.verified = 0
        self.tokens = AccessTokens(ISSUER, Keys(self.shelf.read, self._parse, self.clock), self.clock)

    def _parse(self, text: str) -> PublicKeys:
        keys = PublicKeys.from_json(text)
        for key in keys.values():
            key.verify = self._counted(key.verify)
        return keys

    def _counted(self, verify: Callable[[bytes, bytes], bool]) -> Callable[[bytes, bytes], bool]:
        def counted(signing_input: bytes, signature: bytes) -> bool:
            self.verified += 1
            return verify(signing_input, signature)

        return counted

    def publish(self, *names: str) -> None:
        """Change which keys are published."""
        self.shelf.text = json.dumps({"keys": [key for name in names for key in jwk_set(ALG, name)["keys"]]})

    def takes(self, text: str, *audiences: str) -> bool:
        """Tell whether a token is taken for one of `audiences`."""
        try:
            self.tokens.read(text, audiences or ("standard",))
        except InvalidAccessToken:
            return False
        return True


def test_a_token_says_what_it_was_made_of() -> None:
    """What is read is what was signed."""
    assert Reader().tokens.read(token(), ("metatag", "standard")) == CLAIMS


def test_an_integer_may_be_a_users_id() -> None:
    """One contract shows integers."""
    assert Reader().takes(token(CLAIMS._replace(user_id=2**53 - 1)))


# Claims

WRONG_TEXTS = (None, 7, 7.5, True, ["standard"], {"standard": 1})
WRONG_TIMES: tuple[object, ...] = (None, True, str(TIME + 60), float(TIME + 60), [TIME + 60], {}, "", "never")
WRONG = {
    **dict.fromkeys(("iss", "sub", "aud", "jti", "sid", "account_id", "role", "scope", "type"), WRONG_TEXTS),
    **dict.fromkeys(("exp", "iat"), WRONG_TIMES),
    "user_id": (None, True, 7.5, [], {}),
}


@pytest.mark.parametrize("name", AccessClaims._fields)
def test_every_claim_is_needed(name: str) -> None:
    """A token of our own key that lacks a claim is refused, whichever it is."""
    claims = CLAIMS._asdict()
    del claims[name]
    assert not Reader().takes(token(claims))


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_every_claim_has_a_type(name: str, value: object) -> None:
    """A claim of another type is refused: no time as a text or a fraction, no list of audiences, nothing `null`."""
    assert not Reader().takes(token({**CLAIMS._asdict(), name: value}))


def test_every_claim_is_tried() -> None:
    """A new claim needs wrong values of its own here."""
    assert set(WRONG) == set(AccessClaims._fields)


@pytest.mark.parametrize(
    "claims",
    [
        CLAIMS._replace(iss="https://evil.example"),
        CLAIMS._replace(iss=f"{ISSUER}/"),
        CLAIMS._replace(aud="metatag"),
        CLAIMS._replace(aud=""),
        CLAIMS._replace(aud="STANDARD"),
        CLAIMS._replace(aud="standard,metatag"),
        CLAIMS._replace(type="refresh"),
        CLAIMS._replace(type="Access"),
        CLAIMS._replace(exp=TIME),
        CLAIMS._replace(exp=TIME - 1),
        CLAIMS._replace(exp=0),
        CLAIMS._replace(exp=-(10**400)),
        CLAIMS._replace(iat=TIME + CLOCK_SKEW_SECONDS + 1),
        CLAIMS._replace(iat=10**400, exp=10**401),
    ],
)
def test_a_token_that_is_not_for_us_now_is_refused(claims: AccessClaims) -> None:
    """Another issuer or audience, another kind of token, one that has expired or comes from the future."""
    assert not Reader().takes(token(claims))


def test_a_clock_may_be_a_little_behind() -> None:
    """A token of a moment ahead is taken; an expired one is not, however little."""
    assert Reader().takes(token(CLAIMS._replace(iat=TIME + CLOCK_SKEW_SECONDS)))
    assert Reader().takes(token(CLAIMS._replace(exp=TIME + 1)))


def test_nothing_else_in_a_token_matters() -> None:
    """Claims that we do not know are not read: `nbf`, `crit`, or a second audience grant and deny nothing."""
    assert Reader().tokens.read(token({**CLAIMS._asdict(), "admin": True, "azp": "x"}), ("standard",)) == CLAIMS


# Remembered tokens


def test_a_token_is_verified_once() -> None:
    """A token that was verified is found by its exact text, and verified no more."""
    reader, text = Reader(), token()
    assert all(reader.takes(text) for _ in range(5))
    assert reader.verified == 1
    assert not reader.takes(text[:-2] + ("AA" if text[-2:] != "AA" else "BB"))
    assert not reader.takes(text + "=")


def test_a_refused_token_is_not_remembered() -> None:
    """What did not verify is verified, and refused, each time."""
    reader = Reader()
    head, _, signature = token().rpartition(".")
    forged = f"{head}.{signature[:-4]}{'AAAA' if signature[-4:] != 'AAAA' else 'BBBB'}"
    assert not any(reader.takes(forged) for _ in range(3))
    assert reader.verified == 3
    assert not reader.tokens._remembered


def test_a_remembered_token_expires() -> None:
    """A token that was taken a second ago is refused from its `exp` on."""
    reader, text = Reader(), token(CLAIMS._replace(exp=TIME + 60))
    assert reader.takes(text)
    reader.clock.time = TIME + 59
    assert reader.takes(text)
    reader.clock.time = TIME + 60
    assert not reader.takes(text)


def test_a_remembered_token_is_for_its_own_audience_alone() -> None:
    """Having been taken for one audience opens no other."""
    reader, text = Reader(), token()
    assert reader.takes(text, "standard")
    assert not reader.takes(text, "metatag")
    assert not reader.takes(text, "metatag", "igny8")
    assert reader.takes(text, "standard")


def test_a_token_is_remembered_even_if_it_is_for_another_audience() -> None:
    """What is remembered is that a signature fits, and no more: an order of requests opens nothing."""
    reader, text = Reader(), token(CLAIMS._replace(aud="metatag"))
    assert not reader.takes(text, "standard")
    assert reader.takes(text, "metatag")
    assert not reader.takes(text, "standard")


def test_a_remembered_token_does_not_outlive_its_key() -> None:
    """Once keys are read again, the tokens of a key that was removed are worth nothing."""
    reader, text = Reader(), token()
    assert reader.takes(text)
    reader.publish("other")
    reader.clock.time = TIME + MAX_AGE_SECONDS - 1
    assert reader.takes(text)
    reader.clock.time = TIME + MAX_AGE_SECONDS
    assert not reader.takes(text)
    assert reader.takes(token(name="other"))


def test_a_reload_for_an_unknown_key_forgets_the_tokens_of_removed_ones_too() -> None:
    """A token of a new key brings the news that an old one is gone."""
    reader, text = Reader(), token()
    assert reader.takes(text)
    reader.publish("other")
    reader.clock.time = TIME + MIN_RELOAD_SECONDS
    assert reader.takes(token(name="other"))
    assert not reader.takes(text)


def test_what_is_remembered_is_bounded() -> None:
    """A flood of good tokens takes no more room than `MAX_REMEMBERED`; the latest are kept."""
    reader = Reader()
    texts = [token(CLAIMS._replace(jti=str(number))) for number in range(MAX_REMEMBERED + 3)]
    assert all(reader.takes(text) for text in texts)
    assert len(reader.tokens._remembered) == MAX_REMEMBERED
    reader.verified = 0
    assert all(reader.takes(text) for text in texts[3:])
    assert reader.verified == 0
    assert reader.takes(texts[0])
    assert reader.verified == 1


# Unknown keys


def test_a_new_key_is_found_by_the_first_token_of_it() -> None:
    """A token of a key that is not loaded yet is taken after one reload."""
    reader = Reader()
    assert reader.takes(token())
    reader.publish("current", "other")
    reader.clock.time += MIN_RELOAD_SECONDS
    assert reader.takes(token(name="other"))
    assert reader.takes(token())
    assert reader.shelf.reads == 2


@pytest.mark.parametrize(
    "forgery",
    ["a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", token(name="other"), "x" * 9000, "", f"{token()}.{token()}"],
    ids=["letters", "dots", "none", "another key", "long", "empty", "two"],
)
def test_forgeries_cost_no_more_than_a_bounded_reload(forgery: str) -> None:
    """However many tokens are made up, the secret is read at most once in `MIN_RELOAD_SECONDS`."""
    reader = Reader()
    assert reader.takes(token())
    reader.clock.time += MIN_RELOAD_SECONDS
    assert not any(reader.takes(forgery) for _ in range(50))
    assert reader.shelf.reads <= 2
