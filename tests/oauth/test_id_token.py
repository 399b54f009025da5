"""Reading ID tokens and key sets, without a provider."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter
from keyfob.crypto.base64url import encode
from keyfob.errors import UntrustedIdentity
from keyfob.oauth.id_token import Expected, UnknownKey, read_id_token, read_key_set

NOW = 1_800_000_000
EXPECTED = Expected("https://id.acme.example", "our-id", "the-nonce")
CLAIMS = {"iss": EXPECTED.issuer, "aud": "our-id", "sub": "1", "exp": NOW + 60, "iat": NOW, "nonce": "the-nonce"}
KEY = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
KEYS = read_key_set({"keys": [KEY.as_dict()]})


def signed(claims: dict[str, Any], **header: Any) -> str:
    """Return an ID token by our key."""
    return jwt.encode({"alg": "ES256", "kid": "k1", **header}, claims, KEY)


def read(token: object, keys: KeySet = KEYS) -> dict[str, Any]:
    """Read an ID token."""
    return read_id_token(token, keys, EXPECTED, NOW)


def test_a_good_token_says_its_claims() -> None:
    """All of them are returned."""
    assert read(signed({**CLAIMS, "email": "a@example.com"}))["email"] == "a@example.com"


@pytest.mark.parametrize(("exp", "good"), [(NOW - 59, True), (NOW - 60, False)])
def test_clocks_may_differ_by_a_minute(exp: int, good: object) -> None:
    """A minute after expiry it is over."""
    token = signed({**CLAIMS, "exp": exp})
    if good:
        assert read(token)["exp"] == exp
    else:
        with pytest.raises(UntrustedIdentity, match="exp"):
            read(token)


def test_an_unknown_key_is_told_apart() -> None:
    """It may be newer than what we know, which a forgery is not."""
    other = ECKey.generate_key("P-256", {"kid": "k2"})
    with pytest.raises(UnknownKey):
        read(jwt.encode({"alg": "ES256", "kid": "k2"}, CLAIMS, other))
    with pytest.raises(UntrustedIdentity) as raised:
        read(jwt.encode({"alg": "ES256", "kid": "k1"}, CLAIMS, other))
    assert not isinstance(raised.value, UnknownKey)


def test_a_key_is_not_used_with_another_algorithm() -> None:
    """A public key is no HMAC secret, and its `alg` is the one that it is for."""
    confused = OctKey.import_key(json.dumps(KEY.as_dict()), {"kid": "k1"})
    with pytest.raises(UntrustedIdentity):
        read(jwt.encode({"alg": "HS256", "kid": "k1"}, CLAIMS, confused))
    rsa = RSAKey.generate_key(2048, {"kid": "k1", "alg": "RS256"})
    keys = read_key_set({"keys": [rsa.as_dict()]})
    same = RSAKey.import_key(rsa.as_pem(private=True))
    with pytest.raises(UntrustedIdentity):
        read(jwt.encode({"alg": "RS512", "kid": "k1"}, CLAIMS, same, ["RS512"]), keys)
    assert read(jwt.encode({"alg": "RS256", "kid": "k1"}, CLAIMS, same), keys)


def test_headers_that_nobody_knows_are_no_matter_unless_critical() -> None:
    """As RFC 7515, section 4.1.11, has it."""
    registry = JWSRegistry({"x-ours": HeaderParameter("ours", "int")}, ["ES256"])
    header = {"kid": "k1", "alg": "ES256", "x-ours": 1}
    assert read(jwt.encode(header, CLAIMS, KEY, registry=registry))
    with pytest.raises(UntrustedIdentity):
        read(jwt.encode({**header, "crit": ["x-ours"]}, CLAIMS, KEY, registry=registry))


def test_keys_that_sign_no_id_token_are_left_out() -> None:
    """Symmetric, encrypting, weak, foreign and broken keys are not used, and do no harm to the others."""
    good = KEY.as_dict()
    weak = {"kty": "RSA", "kid": "weak", "n": "x" * 341, "e": "AQAB"}
    others: list[Any] = [
        {"kty": "oct", "kid": "k1", "k": "c2VjcmV0"},
        {**good, "kid": "enc", "use": "enc"},
        {**good, "kid": "curve", "crv": "P-000"},
        {**good, "kid": "point", "x": "AAAA"},
        {**good, "kid": 7},
        {"kty": "AKP", "kid": "pq"},
        weak,
        {"kty": ["RSA"]},
        None,
        "key",
    ]
    assert [key.kid for key in read_key_set({"keys": [*others, good]})] == ["k1"]


def test_private_members_are_not_kept() -> None:
    """Not even those that an issuer shows by mistake."""
    (key,) = read_key_set({"keys": [KEY.as_dict(private=True)]})
    assert not key.is_private


@pytest.mark.parametrize("document", [None, [], {}, {"keys": {}}, {"keys": "k"}], ids=str)
def test_what_is_no_key_set_is_refused(document: object) -> None:
    """A page of HTML that happens to be JSON is not an issuer without keys."""
    with pytest.raises(UntrustedIdentity):
        read_key_set(document)


def test_without_keys_nothing_is_believed() -> None:
    """An empty key set is one, and verifies nothing."""
    with pytest.raises(UntrustedIdentity):
        read(signed(CLAIMS), read_key_set({"keys": []}))


SEGMENTS = st.binary(max_size=40).map(lambda raw: raw.hex()) | st.sampled_from(
    ["", "e30", "W10", "bnVsbA", "eyJhbGciOiJFUzI1NiJ9"]
)
HEADERS = st.fixed_dictionaries(
    {"alg": st.sampled_from(["ES256", "none", "HS256", "RS256", "", "ES256K", 7, None, ["ES256"]])},
    optional={
        "kid": st.none() | st.integers() | st.text(max_size=3) | st.just("k1"),
        "crit": st.just(7),
        "b64": st.sampled_from([False]),
    },
)


@given(st.tuples(SEGMENTS, SEGMENTS, SEGMENTS).map(".".join) | st.text(max_size=60) | st.none() | st.integers())
def test_no_text_is_more_than_refused(token: object) -> None:
    """Whatever comes instead of a token is untrusted, and no fault of ours."""
    with pytest.raises(UntrustedIdentity):
        read(token)


@given(HEADERS)
def test_no_header_is_more_than_refused(header: dict[str, Any]) -> None:
    """Nor does any header help a token with a signature that does not fit it."""
    _, payload, signature = signed(CLAIMS).split(".")
    with pytest.raises(UntrustedIdentity):
        read(f"{encode(json.dumps(header).encode())}.{payload}.{signature}")


def test_reading_is_not_slow() -> None:
    """A token as long as is taken, of nested nonsense, is refused at once."""
    begun = time.monotonic()
    with pytest.raises(UntrustedIdentity):
        read(".".join(["W1tb" * 5000] * 3))
    assert time.monotonic() - begun < 1
