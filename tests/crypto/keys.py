"""Keys for the tests of tokens: one set for each algorithm, made once."""

from functools import cache
from typing import Any

from keyfob.crypto.generate import new_refresh_jwk, new_signing_jwk
from keyfob.crypto.keys import KeySet
from keyfob.crypto.published import public_half

ALGORITHMS = ("RS256", "ES256", "EdDSA")


def signing_jwk(alg: str, name: str = "current") -> dict[str, Any]:
    """Return a private JWK; each name has its own."""
    return _signing_jwk(alg, name)


@cache
def _signing_jwk(alg: str, name: str) -> dict[str, Any]:
    return {**new_signing_jwk(alg), "kid": f"{alg}-{name}"}


@cache
def refresh_jwk() -> dict[str, Any]:
    """Return a secret JWK."""
    return new_refresh_jwk()


def key_set(alg: str = "RS256", name: str = "current") -> KeySet:
    """Return a key set with one key of each kind."""
    return KeySet(
        {
            "signing": [{"signs_from": 0, "jwk": signing_jwk(alg, name)}],
            "refresh": [{"signs_from": 0, "jwk": refresh_jwk()}],
        }
    )


def jwk_set(alg: str = "RS256", name: str = "current") -> dict[str, Any]:
    """Return the JWK set that is published for `key_set` of the same arguments."""
    return {"keys": [public_half(signing_jwk(alg, name))]}
