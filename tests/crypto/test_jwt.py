"""Tokens that must not pass (RFC 8725), and those that must."""

import json
from collections.abc import Callable
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from keyfob.crypto import jwt
from keyfob.crypto.base64url import encode
from keyfob.crypto.keys import PublicKeys

from tests.crypto.keys import jwk_set, key_set, signing_jwk

KID = "RS256-current"
CLAIMS = {"sub": "somebody"}
KEYS = PublicKeys.from_json(json.dumps(jwk_set()))
TOKEN = jwt.sign(CLAIMS, key_set().access_signer_at(1))
HEADER, PAYLOAD, SIGNATURE = TOKEN.split(".")


def segment(value: Any) -> str:
    """Return a value as a token's segment."""
    return encode(json.dumps(value, separators=(",", ":")).encode())


def signed(header: dict[str, Any], name: str = "current") -> str:
    """Return a token with this header whose signature is right under the key called `name`."""
    private = pyjwt.PyJWK(signing_jwk("RS256", name)).key
    signing_input = f"{segment(header)}.{PAYLOAD}"
    return f"{signing_input}.{encode(pyjwt.get_algorithm_by_name('RS256').sign(signing_input.encode(), private))}"


def with_hmac(secret: bytes) -> str:
    """Return a token under HS256 with `secret`, and with the header's own `kid`."""
    header = {"alg": "HS256", "kid": KID, "typ": "at+jwt"}
    signing_input = f"{segment(header)}.{PAYLOAD}"
    return f"{signing_input}.{encode(pyjwt.get_algorithm_by_name('HS256').sign(signing_input.encode(), secret))}"


def public_pem() -> bytes:
    """Return the public key as text, which attackers have."""
    key: Any = pyjwt.PyJWK(jwk_set()["keys"][0]).key
    pem: bytes = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


OURS = {"alg": "RS256", "kid": KID, "typ": "at+jwt"}

FORGERIES: dict[str, Callable[[], str]] = {
    "none": lambda: f"{segment({**OURS, 'alg': 'none'})}.{PAYLOAD}.",
    "None": lambda: f"{segment({**OURS, 'alg': 'None'})}.{PAYLOAD}.",
    "NONE with a signature": lambda: f"{segment({**OURS, 'alg': 'NONE'})}.{PAYLOAD}.{SIGNATURE}",
    "no algorithm": lambda: signed({"kid": KID, "typ": "at+jwt"}),
    "HMAC with the public key": lambda: with_hmac(public_pem()),
    "HMAC with the modulus": lambda: with_hmac(jwk_set()["keys"][0]["n"].encode()),
    "HMAC with nothing": lambda: with_hmac(b""),
    "another key": lambda: signed(OURS, "other"),
    "another key by its own name": lambda: signed({**OURS, "kid": "RS256-other"}, "other"),
    "jwk in the header": lambda: signed({**OURS, "jwk": jwk_set(name="other")["keys"][0]}, "other"),
    "jwk in a header that we signed": lambda: signed({**OURS, "jwk": jwk_set()["keys"][0]}),
    "jku": lambda: signed({**OURS, "jku": "https://evil.example/jwks.json"}, "other"),
    "x5u": lambda: signed({**OURS, "x5u": "https://evil.example/cert.pem"}, "other"),
    "x5c": lambda: signed({**OURS, "x5c": ["MIIB"]}, "other"),
    "kid as a path": lambda: signed({**OURS, "kid": "../../../../dev/null"}, "other"),
    "kid as SQL": lambda: signed({**OURS, "kid": "x' UNION SELECT 'key"}, "other"),
    "kid as a list": lambda: signed({**OURS, "kid": [KID]}, "other"),
    "critical extension": lambda: signed({**OURS, "crit": ["b64"], "b64": False}),
    "typ JWT": lambda: signed({**OURS, "typ": "JWT"}),
    "typ of a refresh token": lambda: signed({**OURS, "typ": "rt+jwt"}),
    "no typ": lambda: signed({"alg": "RS256", "kid": KID}),
    "header in another order": lambda: signed({"typ": "at+jwt", "kid": KID, "alg": "RS256"}),
    "no signature": lambda: f"{HEADER}.{PAYLOAD}.",
    "no payload": lambda: f"{HEADER}..{SIGNATURE}",
    "no header": lambda: f".{PAYLOAD}.{SIGNATURE}",
    "another payload": lambda: f"{HEADER}.{segment({'sub': 'another'})}.{SIGNATURE}",
    "two segments": lambda: f"{HEADER}.{PAYLOAD}",
    "four segments": lambda: f"{TOKEN}.{SIGNATURE}",
    "five segments": lambda: f"{HEADER}.a.b.c.{SIGNATURE}",
    "padded": lambda: f"{TOKEN}==",
    "a blank before": lambda: f" {TOKEN}",
    "a line feed behind": lambda: f"{TOKEN}\n",
    "a blank inside": lambda: f"{HEADER}.{PAYLOAD[:5]} {PAYLOAD[5:]}.{SIGNATURE}",
    "not ASCII": lambda: f"{HEADER}.{PAYLOAD}.é{SIGNATURE}",
    "full-width full stops": lambda: TOKEN.replace(".", "\uff0e"),
    "the standard alphabet": lambda: TOKEN.replace("-", "+").replace("_", "/") + "+",
    "oversized": lambda: f"{HEADER}.{'A' * 20_000}.{SIGNATURE}",
    "empty": lambda: "",
    "dots": lambda: "..",
    "JSON serialisation": lambda: json.dumps({"protected": HEADER, "payload": PAYLOAD, "signature": SIGNATURE}),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_no_forgery_passes(forgery: str) -> None:
    """Whatever is not exactly a token of ours is refused."""
    with pytest.raises(jwt.InvalidToken):
        jwt.verify(FORGERIES[forgery](), KEYS)


def test_a_token_of_ours_passes() -> None:
    """The token that the forgeries are made from is good."""
    assert jwt.verify(TOKEN, KEYS) == CLAIMS


def test_a_signature_has_one_text() -> None:
    """Of the texts that decode to the same signature, the canonical one alone passes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(TOKEN[-1])
    for other in alphabet[:last] + alphabet[last + 1 :]:
        with pytest.raises(jwt.InvalidToken):
            jwt.verify(TOKEN[:-1] + other, KEYS)


def test_an_unknown_key_is_told_from_a_bad_signature() -> None:
    """Only a header that no key writes is a reason to look for new keys."""
    with pytest.raises(jwt.UnknownKey):
        jwt.verify(signed({**OURS, "kid": "RS256-other"}, "other"), KEYS)
    with pytest.raises(jwt.InvalidToken) as refused:
        jwt.verify(signed(OURS, "other"), KEYS)
    assert not isinstance(refused.value, jwt.UnknownKey)


@pytest.mark.parametrize("payload", [b"[]", b'"text"', b"1", b"null", b"{", b"\xff", b""])
def test_a_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    """Even under a right signature the claims must be a JSON object."""
    signing_input = f"{HEADER}.{encode(payload)}"
    signature = encode(key_set().access_signer_at(1).sign(signing_input.encode()))
    with pytest.raises(jwt.InvalidToken):
        jwt.verify(f"{signing_input}.{signature}", KEYS)


def test_a_refresh_key_signs_no_access_token() -> None:
    """The two kinds of token have keys of their own, and no verifier takes the other kind."""
    keys = key_set()
    refresh_token = jwt.sign(CLAIMS, keys.refresh_signer_at(1))
    assert jwt.verify(refresh_token, keys.refresh_verifiers) == CLAIMS
    for token, verifiers in ((refresh_token, KEYS), (TOKEN, keys.refresh_verifiers)):
        with pytest.raises(jwt.UnknownKey):
            jwt.verify(token, verifiers)


def test_the_newest_key_that_may_sign_signs() -> None:
    """A key signs from its time until a newer one does."""
    jwks = [{"signs_from": time, "jwk": signing_jwk("ES256", str(time))} for time in (300, 100, 200)]
    keys = type(key_set())({"signing": jwks, "refresh": []})
    names = [keys.access_signer_at(time).header for time in (50, 100, 199, 200, 299, 300, 10_000)]
    expected = [
        segment({"alg": "ES256", "kid": f"ES256-{n}", "typ": "at+jwt"}) for n in (100, 100, 100, 200, 200, 300, 300)
    ]
    assert names == expected
